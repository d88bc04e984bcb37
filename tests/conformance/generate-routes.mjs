/**
 * Writes routes.json: every HTTP route of the reference's core and of the
 * plugins compared here, asked from the reference itself.
 */
import { writeFileSync } from "node:fs";
import { betterAuth } from "better-auth";
import { BASE_URL, SECRET } from "./lib/options.mjs";
import { PLUGINS } from "./lib/plugins.mjs";
import { SATELLITES } from "./satellites/plugins.mjs";

const base = { baseURL: BASE_URL, secret: SECRET, logger: { disabled: true } };
const core = routesOf(betterAuth(base), "core");
const known = new Set(core.map(keyOf));
const added = [
  ...Object.entries(PLUGINS).flatMap(([id, plugin]) => routesOf(betterAuth({ ...base, plugins: [plugin({})] }), id)),
  ...Object.entries(SATELLITES).flatMap(([id, plugin]) => routesOf({ api: plugin({}).endpoints }, id)),
].filter((route) => !known.has(keyOf(route)));

const routes = [...core, ...added];
writeFileSync(new URL("./routes.json", import.meta.url), `[\n${routes.map((r) => `  ${JSON.stringify(r)}`).join(",\n")}\n]\n`);
console.log(`${routes.length} routes`);

function routesOf(auth, group) {
  return Object.entries(auth.api).flatMap(([name, { path, options }]) => {
    // Endpoints without a path are callable in process only.
    if (!path) return [];
    return [options.method].flat().map((method) => ({ group, method, path, name }));
  });
}

function keyOf({ method, path }) {
  return `${method} ${path}`;
}
