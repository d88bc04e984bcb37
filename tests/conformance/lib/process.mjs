/**
 * Starting, watching and ending child processes.
 */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { basePathOf, publicUrl } from "./options.mjs";
import { exchange } from "./transport.mjs";

const LOG_LIMIT = 64 * 1024;

/** Below the ports that systems give to connections, so that none of those takes one that was found free. */
const PORTS = [15_000, 32_000];
const handedOut = new Set();

/** A TCP port that is free, and that nobody else here is told of. */
export async function freePort() {
  for (;;) {
    const port = randomInt(...PORTS);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isFree(port)) return port;
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.on("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/**
 * Spawns `command` and keeps the tail of its output for failure reports.
 * Returns `{ child, log(), exited, stop() }`.
 */
export function launch(command, args, env) {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (chunk) => {
    output = (output + chunk).slice(-LOG_LIMIT);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const exited = new Promise((resolve) => {
    child.on("error", (error) => resolve({ error }));
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    const timer = delay(3000, "late", { ref: false });
    if ((await Promise.race([exited, timer])) === "late") child.kill("SIGKILL");
  };
  return { child, exited, stop, log: () => output };
}

/**
 * Polls `probe` until it returns a value that is neither `undefined` nor
 * `false`. Fails with `what` when `timeoutMs` have passed.
 */
export async function poll(probe, { what, timeoutMs = 5000, everyMs = 15 } = {}) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`timed out after ${timeoutMs} ms: ${what}`);
    await delay(everyMs);
  }
}

/**
 * Waits until the health route answers 200, or reports why the process did
 * not get there. It is asked under the server's public address.
 */
export async function waitUntilReady(server, { port, options }, name) {
  const path = `${basePathOf(options)}/ok`;
  const headers = { host: new URL(publicUrl(options)).host };
  let ended;
  server.exited.then((how) => {
    ended = how;
  });
  const probe = async () => {
    if (ended) throw new Error(`${name} ended before it was ready: ${JSON.stringify(ended)}\n${server.log()}`);
    try {
      return (await exchange({ port, method: "GET", path, headers })).status === 200;
    } catch {
      return false;
    }
  };
  try {
    await poll(probe, { what: `${name} ready at ${path}`, timeoutMs: 30_000, everyMs: 40 });
  } catch (error) {
    await server.stop();
    throw new Error(`${error.message}\n${server.log()}`);
  }
}
