/**
 * Signs somebody in with every provider, on the reference and on kernia, each with a database of its own, and compares the
 * rows of the user and the account column by column.
 *
 *   node social-rows.mjs [--reference-only]
 */
import { parseArgs } from "node:util";
import Database from "better-sqlite3";
import { decodeJwt } from "jose";
import { startKernia } from "./kernia.mjs";
import { freshPlace } from "./lib/backend.mjs";
import { completeOptions } from "./lib/options.mjs";
import { PROVIDERS, everyProvider, person, signInWith } from "./lib/providers.mjs";
import { startReference } from "./reference.mjs";
import { Session } from "./scenario.mjs";

const { values: flags } = parseArgs({ options: { "reference-only": { type: "boolean", default: false } } });
const options = completeOptions({ socialProviders: everyProvider() });
const starters = [startReference, flags["reference-only"] ? startReference : startKernia];

const [expected, found] = await Promise.all(starters.map(rowsOf));
const totals = { passed: 0, failed: 0 };
for (const provider of PROVIDERS) {
  const [left, right] = [expected, found].map((rows) => rows.get(provider));
  const differences = compare(left, right);
  const whole = left?.user && left?.account;
  if (!whole) differences.unshift("the reference has signed nobody in");
  totals[differences.length === 0 ? "passed" : "failed"] += 1;
  console.log(`${differences.length === 0 ? "ok  " : "FAIL"} ${provider}`);
  for (const line of differences) console.log(`     ${line}`);
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);

/** The user and the account that each provider has led to, on a server of its own. */
async function rowsOf(start) {
  const { database, dispose } = await freshPlace({ database: "sqlite" });
  const server = await start(options, { database });
  const session = new Session(server, "social rows", options);
  for (const provider of PROVIDERS) await signInWith(session, provider, person(session, provider));
  await server.stop();
  const file = new Database(database, { readonly: true });
  const accounts = file.prepare('select * from "account"').all();
  const user = file.prepare('select * from "user" where id = ?');
  const rows = new Map(accounts.map((account) => [account.providerId, { account: plain(account), user: plain(user.get(account.userId)) }]));
  file.close();
  await dispose();
  return rows;
}

/** A row without what no two servers have alike: ids, and moments beyond their form and their distance from the row's beginning. */
function plain(row) {
  const begun = Date.parse(row.createdAt);
  const show = ([column, value]) => {
    if (column === "id" || column === "userId") return [column, typeof value];
    if (column === "idToken" && value) return [column, claimsOf(value)];
    if (/At$/.test(column) && value !== null) return [column, moment(value, begun)];
    return [column, value];
  };
  return Object.fromEntries(Object.entries(row).map(show));
}

function moment(value, begun) {
  const form = typeof value === "string" ? value.replace(/\d/g, "0") : typeof value;
  return `${form}, ${Math.round((Date.parse(value) - begun) / 10_000) * 10} s later`;
}

/** An ID token is of its moment, and carries what its request has drawn. */
function claimsOf(token) {
  const { iat, exp, nonce, ...claims } = decodeJwt(token);
  return { ...claims, lifetime: exp - iat, nonce: typeof nonce };
}

function compare(left = {}, right = {}) {
  return ["user", "account"].flatMap((table) => {
    const [expected, found] = [left[table] ?? {}, right[table] ?? {}];
    const columns = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
    const unequal = columns.filter((column) => JSON.stringify(expected[column]) !== JSON.stringify(found[column]));
    return unequal.map((column) => `${table}.${column}: ${JSON.stringify(expected[column])}, found ${JSON.stringify(found[column])}`);
  });
}
