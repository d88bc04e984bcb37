/**
 * Runs every scenario against the reference and against kernia and compares
 * what they put on the wire.
 *
 *   node run.mjs [--database memory|sqlite|postgres|mariadb] [--secondary [--sessions both]]
 *                [--reference-only] [--filter TEXT] [--notes] [--print] [--verbose]
 *
 * Both servers get a fresh database of the kind that --database names, and
 * with --secondary a part of Redis, where sessions and one-time values then
 * are; with --sessions both they are in the database too.
 *
 * --reference-only compares the reference with a second copy of itself, which
 * must give no difference: it proves that the normalization hides nothing that
 * varies and invents nothing that does not.
 *
 * Exit code 1 on an unexplained difference, an uncovered route, a scenario
 * that stopped, or a row of docs/differences.md that explains nothing.
 */
import { parseArgs } from "node:util";
import { compareRecordings } from "./compare.mjs";
import { startKernia } from "./kernia.mjs";
import { freshPlace } from "./lib/backend.mjs";
import { Coverage } from "./lib/coverage.mjs";
import { explain, readAccepted } from "./lib/differences.mjs";
import { forEachLimited, groupByServer, loadScenarios, runGroup } from "./lib/plan.mjs";
import { startReference } from "./reference.mjs";

const { values: flags } = parseArgs({
  options: {
    database: { type: "string", default: "memory" },
    secondary: { type: "boolean", default: false },
    sessions: { type: "string", default: "secondary" },
    "reference-only": { type: "boolean", default: false },
    filter: { type: "string" },
    notes: { type: "boolean", default: false },
    print: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});
const alone = flags["reference-only"];
const whole = flags.filter === undefined;
const subject = alone ? "reference (second)" : "kernia";

/** With secondary storage, the options that keep a copy in the database. */
const KEPT_IN_BOTH = { session: { storeSessionInDatabase: true }, verification: { storeInDatabase: true } };

// Some differences are there only where sessions are in secondary storage alone.
const inSecondaryOnly = flags.secondary && flags.sessions !== "both";
const applies = ({ id }) => inSecondaryOnly || !id.startsWith("secondary-");
const accepted = alone ? [] : readAccepted().filter(applies);
const coverage = new Coverage();
const totals = { passed: 0, failed: 0, accepted: 0, scenarios: 0, broken: 0, notes: 0 };

const scenarios = await loadScenarios(flags.filter, flags.sessions === "both" ? KEPT_IN_BOTH : {});
const starters = [startReference, alone ? startReference : startKernia].map(inFreshPlace);
await forEachLimited(groupByServer(scenarios), 2, async (group) => {
  try {
    await runGroup(group, starters, judge);
  } catch (error) {
    totals.failed += group.scenarios.length;
    totals.broken += group.scenarios.length;
    for (const { name } of group.scenarios) console.log(`FAIL ${name}: servers did not run`);
    console.log(indent(error.message));
  }
});
report();
process.exit(totals.failed === 0 ? 0 : 1);

/** `start`, on a database of its own that goes when the server stops. */
function inFreshPlace(start) {
  return async (options, settings) => {
    const { database, secondary, dispose } = await freshPlace(flags);
    try {
      const server = await start(options, { ...settings, database, secondary });
      return { ...server, stop: () => server.stop().finally(dispose) };
    } catch (error) {
      await dispose();
      throw error;
    }
  };
}

function judge(scenario, left, right) {
  for (const step of left.steps) coverage.add(step);
  const { differences, notes } = compareRecordings(left.steps, right.steps);
  const unexplained = [];
  for (const difference of differences) {
    const row = explain(accepted, scenario.name, difference);
    if (row) totals.accepted += 1;
    else unexplained.push(difference);
  }
  const badSteps = new Set(unexplained.map((d) => d.step)).size;
  // A scenario that stops on the reference is a mistake in the scenario.
  const stopped = left.error !== undefined;
  totals.scenarios += 1;
  totals.notes += notes.length;
  totals.failed += badSteps + (stopped ? 1 : 0);
  totals.passed += left.steps.length - badSteps - (stopped ? 1 : 0);
  const bad = badSteps > 0 || stopped;
  totals.broken += bad ? 1 : 0;
  console.log(`${bad ? "FAIL" : "ok  "} ${scenario.name} (${left.steps.length} steps)`);
  if (flags.print) for (const step of left.steps) console.log(indent(`${step.label}: ${show(step.content)}`));
  if (stopped) console.log(indent(`stopped on the reference: ${left.error.stack}`));
  for (const d of unexplained) console.log(indent(describe(d)));
  if (right.error && !stopped) console.log(indent(`stopped on ${subject}: ${right.error.message}`));
  if (flags.notes) for (const n of notes) console.log(indent(`note, key order: ${describe(n)}`));
  if (flags.verbose && bad) console.log(indent(`log of ${subject}:\n${right.log()}`));
}

function describe({ step, field, reference, subject: other }) {
  return `[${step}] ${field}\n  reference: ${show(reference)}\n  ${subject}: ${show(other)}`;
}

function show(value) {
  return value === undefined ? "(absent)" : JSON.stringify(value);
}

function indent(text) {
  return text.split("\n").map((line) => `     ${line}`).join("\n");
}

function report() {
  if (whole) {
    console.log("\nroutes of the reference, statuses answered");
    for (const line of coverage.table()) console.log(`  ${line}`);
    for (const { method, path } of coverage.missing()) {
      totals.failed += 1;
      console.log(`FAIL no step covers ${method} ${path}`);
    }
    for (const row of accepted.filter((r) => r.used === 0)) {
      totals.failed += 1;
      console.log(`FAIL docs/differences.md: row ${row.id} explains nothing`);
    }
  }
  console.log(`\nscenarios: ${totals.scenarios}, of which ${totals.broken} differ`);
  console.log(`accepted differences: ${totals.accepted}; key order notes: ${totals.notes}`);
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
}
