/** Providers that the options describe: by a discovery document, by their addresses, and by name. */
import { generateKeyPair } from "jose";
import { clientResult } from "../lib/client.mjs";
import { codeFor, signIdToken } from "../lib/fake.mjs";
import { TENANT, claims } from "../lib/fake-profiles.mjs";
import { person, queryOf, signInWith } from "../lib/providers.mjs";
import { scenario } from "../scenario.mjs";

const WELL_KNOWN = ".well-known/openid-configuration";
const credentials = (id) => ({ clientId: `${id}-client`, clientSecret: `${id}: s+cret` });
const openid = (more = {}) => ({ providerId: "idp", ...credentials("idp"), discoveryUrl: `https://idp.example/${WELL_KNOWN}`, ...more });
const plain = (more = {}) => ({
  providerId: "plain",
  ...credentials("plain"),
  authorizationUrl: "https://plain.example/authorize?keep=a%20b&state=old",
  tokenUrl: "https://plain.example/token",
  userInfoUrl: "https://plain.example/me",
  ...more,
});
const generic = (config, more = {}) => ({ ...more, plugins: { "generic-oauth": { config } } });

/** Every provider that there is a name for, and what it needs besides. */
const PRESETS = {
  auth0: { domain: "corp.auth0.example" },
  gumroad: {},
  hubspot: {},
  keycloak: { issuer: "https://keycloak.example/realms/r" },
  line: {},
  "microsoft-entra-id": { tenantId: TENANT.toUpperCase() },
  okta: { issuer: "https://okta.example/oauth2/default/" },
  patreon: {},
  slack: {},
  yandex: {},
};
const preset = (id, more = {}) => ({ preset: id, providerId: id, ...credentials(id), ...PRESETS[id], ...more });

const ALL = {
  idp: openid(),
  plain: plain(),
  // A document of OAuth alone (RFC 8414).
  oauth: { providerId: "oauth", ...credentials("oauth"), discoveryUrl: "https://oauth.example/.well-known/oauth-authorization-server" },
  ...Object.fromEntries(Object.keys(PRESETS).map((id) => [id, preset(id)])),
};
const IDS = Object.keys(ALL);

/** Every option that shows in the address where browsers are sent. */
const RICH = {
  scopes: ["own.one", "own two"],
  redirectURI: "https://app.example/back?x=1&y=2",
  responseType: "code id_token",
  responseMode: "form_post",
  prompt: "select_account consent",
  accessType: "offline",
  pkce: false,
  authorizationUrlParams: { audience: "api", prompt: "mine", scope: "none", state: "none", "z z": "ü&=" },
};

const request = {
  callbackURL: "/in",
  scopes: ["extra", "openid"],
  loginHint: "ada+1@example.com",
  additionalParams: { audience: "mine", more: "1" },
};

async function addresses(s) {
  for (const provider of IDS) {
    await s.post("/sign-in/social", { provider }, { label: `${provider}: plain` });
    await s.post("/sign-in/social", { provider, ...request, disableRedirect: true }, { label: `${provider}: everything` });
  }
}

async function begin(s, provider, { jar = "main", body = {}, path = "/sign-in/social" } = {}) {
  const begun = await s.post(path, { provider, ...body }, { jar, label: `begin ${provider}` });
  const query = queryOf(begun.json.url);
  return { state: query.get("state"), nonce: query.get("nonce") ?? undefined, challenge: query.get("code_challenge") ?? undefined };
}

const back = (s, provider, query, { jar = "main", label } = {}) => s.get(`/callback/${provider}`, { query, jar, label });
const now = () => Math.floor(Date.now() / 1000);
const tokenOf = (who, changes = {}, signing = {}) =>
  signIdToken({ ...claims(who, { iss: "https://idp.example", aud: "idp-client" }), iat: now(), exp: now() + 3600, ...changes }, signing);
const session = (s, jar) => s.get("/get-session", { jar, label: `session of ${jar}` });

export default [
  scenario("addresses", generic(Object.values(ALL)), addresses),
  scenario("addresses: every option", generic(Object.values(ALL).map((config) => ({ ...config, ...RICH }))), addresses),
  scenario("addresses: no scope", generic(Object.values(ALL).map((config) => ({ ...config, scopes: [] }))), addresses),

  ...IDS.map((provider) =>
    scenario(`round trip: ${provider}`, generic(Object.values(ALL)), async (s) => {
      const ada = person(s, "ada", provider === "microsoft-entra-id" ? { claims: { oid: "o-1" } } : {});
      await signInWith(s, provider, ada);
      await session(s, provider);
      const accountId = (await s.get("/list-accounts", { jar: provider })).json?.[0]?.id;
      await s.get("/account-info", { query: { accountId }, jar: provider });
      await s.post("/get-access-token", { accountId }, { jar: provider });
      await s.post("/refresh-token", { accountId }, { jar: provider });
      await s.get("/list-accounts", { jar: provider, label: "accounts after refresh" });
      await signInWith(s, provider, { ...ada, name: "Ada Renamed" });
      await session(s, provider);
      await s.post("/sign-out", { callbackURL: "/bye", state: "s t" }, { jar: provider });
      s.asked();
    }),
  ),

  scenario("what comes back", generic([openid(), plain()]), async (s) => {
    const ada = person(s, "ada");
    const other = await generateKeyPair("RS256");
    const people = {
      "another nonce": { nonce: "another" },
      "no nonce": { claims: { nonce: undefined } },
      "wrong issuer": { claims: { iss: "https://evil.example" } },
      "wrong audience": { claims: { aud: "another" } },
      "several audiences": { claims: { aud: ["another", "idp-client"] } },
      "expired": { claims: { exp: 1_700_000_100 } },
      "no expiry": { claims: { exp: undefined } },
      "no subject": { claims: { sub: undefined } },
      "no address in the token": { claims: { email: undefined } },
      "profile of somebody else": { claims: { email: undefined }, infoSub: "somebody-else" },
      "no ID token": { noIdToken: true },
      "no address at all": { email: undefined },
      "address not verified": { verified: false },
      "address not said to be verified": { verified: "yes" },
      "address said to be verified by text": { verified: "true" },
      "no profile": { noIdToken: true, profile: 500 },
      "refused code": { token: "invalid_grant" },
      "wrong verifier": { challenge: "x" },
    };
    for (const [label, changes] of Object.entries(people)) {
      const who = person(s, label.replaceAll(" ", "-").toLowerCase(), changes);
      const { state, nonce, challenge } = await begin(s, "idp", { jar: label });
      await back(s, "idp", { state, code: codeFor({ nonce, challenge, ...who }) }, { jar: label, label });
      await session(s, label);
    }
    for (const [label, changes] of Object.entries({ "no id": { id: "NaN" }, "no address": { email: undefined }, "not verified": { verified: false } })) {
      const { state, challenge } = await begin(s, "plain", { jar: label });
      await back(s, "plain", { state, code: codeFor({ challenge, ...ada, ...changes }) }, { jar: label, label: `plain: ${label}` });
    }
    const come = async (label, query, page = {}) => {
      const { state, nonce, challenge } = await begin(s, "idp", { jar: label, body: page });
      await back(s, "idp", { state, code: codeFor({ ...ada, nonce, challenge }), ...query }, { jar: label, label });
    };
    await come("right issuer", { iss: "https://idp.example" });
    await come("issuer of another", { iss: "https://evil.example" }, { errorCallbackURL: "/oops" });
    await come("empty issuer", { iss: "" });
    await come("error", { error: "access_denied", error_description: "no" }, { errorCallbackURL: "/oops" });
    s.note("a token of another key", await tokenOf(ada, {}, { key: other.privateKey }).then((token) => token.length > 0));
  }),

  scenario("state in a cookie", generic([openid()], { account: { storeStateStrategy: "cookie" } }), async (s) => {
    await signInWith(s, "idp", person(s, "ada"));
    await session(s, "idp");
  }),

  scenario("documents of no use", generic([
    openid({ providerId: "down", discoveryUrl: "https://odd.example/down" }),
    openid({ providerId: "no-token-endpoint", discoveryUrl: "https://odd.example/no-token-endpoint" }),
    openid({ providerId: "bad-issuer", discoveryUrl: "https://odd.example/bad-issuer" }),
    openid({ providerId: "bad-keys", discoveryUrl: "https://odd.example/bad-keys" }),
    openid({ providerId: "strict", discoveryUrl: "https://odd.example/no-keys", requireIdTokenVerification: true }),
    openid({ providerId: "no-keys", discoveryUrl: "https://odd.example/no-keys" }),
    openid({ providerId: "mended", discoveryUrl: "https://odd.example/no-token-endpoint", tokenUrl: "https://idp.example/token" }),
  ]), async (s) => {
    for (const provider of ["down", "no-token-endpoint", "bad-issuer", "bad-keys", "strict", "nobody"]) {
      await s.post("/sign-in/social", { provider }, { label: provider });
      await s.get(`/callback/${provider}`, { query: { code: "c" }, label: `${provider}: comes back` });
    }
    await signInWith(s, "no-keys", person(s, "ada"));
    await s.post("/sign-in/social", { provider: "no-keys", idToken: { token: await tokenOf(person(s, "ada")) } }, { label: "no ID token without keys" });
    await s.post("/sign-in/social", { provider: "mended" }, { label: "mended" });
  }),

  scenario("nowhere to exchange", generic([plain({ providerId: "tokenless", tokenUrl: undefined })]), async (s) => {
    const { state } = await begin(s, "tokenless");
    await back(s, "tokenless", { state, code: "c" }, { label: "comes back" });
  }),

  scenario("without a nonce", generic([openid({ disableIdTokenNonceBinding: true })]), async (s) => {
    const bound = await begin(s, "idp");
    s.note("nonce", bound.nonce === undefined);
    await back(s, "idp", { state: bound.state, code: codeFor({ ...person(s, "ada"), challenge: bound.challenge }) }, { label: "signed in" });
    const { state, challenge } = await begin(s, "idp");
    await back(s, "idp", { state, code: codeFor({ ...person(s, "ada"), challenge, claims: { aud: "another" } }) }, { label: "wrong audience" });
  }),

  scenario("the token endpoint", generic([
    plain({ providerId: "post" }),
    plain({ providerId: "basic", authentication: "basic" }),
    plain({ providerId: "method", tokenEndpointAuth: { method: "client_secret_basic" } }),
    plain({ providerId: "public", clientSecret: undefined, tokenEndpointAuth: { method: "none" } }),
    plain({ providerId: "secretless", clientSecret: undefined, pkce: false }),
    plain({
      providerId: "rich",
      tokenUrlParams: { code: "mine", resource: "r" },
      refreshTokenParams: { grant_type: "mine", refresh_token: "mine", scope: "narrow" },
      authorizationHeaders: { "X-Key": "k" },
      accessTokenExpiresIn: 120,
    }),
    openid({ discoveryHeaders: { "X-Key": "d" }, accessType: "offline" }),
  ]), async (s) => {
    for (const provider of ["post", "basic", "method", "public", "secretless", "rich", "idp"]) {
      const who = person(s, provider, { expiresIn: 0 });
      await signInWith(s, provider, who);
      const accountId = (await s.get("/list-accounts", { jar: provider })).json?.[0]?.id;
      await s.post("/get-access-token", { accountId }, { jar: provider, label: `${provider}: access token` });
      await s.post("/refresh-token", { accountId }, { jar: provider, label: `${provider}: refresh` });
    }
    s.asked();
  }),

  scenario("id tokens", generic([openid(), plain()]), async (s) => {
    const ada = person(s, "ada");
    const other = await generateKeyPair("RS256");
    const tokens = {
      "good": await tokenOf(ada),
      "old": await tokenOf(ada, { iat: now() - 400_000 }),
      "with nonce": await tokenOf(ada, { nonce: "n" }),
      "other issuer": await tokenOf(ada, { iss: "https://evil.example" }),
      "other audience": await tokenOf(ada, { aud: "other" }),
      "expired": await tokenOf(ada, { exp: now() - 60 }),
      "no subject": await tokenOf(ada, { sub: undefined }),
      "no address": await tokenOf(ada, { email: undefined }),
      "other key": await tokenOf(ada, {}, { key: other.privateKey }),
      "unknown key": await tokenOf(ada, {}, { kid: "other", key: other.privateKey }),
      "opaque": "opaque",
    };
    for (const [label, token] of Object.entries(tokens)) {
      const idToken = { token, accessToken: `at.${codeFor(ada)}`, refreshToken: "r" };
      await s.post("/sign-in/social", { provider: "idp", idToken }, { jar: label, label });
    }
    const nonces = { "right nonce": "n", "wrong nonce": "m" };
    for (const [label, nonce] of Object.entries(nonces)) {
      await s.post("/sign-in/social", { provider: "idp", idToken: { token: tokens["with nonce"], nonce } }, { label });
    }
    await s.post("/sign-in/social", { provider: "plain", idToken: { token: tokens.good } }, { label: "no check is declared" });
    await s.post("/link-social", { provider: "idp", idToken: { token: tokens.good } }, { jar: "good", label: "linked again" });
    await s.get("/list-accounts", { jar: "good" });
    s.asked();
  }),

  scenario("linking", generic([openid(), plain()]), async (s) => {
    const ada = person(s, "ada");
    await s.signUp("ada");
    const link = async (provider, who, label) => {
      const { state, nonce, challenge } = await begin(s, provider, { path: "/link-social", jar: "ada", body: { callbackURL: "/linked", scopes: ["extra"] } });
      await back(s, provider, { state, code: codeFor({ ...who, nonce, challenge }) }, { jar: "ada", label });
    };
    await link("idp", ada, "linked");
    await link("plain", person(s, "eve"), "another address");
    await link("plain", ada, "linked too");
    const accounts = (await s.get("/list-accounts", { jar: "ada" })).json;
    await s.post("/unlink-account", { accountId: accounts[1].id }, { jar: "ada" });
    await s.post("/sign-out", undefined, { jar: "ada", label: "sign out" });
  }),

  scenario("signing out", generic([
    openid({ postLogoutRedirectURI: "/usual" }),
    plain({ endSessionEndpoint: "https://plain.example/out" }),
    openid({ providerId: "quiet", disableProviderLogout: true }),
    plain({ providerId: "nowhere" }),
  ]), async (s) => {
    const bodies = { "no body": undefined, "usual page": {}, "own page": { callbackURL: "https://evil.example" }, "own path": { callbackURL: "/out?x=1", state: "s" }, "told": { disableRedirect: true, state: "s" } };
    for (const provider of ["idp", "plain", "quiet", "nowhere"]) {
      for (const [label, body] of Object.entries(bodies)) {
        await signInWith(s, provider, person(s, provider));
        await s.post("/sign-out", body, { jar: provider, label: `${provider}: ${label}` });
      }
    }
    await s.post("/sign-out", {}, { jar: "nobody", label: "nobody" });
    await s.signUp("with-a-password");
    await s.post("/sign-out", {}, { jar: "with-a-password", label: "with a password" });
  }),

  scenario("who may sign up", generic([openid({ disableSignUp: true }), plain({ disableImplicitSignUp: true }), openid({ providerId: "verified", requireEmailVerification: true }), plain({ providerId: "fresh", overrideUserInfo: true })], {
    emailVerification: { sendVerificationEmail: true },
  }), async (s) => {
    await signInWith(s, "idp", person(s, "ada"), { body: { requestSignUp: true } });
    await signInWith(s, "plain", person(s, "ada"));
    await signInWith(s, "plain", person(s, "ada"), { body: { requestSignUp: true, newUserCallbackURL: "/new" } });
    await s.post("/sign-in/social", { provider: "idp", idToken: { token: await tokenOf(person(s, "bob")) } }, { label: "id token" });
    await signInWith(s, "verified", person(s, "cy", { verified: false }));
    await s.message("to the new user");
    await signInWith(s, "fresh", person(s, "dan"));
    await signInWith(s, "fresh", person(s, "dan", { name: "Dan Renamed", image: "https://img.example/d.png" }));
    await session(s, "fresh");
  }),

  scenario("begun by the provider", generic([openid({ allowIdpInitiated: true }), plain({ allowIdpInitiated: true, scopes: ["a"] }), openid({ providerId: "strict" })]), async (s) => {
    for (const provider of ["idp", "plain", "strict"]) {
      const sent = await back(s, provider, { code: "theirs" }, { label: `${provider}: without a state` });
      await back(s, provider, { code: "" }, { label: `${provider}: no code` });
      await back(s, provider, { code: "c", state: "" }, { label: `${provider}: empty state` });
      await s.request({ method: "POST", path: `/callback/${provider}`, form: { code: "theirs" }, label: `${provider}: by form` });
      if (provider === "strict") continue;
      const query = queryOf(sent.headers.location);
      const who = person(s, provider, { nonce: query.get("nonce") ?? undefined, challenge: query.get("code_challenge") });
      await back(s, provider, { state: query.get("state"), code: codeFor(who) }, { label: `${provider}: signed in` });
      await session(s, "main");
    }
  }),

  scenario("in the place of another", generic([plain({ providerId: "github" })], { socialProviders: { github: credentials("github") } }), async (s) => {
    await signInWith(s, "github", person(s, "ada"));
    await session(s, "github");
  }),

  scenario("microsoft entra id", generic([preset("microsoft-entra-id")]), async (s) => {
    const people = {
      "no oid": { claims: { oid: undefined } },
      "no address": { email: undefined, claims: { oid: "o-1" } },
      "profile of somebody else": { infoSub: "x", claims: { oid: "o-2", name: undefined, picture: undefined } },
      "names apart": { claims: { oid: "o-3", name: undefined, given_name: "Ada", familyname: "King", email_verified: "true" } },
      "wrong audience": { claims: { oid: "o-4", aud: "another" } },
      "no ID token": { noIdToken: true },
    };
    for (const [label, changes] of Object.entries(people)) {
      await signInWith(s, "microsoft-entra-id", person(s, label.replaceAll(" ", "-").toLowerCase(), changes), { jar: label });
      await session(s, label);
      const accountId = (await s.get("/list-accounts", { jar: label })).json?.[0]?.id;
      if (accountId) await s.get("/account-info", { query: { accountId }, jar: label, label: `profile: ${label}` });
    }
  }),

  scenario("the official client", generic([openid()]), async (s) => {
    const client = s.client();
    const begun = clientResult(await client.signIn.social({ provider: "idp", callbackURL: "/in", disableRedirect: true }));
    const query = queryOf(begun.data.url);
    const who = person(s, "ada", { nonce: query.get("nonce"), challenge: query.get("code_challenge") });
    await back(s, "idp", { state: query.get("state"), code: codeFor(who) });
    const accounts = clientResult(await client.listAccounts());
    const accountId = accounts.data[0].id;
    s.note("account info", clientResult(await client.accountInfo({ query: { accountId } })));
    s.note("refresh token", clientResult(await client.refreshToken({ accountId })));
    s.note("signed out", clientResult(await client.signOut()));
  }),
];
