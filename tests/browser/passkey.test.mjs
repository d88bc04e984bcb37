/**
 * Passkeys in a real browser: the official client in a page of `www.shop.localhost`, the server at `auth.shop.localhost`, and the
 * authenticator that Chromium plays (the domain WebAuthn of its DevTools protocol).
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startKernia } from "../conformance/kernia.mjs";
import { completeOptions } from "../conformance/lib/options.mjs";
import { freePort } from "../conformance/lib/process.mjs";
import { openPage, startBrowser } from "./lib/browser.mjs";
import { startSite } from "./lib/site.mjs";

const PASSWORD = "correct horse battery";
const INSIDE = { transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true };

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** A server whose plugin has the options that `choose` makes of the pages' origins, and these pages. */
async function world(t, choose = () => ({})) {
  const port = await freePort();
  const server = `http://auth.shop.localhost:${port}`;
  const site = await startSite("passkey", { modules: "tests/conformance/satellites", server });
  t.after(() => site.stop());
  const at = (name) => `http://${name}.localhost:${site.port}`;
  const complete = completeOptions({
    baseURL: server,
    trustedOrigins: [at("*.shop"), at("www.another")],
    plugins: { passkey: { rpID: "shop.localhost", ...choose(at) } },
  });
  const kernia = await startKernia(complete, { port });
  t.after(() => kernia.stop());
  return { at };
}

/** A page with an authenticator, as `options` have it. */
async function openWith(t, url, options = INSIDE) {
  const opened = await openPage(browser, url);
  t.after(() => opened.context.close());
  const devtools = await opened.context.newCDPSession(opened.page);
  await devtools.send("WebAuthn.enable");
  const added = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", automaticPresenceSimulation: true, ...options },
  });
  const ask = (method, more = {}) => devtools.send(`WebAuthn.${method}`, { authenticatorId: added.authenticatorId, ...more });
  return { ...opened, ask };
}

const signUp = (call, email) => call("signUp.email", { email, password: PASSWORD, name: "Ada" });

/** What went well, or the error. */
function data({ data: value, error }) {
  assert.equal(error, null);
  return value;
}

test("a passkey is made, found without a name, renamed and removed", async (t) => {
  const { at } = await world(t);
  const { call, ask, failures } = await openWith(t, `${at("www.shop")}/`);
  data(await signUp(call, "ada@example.com"));
  const made = data(await call("passkey.addPasskey", { name: "My laptop" }));
  assert.deepEqual([made.name, made.transports, made.counter >= 0], ["My laptop", "internal", true]);
  const { credentials } = await ask("getCredentials");
  assert.deepEqual(credentials.map((kept) => [kept.rpId, kept.isResidentCredential]), [["shop.localhost", true]]);

  data(await call("signOut"));
  const signedIn = data(await call("signIn.passkey"));
  assert.equal(signedIn.user.email, "ada@example.com");
  assert.equal(data(await call("getSession")).session.id, signedIn.session.id);

  const again = await call("passkey.addPasskey", {});
  assert.equal(again.error.code, "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED");
  const renamed = data(await call("passkey.updatePasskey", { id: made.id, name: "Old laptop" }));
  assert.equal(renamed.passkey.name, "Old laptop");
  assert.deepEqual(data(await call("passkey.listUserPasskeys")).map(({ name }) => name), ["Old laptop"]);
  data(await call("passkey.deletePasskey", { id: made.id }));
  data(await call("signOut"));
  assert.equal((await call("signIn.passkey")).error.code, "PASSKEY_NOT_FOUND");
  assert.deepEqual(failures, []);
});

test("a key without memory and without a PIN is enough", async (t) => {
  const { at } = await world(t);
  const plain = { transport: "usb", hasResidentKey: false, hasUserVerification: false };
  const { call, ask } = await openWith(t, `${at("www.shop")}/`, plain);
  data(await signUp(call, "ada@example.com"));
  const made = data(await call("passkey.addPasskey", {}));
  assert.deepEqual([made.transports, made.deviceType], ["usb", "singleDevice"]);
  // Who is signed in is told which keys will do, so the key need not remember.
  assert.equal(data(await call("signIn.passkey")).user.email, "ada@example.com");
  const counters = async () => (await ask("getCredentials")).credentials.map(({ signCount }) => signCount);
  assert.deepEqual(await counters(), [data(await call("passkey.listUserPasskeys"))[0].counter]);
});

test("a copy of a key that was used meanwhile is refused", async (t) => {
  const { at } = await world(t);
  const { call, ask } = await openWith(t, `${at("www.shop")}/`);
  data(await signUp(call, "ada@example.com"));
  data(await call("passkey.addPasskey", {}));
  const [copy] = (await ask("getCredentials")).credentials;
  data(await call("signIn.passkey"));
  data(await call("signIn.passkey"));
  await ask("clearCredentials");
  await ask("addCredential", { credential: copy });
  data(await call("signOut"));
  assert.equal((await call("signIn.passkey")).error.code, "AUTHENTICATION_FAILED");
  assert.equal((await call("getSession")).data, null);
});

test("the browser offers passkeys in a field", async (t) => {
  const { at } = await world(t);
  const { page, call } = await openWith(t, `${at("www.shop")}/`);
  data(await signUp(call, "ada@example.com"));
  data(await call("passkey.addPasskey", {}));
  data(await call("signOut"));
  await page.reload();
  assert.equal(await page.evaluate(() => PublicKeyCredential.isConditionalMediationAvailable()), true);
  assert.equal(data(await call("signIn.passkey", { autoFill: true })).user.email, "ada@example.com");
});

test("a person who is not verified is refused where that is required", async (t) => {
  const { at } = await world(t, () => ({ authenticatorSelection: { userVerification: "required" } }));
  const { call, ask } = await openWith(t, `${at("www.shop")}/`);
  data(await signUp(call, "ada@example.com"));
  await ask("setUserVerified", { isUserVerified: false });
  assert.notEqual((await call("passkey.addPasskey", {})).error, null);
  assert.deepEqual(data(await call("passkey.listUserPasskeys")), []);
  await ask("setUserVerified", { isUserVerified: true });
  data(await call("passkey.addPasskey", {}));
});

test("a page of another domain cannot use the passkeys", async (t) => {
  const { at } = await world(t);
  const { call } = await openWith(t, `${at("www.another")}/`);
  // The browser itself refuses, whatever the server answers.
  assert.equal((await call("signIn.passkey")).error.code, "ERROR_INVALID_RP_ID");
});

test("pages are told apart where the options name one", async (t) => {
  const { at } = await world(t, (origin) => ({ origin: [origin("www.shop")] }));
  const other = await openWith(t, `${at("other.shop")}/`);
  data(await signUp(other.call, "eve@example.com"));
  assert.equal((await other.call("passkey.addPasskey", {})).error.code, "FAILED_TO_VERIFY_REGISTRATION");
  const named = await openWith(t, `${at("www.shop")}/`);
  data(await signUp(named.call, "ada@example.com"));
  data(await named.call("passkey.addPasskey", {}));
});
