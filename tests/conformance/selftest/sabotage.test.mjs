/** A server that differs must be caught, whatever it differs in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compareRecordings } from "../compare.mjs";
import { completeOptions } from "../lib/options.mjs";
import { runGroup } from "../lib/plan.mjs";
import { startReference } from "../reference.mjs";
import { scenario } from "../scenario.mjs";

const tour = scenario("tour", {}, async (s) => {
  await s.signUp("alice");
  await s.get("/get-session", { jar: "alice" });
  await s.post("/sign-in/email", { email: s.email("alice"), password: "short" });
  await s.post("/request-password-reset", { email: s.email("alice") });
});

/** The fields in which a reference with `changes` differs from one without. */
async function fieldsThatDiffer(changes) {
  const options = completeOptions({ session: { cookieCache: { enabled: true } } });
  const group = { setup: { options, mode: "production" }, scenarios: [{ ...tour, options }] };
  const sabotaged = (given, how) => startReference({ ...given, ...changes }, how);
  let fields;
  await runGroup(group, [startReference, sabotaged], (_, left, right) => {
    fields = compareRecordings(left.steps, right.steps).differences.map((d) => d.field);
  });
  return fields;
}

test("an unchanged server does not differ", async () => {
  assert.deepEqual(await fieldsThatDiffer({}), []);
});

test("another cookie name is caught", async () => {
  const fields = await fieldsThatDiffer({ advanced: { cookiePrefix: "other" } });
  assert.ok(fields.includes("cookies[0].name"), fields.join());
});

test("another lifetime is caught in cookie, cache and body", async () => {
  const fields = await fieldsThatDiffer({ session: { expiresIn: 3600, cookieCache: { enabled: true } } });
  assert.ok(fields.includes("cookies[1].attributes"), fields.join());
  assert.ok(fields.includes("cookies[0].value.session.session.expiresAt"), fields.join());
  assert.ok(fields.includes("body.session.expiresAt"), fields.join());
});

test("another form of the cache is caught", async () => {
  const fields = await fieldsThatDiffer({ session: { cookieCache: { enabled: true, strategy: "jwt" } } });
  assert.ok(fields.some((field) => field.startsWith("cookies[0].value")), fields.join());
});

test("another error is caught", async () => {
  const fields = await fieldsThatDiffer({ emailAndPassword: { enabled: true, maxPasswordLength: 3 } });
  assert.ok(fields.includes("status") && fields.includes("body.code"), fields.join());
});
