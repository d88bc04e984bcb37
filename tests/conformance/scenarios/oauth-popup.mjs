/** Sign-in in a popup. What is compared of the page is what it tells its opener. */
import { oauthPopupClient } from "better-auth/client/plugins";
import { clientResult } from "../lib/client.mjs";
import { codeFor } from "../lib/fake.mjs";
import { inPage } from "../lib/page.mjs";
import { person, queryOf, signInWith, someProviders } from "../lib/providers.mjs";
import { scenario } from "../scenario.mjs";

const APP = "https://app.example.com";
const options = (github = {}, more = {}) => ({
  trustedOrigins: [APP, "https://*.wild.example"],
  socialProviders: someProviders(["github", "google", "apple"], { github }),
  plugins: { bearer: {}, "oauth-popup": {} },
  ...more,
});

/** What a page tells its opener. */
function told(page) {
  const found = /<script type="application\/json" id="better-auth-oauth-popup">(.*?)<\/script>/s.exec(page.text);
  return found ? JSON.parse(found[1]) : "nothing";
}

async function start(s, query, label, jar = "popup") {
  const given = { provider: "github", popupOrigin: APP, popupNonce: "n-1", ...query };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const answer = await s.get("/oauth-popup/start", { query: present, jar, label });
  if (answer.status === 200) s.note(`told: ${label}`, told(answer));
  return answer;
}

async function back(s, begun, query, label, { jar = "popup", provider = "github" } = {}) {
  const state = queryOf(begun.headers.location).get("state");
  const answer = await s.get(`/callback/${provider}`, { query: { state, ...query }, jar, label });
  s.note(`told: ${label}`, told(answer));
  return answer;
}

const code = (begun, who) => codeFor({ ...who, challenge: queryOf(begun.headers.location).get("code_challenge") ?? undefined });

export default [
  scenario("origins and pages", options(), async (s) => {
    const hostile = [
      "https://evil.example", `${APP}.evil.example`, "http://app.example.com", `${APP}:444`, "*", "", "null", "/", "/path",
      "//app.example.com", "https://app.example.com@evil.example", "javascript:alert(1)",
    ];
    for (const popupOrigin of hostile) await start(s, { popupOrigin }, `origin ${popupOrigin}`);
    for (const popupOrigin of [APP, `${APP}/deep/path`, "https://a.wild.example", "http://localhost:3000"]) {
      await start(s, { popupOrigin }, `trusted origin ${popupOrigin}`, popupOrigin);
    }
    for (const name of ["callbackURL", "errorCallbackURL", "newUserCallbackURL"]) {
      for (const page of ["/in", "", "https://evil.example/<x>", "//evil.example", `${APP}/in`, "javascript:alert(1)"]) {
        await start(s, { [name]: page }, `${name} ${page}`);
      }
    }
    await start(s, { provider: undefined }, "no provider");
    await start(s, { popupOrigin: undefined }, "no origin");
    await start(s, { popupNonce: undefined, provider: "</script>" }, "unknown provider");
  }),

  scenario("there and back", options(), async (s) => {
    const ada = person(s, "ada");
    for (const provider of ["github", "google"]) {
      const begun = await start(s, { provider, callbackURL: "/in", newUserCallbackURL: "/new", scopes: "one,two" }, `begin ${provider}`);
      await back(s, begun, { code: code(begun, ada) }, `signed in with ${provider}`, { provider });
      await s.get("/get-session", { jar: "popup" });
    }
    const again = await start(s, {}, "begin without pages");
    await back(s, again, { code: code(again, ada) }, "signed in without pages");
    const denied = await start(s, { errorCallbackURL: "/oops?x=1" }, "begin for nothing");
    await back(s, denied, { error: "access_denied", error_description: "no & <thanks>" }, "denied");
    const odd = await start(s, {}, "begin for an error");
    await back(s, odd, { code: code(odd, person(s, "bob", { email: undefined })) }, "no address");
    const spent = await start(s, {}, "begin to come twice");
    await back(s, spent, { code: code(spent, ada) }, "once");
    await back(s, spent, { code: code(spent, ada) }, "twice");
    const strange = await start(s, {}, "begin elsewhere");
    await back(s, strange, { code: code(strange, ada) }, "another browser", { jar: "stranger" });
  }),

  scenario("data and sign-up", options({ disableImplicitSignUp: true }), async (s) => {
    const ada = person(s, "ada");
    const refused = await start(s, { requestSignUp: "yes" }, "not asked for");
    await back(s, refused, { code: code(refused, ada) }, "no sign-up");
    const additionalData = JSON.stringify({ callbackURL: "https://evil.example", link: { userId: "x" }, plan: 1 });
    const asked = await start(s, { requestSignUp: "true", additionalData, newUserCallbackURL: "/new" }, "asked for");
    await back(s, asked, { code: code(asked, ada) }, "sign-up");
    for (const [label, odd] of Object.entries({ list: "[1]", number: "5", broken: "{", empty: "" })) {
      await start(s, { additionalData: odd }, `data: ${label}`);
    }
  }),

  scenario("a state in a cookie", options({}, { account: { storeStateStrategy: "cookie" } }), async (s) => {
    const begun = await start(s, { callbackURL: "/in" }, "begin");
    await back(s, begun, { code: code(begun, person(s, "ada")) }, "signed in");
  }),

  scenario("markers", options(), async (s) => {
    const ada = person(s, "ada");
    await start(s, {}, "abandoned", "ada");
    await signInWith(s, "github", ada, { jar: "ada" });
    await start(s, {}, "abandoned again", "ada");
    await s.get("/callback/github", { query: { state: "x", code: "y" }, jar: "ada", label: "error of another flow" });
    const forged = { popupOrigin: "https://evil.example", popupNonce: "" };
    for (const [label, value] of Object.entries({ forged: encodeURIComponent(JSON.stringify(forged)), nonsense: s.sign("nonsense") })) {
      const cookie = `better-auth.oauth_popup=${value}`;
      await s.get("/callback/github", { query: { state: "x", code: "y" }, headers: { cookie }, label: `${label} marker` });
    }
  }),

  scenario("the official client", options(), async (s) => {
    const client = s.client({ plugins: [oauthPopupClient()] });
    const ada = person(s, "ada");
    const result = await inPage(pageOf(s, ada), () => client.signIn.popup({ provider: "github", callbackURL: "/in" }));
    s.note("result", clientResult(result));
    s.note("session", clientResult(await client.getSession()));
    s.note("refused", clientResult(await inPage(pageOf(s, ada), () => client.signIn.popup({ provider: "nobody" }))));
  }),
];

/**
 * A page of this server's origin. A popup that it opens goes to the provider and back in the client's jar, and what its page tells
 * arrives as a message.
 */
function pageOf(s, who) {
  const origin = s.baseUrl;
  const listeners = new Set();
  const visit = async (address, popup) => {
    const query = Object.fromEntries(new URL(address).searchParams);
    // The client's nonce differs from run to run.
    const { popupNonce: nonce } = query;
    const begun = await s.get("/oauth-popup/start", { query: { ...query, popupNonce: "of the client" }, jar: "main", label: "popup: start" });
    const page = begun.status === 200 ? begun : await back(s, begun, { code: code(begun, who) }, "popup: back", { jar: "main" });
    const { targetOrigin, ...data } = told(page);
    for (const listener of listeners) listener({ origin, data: { ...data, nonce } });
    popup.closed = true;
  };
  const page = {
    location: { origin, href: `${origin}/` },
    screenX: 0,
    screenY: 0,
    outerWidth: 1000,
    outerHeight: 800,
    addEventListener: (_, listener) => listeners.add(listener),
    removeEventListener: (_, listener) => listeners.delete(listener),
    open: (address) => {
      const popup = { closed: false, close() {}, focus() {} };
      setTimeout(() => visit(address, popup), 0);
      return popup;
    },
  };
  return Object.assign(page, { self: page, top: page });
}
