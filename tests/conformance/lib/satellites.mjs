/**
 * Plugins with packages of their own (`@better-auth/passkey` and the like) belong to another release of the reference than the one
 * beside this folder. A server that uses one runs with the release in `satellites/` altogether.
 */
import { readFileSync } from "node:fs";

const { dependencies } = JSON.parse(readFileSync(new URL("../satellites/package.json", import.meta.url), "utf8"));
const USE = new URL("../satellites/use.mjs", import.meta.url).href;

/** Whether a server with these options needs that release. */
function needsSatellites({ plugins = {} }) {
  return Object.keys(plugins).some((id) => `@better-auth/${id}` in dependencies);
}

/** What `node` must be given for a process that serves these options with the reference. */
export function releaseArguments(options) {
  return needsSatellites(options) ? ["--import", USE] : [];
}

/** The plugins of that release by id; none where the options need none. */
export async function satellites(options) {
  return needsSatellites(options) ? (await import("../satellites/plugins.mjs")).SATELLITES : {};
}
