/**
 * The reference and kernia as clients of a real, certified OpenID provider on
 * this machine: whole flows, compared step by step.
 *
 *   node openid.mjs [--reference-only] [--filter TEXT] [--verbose]
 */
import { parseArgs } from "node:util";
import { exportJWK, exportPKCS8, generateKeyPair } from "jose";
import { compareRecordings } from "./compare.mjs";
import { startKernia } from "./kernia.mjs";
import { freshPlace } from "./lib/backend.mjs";
import { startOpenIdProvider, visit } from "./lib/openid.mjs";
import { completeOptions } from "./lib/options.mjs";
import { normalizeRecording } from "./normalize.mjs";
import { startReference } from "./reference.mjs";
import { exchange } from "./lib/transport.mjs";
import { Session } from "./scenario.mjs";

const { values: flags } = parseArgs({
  options: {
    "reference-only": { type: "boolean", default: false },
    filter: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});
const totals = { passed: 0, failed: 0 };

/** A provider that both servers know, and one that is described to them. */
const KNOWN = "paybin";
const DESCRIBED = "op";

const client = {
  client_id: "the-client",
  client_secret: "a secret: with + and %",
  redirect_uris: [KNOWN, DESCRIBED].map((id) => `http://localhost:3000/api/auth/callback/${id}`),
  post_logout_redirect_uris: ["http://localhost:3000/bye"],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  token_endpoint_auth_method: "client_secret_post",
};

/** Keys by which the application can prove itself in the place of its secret: as JWK, and as PEM. The provider knows both. */
const made = await Promise.all(["RS256", "ES256"].map((alg) => generateKeyPair(alg, { extractable: true })));
const known = await Promise.all(made.map(({ publicKey }, at) => exportJWK(publicKey).then((key) => ({ ...key, kid: `key-${at}` }))));
const KEYS = {
  jwk: { key: JSON.stringify({ ...(await exportJWK(made[0].privateKey)), kid: "key-0", alg: "RS256" }) },
  pem: { key: await exportPKCS8(made[1].privateKey), keyId: "key-1", algorithm: "ES256" },
  unknown: { key: await exportPKCS8((await generateKeyPair("ES256", { extractable: true })).privateKey), keyId: "key-1", algorithm: "ES256" },
};

/** What the provider knows of an application that has `key`, and of one that has a secret. */
function registered(key, alg) {
  if (key === undefined) return client;
  const { client_secret: _, ...rest } = client;
  return { ...rest, token_endpoint_auth_method: "private_key_jwt", token_endpoint_auth_signing_alg: alg, jwks: { keys: known } };
}

/** From the sign-in to the provider and back, at most until the callback that the provider names. */
async function away(s, who, { jar = who, path = "/sign-in/social", body = {}, email = s.email(who) } = {}) {
  const step = { jar, label: `begin ${who}` };
  const begun = await s.post(path, { provider: s.as, callbackURL: "/in", loginHint: email, ...body }, step);
  return visit(s.provider, begun.json.url);
}

/** Follows the provider's answer to the server, which must then send the browser to `to`. */
async function back(s, url, { jar, label, to = "/in", change = {} }) {
  const query = { ...Object.fromEntries(url.searchParams), ...change };
  const answer = await s.get(`/callback/${s.as}`, { query, jar, label });
  const expected = to.startsWith("/") ? to : `http://localhost:3000/api/auth/error?error=${to}`;
  if (!answer.headers.location?.startsWith(expected)) throw new Error(`${label}: ${answer.headers.location}, not ${expected}`);
  return answer;
}

const account = async (s, jar) => (await s.get("/list-accounts", { jar })).json?.[0];

const FLOWS = {
  "code with PKCE": async (s) => {
    const url = await away(s, "ada");
    s.note("what the provider says", [...url.searchParams.keys()].sort());
    await back(s, url, { jar: "ada", label: "signed in" });
    await s.get("/get-session", { jar: "ada" });
    await back(s, await away(s, "ada", { jar: "later" }), { jar: "later", label: "known user" });
  },
  "refresh with rotation": async (s) => {
    await back(s, await away(s, "ada", { body: { scopes: ["offline_access"] } }), { jar: "ada", label: "signed in" });
    const { id: accountId } = await account(s, "ada");
    for (const label of ["first refresh", "second refresh"]) {
      const { status, json } = await s.post("/refresh-token", { accountId }, { jar: "ada", label });
      if (status !== 200 || !json.refreshToken) throw new Error(`${label}: ${status}`);
    }
    await s.get("/account-info", { query: { accountId }, jar: "ada" });
    await s.post("/get-access-token", { accountId }, { jar: "ada" });
  },
  "answers of the provider": async (s) => {
    await back(s, await away(s, "refuses"), { jar: "refuses", label: "the person says no", to: "access_denied" });
    await back(s, await away(s, "nobody"), { jar: "nobody", label: "no address", to: "email_not_found" });
    await back(s, await away(s, "unverified"), { jar: "unverified", label: "address not verified" });
    await s.get("/get-session", { jar: "unverified" });
  },
  "codes that are not this browser's": async (s) => {
    const [ada, eve] = [await away(s, "ada"), await away(s, "eve")];
    await back(s, eve, { jar: "ada", label: "somebody else's answer", to: "state_mismatch" });
    const code = eve.searchParams.get("code");
    await back(s, ada, { jar: "ada", label: "somebody else's code", to: "invalid_code", change: { code } });
    await back(s, eve, { jar: "eve", label: "eve's own code, which was no use to ada" });
    const bob = await away(s, "bob");
    await back(s, bob, { jar: "bob", label: "right" });
    const again = await away(s, "bob", { jar: "again" });
    await back(s, again, { jar: "again", label: "a code that was used", to: "invalid_code", change: { code: bob.searchParams.get("code") } });
  },
  "linking": async (s) => {
    await s.signUp("ada");
    await back(s, await away(s, "ada", { path: "/link-social" }), { jar: "ada", label: "linked" });
    await s.get("/list-accounts", { jar: "ada" });
    await back(s, await away(s, "ada", { path: "/link-social", email: s.email("eve") }), { jar: "ada", label: "another address", to: "email_does_not_match" });
  },
};

/** A provider that lies: whether somebody is signed in, or what the error page is told. */
const lie = (label, how, to = "unable_to_get_user_info") => async (s) => {
  s.provider.lie(how);
  const jar = label.replaceAll(" ", "-");
  await back(s, await away(s, "ada", { jar }), { jar, label, to });
  await s.get("/get-session", { jar });
};
const HOUR = 3600;
const now = () => Math.floor(Date.now() / 1000);

const LIES = {
  "wrong issuer": [{ claims: { iss: "https://evil.example" } }],
  "wrong audience": [{ claims: { aud: "another" } }],
  "one of several audiences": [{ claims: { aud: ["another", "the-client"] } }, "/in"],
  "expired": [{ claims: { exp: now() - 60 } }],
  "no expiry": [{ claims: { exp: undefined } }],
  "not yet valid": [{ claims: { nbf: now() + HOUR } }],
  "no subject": [{ claims: { sub: undefined } }],
  "nonce of another request": [{ claims: { nonce: "another" } }],
  "no nonce": [{ claims: { nonce: undefined } }],
  "no algorithm": [{ alg: "none" }],
  "the client secret as key": [{ alg: "HS256", key: client.client_secret }],
  "another key under the same name": [{ key: 1, kid: "a" }],
  "a key that nobody knows": [{ key: 1 }],
  "no ID token": [{ idToken: false }, "/in"],
  "a profile of somebody else": [{ claims: { email: undefined }, userinfo: { sub: "somebody else" } }],
};

/** For the provider that is described only. */
const MORE_FLOWS = {
  ...Object.fromEntries(Object.entries(LIES).map(([label, [how, to]]) => [`lies: ${label}`, lie(label, how, to)])),
  "issuer of the callback": async (s) => {
    await back(s, await away(s, "ada"), { jar: "ada", label: "another", to: "issuer_mismatch", change: { iss: "https://evil.example" } });
    const url = await away(s, "ada");
    s.note("named by the provider", url.searchParams.get("iss") === s.provider.issuer);
    await back(s, url, { jar: "ada", label: "its own" });
  },
  "keys are rotated": async (s) => {
    // Both keys are known before the new one is used; then the old one is gone.
    s.provider.lie({ published: [0, 1] });
    await back(s, await away(s, "ada", { jar: "old" }), { jar: "old", label: "signed with the old key" });
    s.provider.lie({ key: 1, published: [1] });
    await back(s, await away(s, "ada", { jar: "new" }), { jar: "new", label: "signed with the new key" });
  },
  "keys are replaced": async (s) => {
    s.provider.lie({ key: 1, published: [1] });
    await back(s, await away(s, "ada"), { jar: "ada", label: "signed with the only key" });
  },
  "signing out there too": async (s) => {
    await back(s, await away(s, "ada"), { jar: "ada", label: "signed in" });
    const out = await s.post("/sign-out", { callbackURL: "/bye", state: "s" }, { jar: "ada" });
    const page = await exchangeWith(s.provider, out.json.url);
    s.note("the provider asks whether to sign out", [page.status, page.text.includes("/session/end/confirm")]);
  },
};

/** For the provider that is described, where the application has a key. */
const KEY_FLOWS = [
  ["JWK", KEYS.jwk, "RS256"],
  ["PEM", KEYS.pem, "ES256"],
].flatMap(([kind, key, alg]) => ["code with PKCE", "refresh with rotation"].map((name) => [`key as ${kind}: ${name}`, FLOWS[name], DESCRIBED, key, alg]));

async function unknownKey(s) {
  await back(s, await away(s, "ada"), { jar: "ada", label: "a key of somebody else", to: "invalid_code" });
}

async function exchangeWith({ port, issuer }, url) {
  const { pathname, search } = new URL(url);
  return exchange({ port, method: "GET", path: pathname + search, headers: { host: new URL(issuer).host } });
}

const RUNS = [
  ...Object.entries(FLOWS).map(([name, flow]) => [name, flow, KNOWN]),
  ...Object.entries({ ...FLOWS, ...MORE_FLOWS }).map(([name, flow]) => [`described: ${name}`, flow, DESCRIBED]),
  ...KEY_FLOWS,
  ["key that the provider does not know", unknownKey, DESCRIBED, KEYS.unknown, "ES256"],
];

for (const [name, flow, as, key, alg] of RUNS.filter(([name]) => name.includes(flags.filter ?? ""))) {
  const other = flags["reference-only"] ? startReference : startKernia;
  const [left, right] = await Promise.all([startReference, other].map((start) => record(name, flow, as, start, key, alg)));
  const { differences } = compareRecordings(left.steps, right.steps);
  const bad = new Set(differences.map(({ step }) => step)).size + (left.error ? 1 : 0);
  totals.failed += bad;
  totals.passed += left.steps.length - bad;
  console.log(`${bad === 0 ? "ok  " : "FAIL"} ${name} (${left.steps.length} steps)`);
  for (const { step, field, reference, subject } of differences) {
    console.log(`     [${step}] ${field}\n       reference: ${JSON.stringify(reference)}\n       other:     ${JSON.stringify(subject)}`);
  }
  for (const { error } of [left, right]) if (error) console.log(`     ${error.stack}`);
  if (flags.verbose && bad > 0) console.log(right.log);
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);

/** One flow on one server, with a provider of its own. */
async function record(name, flow, as, start, privateKeyJwt, alg) {
  const provider = await startOpenIdProvider([registered(privateKeyJwt, alg)]);
  const proof = privateKeyJwt ? { privateKeyJwt } : { clientSecret: client.client_secret };
  const credentials = { clientId: client.client_id, ...proof, prompt: "consent" };
  const paybin = { ...credentials, issuer: provider.issuer };
  const discoveryUrl = `${provider.issuer}/.well-known/openid-configuration`;
  const described = { ...credentials, providerId: DESCRIBED, discoveryUrl, scopes: ["openid", "email", "profile"] };
  const chosen = as === KNOWN ? { socialProviders: { paybin } } : { plugins: { "generic-oauth": { config: [described] } } };
  const options = completeOptions(chosen);
  const { database, dispose } = await freshPlace({ database: "memory" });
  const server = await start(options, { database });
  const session = new Session(server, name, options);
  session.provider = provider;
  session.as = as;
  let error;
  try {
    await flow(session);
    session.note("answers of the token endpoint", provider.tokens);
  } catch (thrown) {
    error = thrown;
  }
  await server.stop();
  await provider.stop();
  await dispose();
  return { steps: hideProvider(await normalizeRecording(session.steps), provider), error, log: server.log() };
}

/** Each server has a provider of its own, on a port of its own, whose tokens are its own. */
function hideProvider(steps, { issuer }) {
  const text = JSON.stringify(steps)
    .replaceAll(issuer, "http://provider")
    .replaceAll(encodeURIComponent(issuer), "http://provider")
    .replace(/("(?:accessToken|refreshToken|at_hash|sid)":)"[\w-]+"/g, '$1"<token>"');
  return JSON.parse(text);
}
