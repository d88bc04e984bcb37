/**
 * Starts the reference as a child process.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startFake } from "./lib/fake.mjs";
import { SECRET, callsOthers } from "./lib/options.mjs";
import { releaseArguments } from "./lib/satellites.mjs";
import { freePort, launch, waitUntilReady } from "./lib/process.mjs";

const PRELOAD = fileURLToPath(new URL("./lib/redirect-fetch.mjs", import.meta.url));
const ENTRY = fileURLToPath(new URL("./reference-server.mjs", import.meta.url));

/**
 * Starts one reference server. `options` are complete options as JSON;
 * `database` is a SQLite file or a URL (a private in-memory database when
 * absent), `secondary` a part of Redis; `mode` becomes NODE_ENV. Resolves to `{ name, port, outbox, log, stop }`.
 */
export async function startReference(options, { mode = "production", bridge = "node", database, secondary } = {}) {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), "conformance-reference-"));
  const outbox = join(directory, "outbox.jsonl");
  const file = join(directory, "options.json");
  writeFileSync(outbox, "");
  writeFileSync(file, JSON.stringify({ options, port, database, secondary, outbox, bridge }));
  const env = { PATH: process.env.PATH, NODE_ENV: mode, BETTER_AUTH_SECRET: SECRET, BETTER_AUTH_TELEMETRY: "0" };
  const fake = callsOthers(options) ? await startFake({ tls: false }) : undefined;
  if (fake) env.FAKE_PROVIDERS = JSON.stringify({ port: fake.port, hosts: fake.hosts });
  const server = launch(process.execPath, [...releaseArguments(options), ...(fake ? ["--import", PRELOAD] : []), ENTRY, file], env);
  await waitUntilReady(server, { port, options }, "reference");
  const stop = async () => {
    await server.stop();
    await fake?.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { name: "reference", port, outbox, log: server.log, asked: fake?.asked, stop };
}
