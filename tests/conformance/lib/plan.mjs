/**
 * Loading scenarios, grouping them by the server they need, running a group.
 */
import { readdirSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { normalizeRecording } from "../normalize.mjs";
import { Session } from "../scenario.mjs";
import { completeOptions } from "./options.mjs";

const DIRECTORY = new URL("../scenarios/", import.meta.url);

/**
 * Every scenario of scenarios/*.mjs as `{ name, options, mode, bridge, run }`.
 * `common` are options that all of them get.
 */
export async function loadScenarios(filter, common = {}) {
  const found = [];
  for (const file of readdirSync(DIRECTORY).filter((name) => name.endsWith(".mjs")).sort()) {
    const { default: scenarios } = await import(new URL(file, DIRECTORY));
    const area = file.replace(/\.mjs$/, "");
    for (const s of scenarios) {
      found.push({ ...s, name: `${area}: ${s.name}`, options: completeOptions(s.options, common) });
    }
  }
  const names = new Set(found.map((s) => s.name));
  if (names.size !== found.length) throw new Error("two scenarios have the same name");
  return filter === undefined ? found : found.filter((s) => s.name.includes(filter));
}

/** Scenarios with equal options share one pair of servers. */
export function groupByServer(scenarios) {
  const groups = [];
  for (const s of scenarios) {
    const setup = { options: s.options, mode: s.mode, bridge: s.bridge };
    const group = groups.find((g) => isDeepStrictEqual(g.setup, setup));
    if (group) group.scenarios.push(s);
    else groups.push({ setup, scenarios: [s] });
  }
  return groups;
}

/**
 * Starts one server a side, calls `visit(scenario, left, right)` with the
 * normalized recordings of each scenario, and stops the servers.
 */
export async function runGroup({ setup, scenarios }, [startLeft, startRight], visit) {
  const { options, mode, bridge } = setup;
  const started = await Promise.allSettled([startLeft, startRight].map((start) => start(options, { mode, bridge })));
  const servers = started.filter((s) => s.status === "fulfilled").map((s) => s.value);
  try {
    const failed = started.find((s) => s.status === "rejected");
    if (failed) throw failed.reason;
    for (const s of scenarios) {
      const [left, right] = await Promise.all(servers.map((server) => record(s, server)));
      visit(s, left, right);
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** Runs one scenario against one server. An exception ends the recording as a step. */
async function record(s, server) {
  const session = new Session(server, s.name, s.options);
  let error;
  try {
    await s.run(session);
    await session.finish();
  } catch (thrown) {
    error = thrown;
    session.note("scenario stopped", thrown.message);
  }
  return { steps: await normalizeRecording(session.steps), error, log: server.log };
}

/** Runs `work` over `items`, at most `limit` at a time. */
export async function forEachLimited(items, limit, work) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
