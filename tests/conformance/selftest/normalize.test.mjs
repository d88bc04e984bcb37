/** The normalization must hide what may vary and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { forgeJwt, signCookie } from "../lib/forge.mjs";
import { normalizeRecording } from "../normalize.mjs";

const ID = "abcdefghijklmnopqrstuvwxyzABCDEF";
const OTHER = "0123456789abcdefghijklmnopqrstuV";

/** Normalizes bodies as the steps of one recording. */
async function bodies(...values) {
  const at = Date.now();
  const steps = await normalizeRecording(values.map((value) => ({ label: "x", at, value })));
  return steps.map((step) => step.content.value);
}

async function cookies(...setCookies) {
  const response = { status: 200, headers: {}, setCookies, text: "", json: null };
  const [step] = await normalizeRecording([{ label: "x", at: Date.now(), method: "GET", route: "/", response }]);
  return step.content.cookies;
}

test("ids are numbered by first appearance and keep their identity", async () => {
  assert.deepEqual(await bodies({ a: OTHER, b: ID }, ID), [{ a: "<alnum32:1>", b: "<alnum32:2>" }, "<alnum32:2>"]);
});

test("numbering does not depend on key order", async () => {
  const [first] = await bodies({ a: ID, b: OTHER });
  const [second] = await bodies({ b: OTHER, a: ID });
  assert.deepEqual(first, second);
});

test("an id of the wrong length stays visible", async () => {
  assert.deepEqual(await bodies(ID.slice(1)), [ID.slice(1)]);
});

test("a date without milliseconds stays visible", async () => {
  assert.deepEqual(await bodies("2030-01-01T00:00:00Z"), ["2030-01-01T00:00:00Z"]);
});

test("dates become distances", async () => {
  const inFive = new Date(Date.now() + 299_500).toISOString();
  assert.deepEqual(await bodies(new Date().toISOString(), inFive), ["<date now>", "<date now+300s>"]);
});

test("a wrong lifetime shows", async () => {
  const [right, wrong] = await bodies(new Date(Date.now() + 3600e3).toISOString(), new Date(Date.now() + 7200e3).toISOString());
  assert.notEqual(right, wrong);
});

test("a good cookie signature is verified", async () => {
  const [cookie] = await cookies(`sid=${signCookie(ID)}; Path=/; HttpOnly`);
  assert.deepEqual(cookie, { name: "sid", value: "<encoded signed <alnum32:1>>", attributes: "Path=/; HttpOnly" });
});

test("a bad cookie signature shows", async () => {
  const [cookie] = await cookies(`sid=${signCookie(ID, "another secret")}`);
  assert.equal(cookie.value, "<encoded BADLY SIGNED <alnum32:1>>");
});

test("a cookie that is not percent-encoded shows", async () => {
  const [cookie] = await cookies(`sid=${decodeURIComponent(signCookie(ID))}`);
  assert.equal(cookie.value, "<signed <alnum32:1>>");
});

test("attribute order shows", async () => {
  const [one] = await cookies("a=b; Path=/; HttpOnly");
  const [other] = await cookies("a=b; HttpOnly; Path=/");
  assert.notEqual(one.attributes, other.attributes);
});

test("a token is opened inside a link", async () => {
  const [link] = await bodies(`http://localhost:3000/verify?token=${forgeJwt({ email: "a@b.co" })}&x=1`);
  assert.match(link, /"email":"a@b.co","exp":"<seconds now\+3600s>"/);
  assert.match(link, /&x=1$/);
});

test("a token of another secret shows", async () => {
  const [token] = await bodies(forgeJwt({}, { secret: "another secret" }));
  assert.equal(token.kind, "invalid jwt");
});

test("null and a missing member differ", async () => {
  const [withNull, without] = await bodies({ image: null }, {});
  assert.notDeepEqual(withNull, without);
});

test("lists without a promised order are alike, other lists are not", async () => {
  const [one, other] = [{ id: "a", createdAt: "2026-01-01T00:00:00.000Z" }, { id: "b", createdAt: "2026-01-02T00:00:00.000Z" }];
  const answer = async (route, json) => {
    const response = { status: 200, headers: {}, setCookies: [], text: "", json };
    const [step] = await normalizeRecording([{ label: "x", at: 0, method: "GET", route, response }]);
    return step.content.body;
  };
  assert.deepEqual(await answer("/list-accounts", [other, one]), await answer("/list-accounts", [one, other]));
  assert.notDeepEqual(await answer("/elsewhere", [other, one]), await answer("/elsewhere", [one, other]));
});

test("a signature inside a page is no id, whatever it looks like", async () => {
  for (let tries = 0; tries < 400; tries += 1) {
    const id = `${ID.slice(0, 28)}${String(tries).padStart(4, "0")}`;
    const [page, next] = await bodies(`<script>tell("${decodeURIComponent(signCookie(id))}")</script>`, OTHER);
    assert.equal(page, '<script>tell("<signed <alnum32:1>>")</script>');
    assert.equal(next, "<alnum32:2>");
  }
});
