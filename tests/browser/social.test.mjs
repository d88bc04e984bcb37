/**
 * Social sign-in as people meet it: a page of one origin, the server at another, a provider at a third, and a browser that decides
 * which cookies go where.
 *
 * `shop.localhost` is a site with two origins; `another.localhost` is another site.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startKernia } from "../conformance/kernia.mjs";
import { startOpenIdProvider, visit } from "../conformance/lib/openid.mjs";
import { completeOptions } from "../conformance/lib/options.mjs";
import { freePort } from "../conformance/lib/process.mjs";
import { openPage, openTolerantPage, startBrowser } from "./lib/browser.mjs";
import { startSite } from "./lib/site.mjs";

const client = {
  client_id: "the-client",
  client_secret: "a secret",
  grant_types: ["authorization_code"],
  response_types: ["code"],
  token_endpoint_auth_method: "client_secret_post",
};
const SESSION = "better-auth.session_token";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** Everything that takes part, with `options` on top of those of the server. */
async function world(t, options = {}) {
  const port = await freePort();
  const server = `http://auth.shop.localhost:${port}`;
  const callback = `${server}/api/auth/callback/paybin`;
  const provider = await startOpenIdProvider([{ ...client, redirect_uris: [callback] }]);
  t.after(() => provider.stop());
  const site = await startSite("core", { modules: "tests/conformance", server });
  t.after(() => site.stop());
  const at = (name) => `http://${name}.localhost:${site.port}`;
  const { client_id: clientId, client_secret: clientSecret } = client;
  const kernia = await startKernia(
    completeOptions({
      baseURL: server,
      trustedOrigins: [at("www.shop"), at("www.another")],
      socialProviders: { paybin: { clientId, clientSecret, issuer: provider.issuer, prompt: "consent" } },
      ...options,
    }),
    { port },
  );
  t.after(() => kernia.stop());
  return { at, server, provider };
}

/** The pages of the site at `home` to which a sign-in leads. */
const places = (home) => ({ callbackURL: `${home}/welcome`, errorCallbackURL: `${home}/sorry` });

/** Leaves for the provider, where whom `loginHint` names signs in, and resolves to where the browser is in the end. */
async function signIn(page, home, loginHint) {
  const wanted = { ...places(home), provider: "paybin", loginHint };
  // The page is gone before the call has ended.
  const left = page.evaluate((body) => void window.client.signIn.social(body), wanted);
  await Promise.all([page.waitForURL((url) => url.origin === home && url.pathname !== "/"), left]);
  return new URL(page.url());
}

test("a page of the same site signs in, is signed in after a reload, and signs out", async (t) => {
  const { at, server } = await world(t);
  const home = at("www.shop");
  const { context, page, call, failures } = await openPage(browser, `${home}/`);
  assert.deepEqual(await call("getSession"), { data: null, error: null });

  assert.equal((await signIn(page, home, "ada@example.com")).href, `${home}/welcome`);
  assert.equal((await call("getSession")).data.user.email, "ada@example.com");
  await page.reload();
  assert.equal((await call("getSession")).data.user.name, "ada");
  const accounts = (await call("listAccounts")).data;
  assert.deepEqual(accounts.map(({ providerId }) => providerId), ["paybin"]);

  const cookie = (await context.cookies(server)).find(({ name }) => name === SESSION);
  assert.deepEqual([cookie.domain, cookie.httpOnly, cookie.sameSite], ["auth.shop.localhost", true, "Lax"]);
  assert.equal(await page.evaluate(() => document.cookie), "");

  assert.deepEqual((await call("signOut")).data, { success: true });
  assert.equal((await call("getSession")).data, null);
  assert.deepEqual(await context.cookies(server), []);
  assert.deepEqual(failures, []);
  await context.close();
});

test("what the provider answers instead comes back to the page", async (t) => {
  const { at } = await world(t);
  const home = at("www.shop");
  for (const [who, error] of [["refuses@example.com", "access_denied"], ["nobody@example.com", "email_not_found"]]) {
    const { context, page, call } = await openPage(browser, `${home}/`);
    const end = await signIn(page, home, who);
    assert.deepEqual([end.pathname, end.searchParams.get("error")], ["/sorry", error]);
    assert.equal((await call("getSession")).data, null);
    await context.close();
  }
});

test("an answer does not sign in another browser", async (t) => {
  const { at, server, provider } = await world(t);
  const home = at("www.shop");
  const eve = await openPage(browser, `${home}/`);
  const wanted = { ...places(home), provider: "paybin", loginHint: "eve@example.com", disableRedirect: true };
  const { url } = (await eve.call("signIn.social", wanted)).data;
  // Eve keeps the provider's answer to herself.
  const answer = (await visit(provider, url)).href;
  assert.ok(answer.startsWith(`${server}/api/auth/callback/`), answer);

  const ada = await openPage(browser, `${home}/`);
  await ada.page.goto(answer);
  assert.equal(ada.page.url(), `${home}/sorry?error=state_mismatch`);
  await ada.page.goto(`${home}/`);
  assert.equal((await ada.call("getSession")).data, null);
  await ada.context.close();

  await eve.page.goto(answer);
  assert.equal(eve.page.url(), `${home}/welcome`);
  assert.equal((await eve.call("getSession")).data.user.email, "eve@example.com");
  await eve.context.close();
});

test("a page of another site is signed in only with cookies that are meant for other sites", async (t) => {
  const lax = await world(t);
  const { context, page, call } = await openPage(browser, `${lax.at("www.another")}/`);
  // The browser keeps no cookie of the answer to the page, so nothing ties it to the sign-in.
  const end = await signIn(page, lax.at("www.another"), "ada@example.com");
  assert.deepEqual([end.pathname, end.searchParams.get("error")], ["/sorry", "state_mismatch"]);
  assert.equal((await call("getSession")).data, null);
  await context.close();

  const attributes = { sameSite: "none", secure: true };
  const meant = await world(t, { advanced: { defaultCookieAttributes: attributes } });
  const home = meant.at("www.another");
  const other = await openTolerantPage(`${home}/`);
  assert.equal((await signIn(other.page, home, "ada@example.com")).href, `${home}/welcome`);
  assert.equal((await other.call("getSession")).data.user.email, "ada@example.com");
  await other.context.close();
});

test("a page that is not trusted learns nothing and starts nothing", async (t) => {
  const { at, server } = await world(t);
  const home = at("www.shop");
  const { context, page } = await openPage(browser, `${home}/`);
  await signIn(page, home, "ada@example.com");
  await page.goto(`${at("evil.shop")}/`);
  // The same site, so the browser sends Ada's cookies along; the answer is kept from the page all the same.
  const tried = await page.evaluate(async (url) => {
    const read = fetch(`${url}/api/auth/get-session`, { credentials: "include" });
    const form = { method: "POST", body: "{}", credentials: "include", headers: { "content-type": "application/json" } };
    const write = fetch(`${url}/api/auth/sign-out`, form);
    return (await Promise.allSettled([read, write])).map(({ status }) => status);
  }, server);
  assert.deepEqual(tried, ["rejected", "rejected"]);
  await page.goto(`${home}/`);
  assert.equal((await page.evaluate(() => window.client.getSession())).data.user.email, "ada@example.com");
  await context.close();
});
