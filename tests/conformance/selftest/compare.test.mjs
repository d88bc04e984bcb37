/** The comparison must report every difference, once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compareRecordings } from "../compare.mjs";
import { explain, glob, readAccepted } from "../lib/differences.mjs";
import { CookieJar } from "../lib/jar.mjs";
import { kerniaToml, snakeCase } from "../lib/options.mjs";

const step = (label, content) => ({ label, content });

test("equal recordings have no difference", () => {
  const steps = [step("a", { status: 200, body: { x: [1, null] } })];
  assert.deepEqual(compareRecordings(steps, structuredClone(steps)), { differences: [], notes: [] });
});

test("a changed, a missing and an extra member are reported", () => {
  const left = [step("a", { body: { x: 1, y: 2 } })];
  const right = [step("a", { body: { x: 2, z: 3 } })];
  const fields = compareRecordings(left, right).differences.map((d) => d.field);
  assert.deepEqual(fields, ["body.x", "body.y", "body.z"]);
});

test("key order is a note", () => {
  const { differences, notes } = compareRecordings([step("a", { x: 1, y: 2 })], [step("a", { y: 2, x: 1 })]);
  assert.equal(differences.length, 0);
  assert.equal(notes.length, 1);
});

test("a missing step is one difference", () => {
  const { differences } = compareRecordings([step("a", {}), step("b", {})], [step("a", {})]);
  assert.deepEqual(differences, [{ step: "b", field: "(step)", reference: "b", subject: undefined }]);
});

test("repeated labels are numbered", () => {
  const left = [step("a", { status: 1 }), step("a", { status: 1 })];
  const right = [step("a", { status: 1 }), step("a", { status: 2 })];
  assert.equal(compareRecordings(left, right).differences[0].step, "a #2");
});

test("an accepted row explains its difference and nothing else", () => {
  const head = "| id | scenario | step | field | reason |\n|---|---|---|---|---|\n";
  const rows = readAccepted(`${head}| D1 | \`a: *\` | x | \`body.*\` | why |\n`);
  assert.equal(explain(rows, "a: b", { step: "x", field: "body.message" }).id, "D1");
  assert.equal(explain(rows, "b: b", { step: "x", field: "body.message" }), undefined);
  assert.equal(explain(rows, "a: b", { step: "x", field: "status" }), undefined);
  assert.equal(rows[0].used, 1);
});

test("the committed list of differences can be read", () => {
  assert.ok(Array.isArray(readAccepted()));
});

test("globs treat everything but the asterisk literally", () => {
  assert.ok(glob("cookies[*].value", "cookies[0].value"));
  assert.ok(!glob("a.c", "abc"));
});

test("the jar drops expired and foreign cookies", () => {
  const jar = new CookieJar("http://localhost:3000");
  jar.receive(["a=1; Path=/", "b=2; Secure", "c=3; Domain=example.com", "__Secure-d=4", "e=5; Path=/api"]);
  assert.equal(jar.header("/"), "a=1");
  assert.equal(jar.header("/api/auth"), "a=1; e=5");
  jar.receive(["a=; Max-Age=0; Path=/"]);
  assert.equal(jar.header("/"), undefined);
});

test("option names become snake case", () => {
  const names = ["baseURL", "callbackURL", "disableCSRFCheck", "onAPIError", "ipv6Subnet", "emailAndPassword"];
  const expected = ["base_url", "callback_url", "disable_csrf_check", "on_api_error", "ipv6_subnet", "email_and_password"];
  assert.deepEqual(names.map(snakeCase), expected);
});

test("field names keep their case in the configuration", () => {
  const options = { user: { additionalFields: { favoriteColor: { defaultValue: "red" } } }, plugins: { username: {} } };
  const toml = kerniaToml(options, { port: 1, outbox: "/o", mode: "production" });
  assert.match(toml, /\[user\.additional_fields\.favoriteColor\]\ndefault_value = "red"/);
  assert.match(toml, /\[plugins\.username\]/);
});
