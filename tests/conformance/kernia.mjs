/**
 * Starts `kernia serve` as a child process.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startFake } from "./lib/fake.mjs";
import { SECRET, callsOthers, kerniaToml } from "./lib/options.mjs";
import { freePort, launch, waitUntilReady } from "./lib/process.mjs";

const CANDIDATES = ["../../target/debug/kernia", "../../target/release/kernia"];

/** Path of the binary: `KERNIA_BIN`, else the debug build, else the release build. */
export function kerniaBinary() {
  if (process.env.KERNIA_BIN) return process.env.KERNIA_BIN;
  const paths = CANDIDATES.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = paths.find((path) => existsSync(path));
  if (!found) throw new Error(`no kernia binary: build it, or set KERNIA_BIN (looked at ${paths.join(", ")})`);
  return found;
}

/**
 * Starts one kernia server from the options the reference gets, at `given` port or a free one.
 * Same result shape as `startReference`.
 */
export async function startKernia(options, { mode = "production", database, secondary, port: given } = {}) {
  const port = given ?? (await freePort());
  const directory = mkdtempSync(join(tmpdir(), "conformance-kernia-"));
  const outbox = join(directory, "outbox.jsonl");
  const file = join(directory, "kernia.toml");
  writeFileSync(outbox, "");
  const fake = callsOthers(options) ? await startFake({ tls: true }) : undefined;
  writeFileSync(file, kerniaToml(options, { port, database, secondary, outbox, mode, fake }));
  const env = { PATH: process.env.PATH, BETTER_AUTH_SECRET: SECRET };
  // For `kernia-through`, which serves the same behind a framework.
  if (process.env.KERNIA_FRAMEWORK) env.KERNIA_FRAMEWORK = process.env.KERNIA_FRAMEWORK;
  const server = launch(kerniaBinary(), ["serve", "--config", file], env);
  await waitUntilReady(server, { port, options }, "kernia");
  const stop = async () => {
    await server.stop();
    await fake?.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { name: "kernia", port, outbox, log: server.log, asked: fake?.asked, stop };
}
