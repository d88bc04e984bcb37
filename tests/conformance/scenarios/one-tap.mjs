/** Google's One Tap. */
import { generateKeyPair } from "jose";
import { oneTapClient } from "better-auth/client/plugins";
import { clientResult } from "../lib/client.mjs";
import { signIdToken } from "../lib/fake.mjs";
import { claims } from "../lib/fake-profiles.mjs";
import { inPage } from "../lib/page.mjs";
import { person, someProviders } from "../lib/providers.mjs";
import { scenario } from "../scenario.mjs";

const options = (plugin = {}, google = {}, more = {}) =>
  ({ socialProviders: someProviders(["google", "github"], { google }), plugins: { "one-tap": plugin }, ...more });

const now = () => Math.floor(Date.now() / 1000);
const token = (who, changes = {}, signing = {}) =>
  signIdToken({ ...claims(who, { iss: "https://accounts.google.com", aud: "google-client" }), iat: now(), exp: now() + 3600, ...changes }, signing);

const tap = (s, idToken, label, { jar = "ada", more = {} } = {}) =>
  s.post("/one-tap/callback", { idToken, ...more }, { jar, label });

export default [
  scenario("tokens", options(), async (s) => {
    const ada = person(s, "ada");
    const other = await generateKeyPair("RS256");
    const tokens = {
      "good": await token(ada),
      "again": await token(ada),
      "short issuer": await token(ada, { iss: "accounts.google.com" }),
      "several audiences": await token(ada, { aud: ["other", "google-client"] }),
      "other issuer": await token(ada, { iss: "https://evil.example" }),
      "other audience": await token(ada, { aud: "other" }),
      "expired": await token(ada, { exp: now() - 60 }),
      "too old": await token(ada, { iat: now() - 4000 }),
      "no subject": await token(ada, { sub: undefined }),
      "empty subject": await token(ada, { sub: "" }),
      "other key": await token(ada, {}, { key: other.privateKey }),
      "unknown key": await token(ada, {}, { kid: "other", key: other.privateKey }),
      "no address": await token(ada, { email: undefined }),
      "empty address": await token(ada, { email: "" }),
      "no name": await token(person(s, "bob"), { name: undefined, picture: undefined }),
      "verified as text": await token(person(s, "cy"), { email_verified: "true" }),
      "nonsense": "x.y.z",
      "opaque": "opaque",
      "empty": "",
    };
    for (const [label, idToken] of Object.entries(tokens)) await tap(s, idToken, label);
    await s.get("/get-session", { jar: "ada" });
    await s.get("/list-accounts", { jar: "ada" });
    await s.post("/one-tap/callback", {}, { label: "no token" });
    await s.post("/one-tap/callback", { idToken: 5 }, { label: "token of wrong type" });
    await s.post("/one-tap/callback", undefined, { label: "no body" });
    for (const callbackURL of ["/in", "https://evil.example", "//evil.example", 5]) {
      await tap(s, tokens.good, `to ${callbackURL}`, { more: { callbackURL } });
    }
  }),

  scenario("linking", options(), async (s) => {
    await s.signUp("ada");
    await tap(s, await token(person(s, "ada")), "not proven here", { jar: "tap" });
    await tap(s, await token(person(s, "bob", { verified: false })), "not proven there", { jar: "bob" });
    await s.get("/get-session", { jar: "bob" });
    await tap(s, await token(person(s, "bob")), "proven", { jar: "bob" });
    await s.get("/get-session", { jar: "bob" });
    await tap(s, await token(person(s, "bob", { name: "Bob Renamed" })), "renamed", { jar: "bob" });
    await s.get("/get-session", { jar: "bob" });
  }),

  scenario("hosted domain", options({}, { hd: "example.org" }), async (s) => {
    await tap(s, await token(person(s, "ada")), "without");
    await tap(s, await token(person(s, "ada"), { hd: "evil.example" }), "another");
    await tap(s, await token(person(s, "ada"), { hd: "example.org" }), "this one");
  }),

  scenario("sign-up off", options({ disableSignup: true }), async (s) => {
    await tap(s, await token(person(s, "ada")), "by the plugin");
  }),

  scenario("sign-up off at the provider", options({}, { disableSignUp: true }), async (s) => {
    await tap(s, await token(person(s, "ada")), "by the provider");
  }),

  scenario("implicit sign-up off", options({}, { disableImplicitSignUp: true }), async (s) => {
    await tap(s, await token(person(s, "ada")), "a tap");
  }),

  scenario("user info is replaced", options({}, { overrideUserInfoOnSignIn: true }), async (s) => {
    await tap(s, await token(person(s, "ada")), "first");
    await tap(s, await token(person(s, "ada"), { name: "Ada King", picture: undefined }), "second");
    await s.get("/get-session", { jar: "ada" });
  }),

  scenario("verification required", options({}, { requireEmailVerification: true }), async (s) => {
    await tap(s, await token(person(s, "ada", { verified: false })), "not verified");
    await tap(s, await token(person(s, "ada")), "verified");
    await tap(s, await token(person(s, "ada")), "verified again");
  }),

  scenario("clients of its own", options({ clientId: ["one", "two"] }), async (s) => {
    await tap(s, await token(person(s, "ada")), "the provider's");
    await tap(s, await token(person(s, "ada"), { aud: "two" }), "its own");
  }),

  scenario("without google", { socialProviders: someProviders(["github"]), plugins: { "one-tap": {} } }, async (s) => {
    await tap(s, await token(person(s, "ada")), "no client");
  }),

  scenario("without google, with a client", { socialProviders: someProviders(["github"]), plugins: { "one-tap": { clientId: "one" } } }, async (s) => {
    await tap(s, await token(person(s, "ada"), { aud: "one" }), "its own");
    await tap(s, await token(person(s, "ada")), "another's");
    await s.get("/get-session", { jar: "ada" });
  }),

  scenario("the official client", options(), async (s) => {
    const idToken = await token(person(s, "ada"));
    const client = s.client({ plugins: [oneTapClient({ clientId: "google-client" })] });
    const page = pageOf(idToken);
    await inPage(page, () => client.oneTap({ callbackURL: "/in" }));
    s.note("went to", page.location.href ?? null);
    s.note("session", clientResult(await client.getSession()));
  }),
];

/** A page with Google's script, and somebody who taps at once. */
function pageOf(credential) {
  let tapped;
  const id = { initialize: (given) => (tapped = given.callback), prompt: () => tapped({ credential }) };
  return { document: {}, googleScriptInitialized: true, location: {}, google: { accounts: { id } } };
}
