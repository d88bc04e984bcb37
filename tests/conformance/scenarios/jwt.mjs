/** The jwt plugin. */
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { jwtClient } from "better-auth/client/plugins";
import { scenario } from "../scenario.mjs";

const ORIGIN = "http://localhost:3000";
const plugin = (jwt) => ({ plugins: { jwt } });

/** Verifies a token with the keys that the server publishes, and notes what came of it. */
async function verified(s, label, token, { issuer = ORIGIN, audience = ORIGIN, path = "/jwks" } = {}) {
  const { json } = await s.get(path, { label: `${label}: keys` });
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(json), { issuer, audience });
  s.note(`${label}: verified`, {
    header: Object.keys(protectedHeader).sort(),
    claims: Object.keys(payload).sort(),
    lifetime: payload.exp - payload.iat,
    about: payload.sub === payload.id,
  });
}

/** A token of a new session, and the one beside `/get-session`, both verified. */
async function tokens(s, expected) {
  await s.signUp("alice");
  const { json } = await s.get("/token", { jar: "alice", label: "token" });
  await verified(s, "token", json.token, expected);
  const { headers } = await s.get("/get-session", { jar: "alice", label: "session" });
  await verified(s, "header", headers["set-auth-jwt"], expected);
}

const algorithms = {
  "EdDSA": { alg: "EdDSA", crv: "Ed25519" },
  "ES256": { alg: "ES256" },
  "ES512": { alg: "ES512" },
  "PS256": { alg: "PS256" },
  "RS256": { alg: "RS256", modulusLength: 2048 },
};

export default [
  scenario("tokens", plugin({}), tokens),

  ...Object.entries(algorithms).map(([name, keyPairConfig]) =>
    scenario(`tokens with ${name}`, plugin({ jwks: { keyPairConfig } }), tokens),
  ),

  scenario("nobody signed in", plugin({}), async (s) => {
    await s.get("/token", { label: "no cookie" });
    await s.get("/token", { headers: { cookie: "better-auth.session_token=x.y" }, label: "bad cookie" });
    await s.post("/token", {}, { label: "wrong method" });
    await s.post("/jwks", {}, { label: "wrong method" });
    await s.get("/get-session", { label: "no session, no header" });
    await s.signUp("alice");
    await s.post("/sign-out", {}, { jar: "alice" });
    await s.get("/token", { jar: "alice", label: "signed out" });
  }),

  scenario("server-only calls have no path", plugin({}), async (s) => {
    for (const path of ["/sign-jwt", "/verify-jwt"]) {
      await s.post(path, { payload: { sub: "x" }, token: "x" }, { label: path });
    }
  }),

  scenario("no header", plugin({ disableSettingJwtHeader: true }), async (s) => {
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice" });
  }),

  scenario("keys elsewhere", plugin({ jwks: { remoteUrl: "https://keys.example/jwks", keyPairConfig: { alg: "ES256" } } }), async (s) => {
    await s.get("/jwks");
    await s.signUp("alice");
    await s.get("/token", { jar: "alice" });
  }),

  scenario("another path", plugin({ jwks: { jwksPath: "/.well-known/jwks.json" } }), async (s) => {
    await s.get("/jwks", { label: "the usual path" });
    await tokens(s, { path: "/.well-known/jwks.json" });
  }),

  scenario("issuer, audience, lifetime", plugin({
    jwt: { issuer: "https://issuer.example", audience: ["https://one.example", "two"], expirationTime: "2 hours" },
  }), (s) => tokens(s, { issuer: "https://issuer.example", audience: "two" })),

  scenario("one audience", plugin({ jwt: { audience: "https://api.example" } }), (s) =>
    tokens(s, { audience: "https://api.example" }),
  ),

  scenario("a key that rotates", plugin({ jwks: { rotationInterval: 2, gracePeriod: 3600 } }), async (s) => {
    await s.signUp("alice");
    const { json: { token } } = await s.get("/token", { jar: "alice", label: "first" });
    const keyOf = (text) => decodeProtectedHeader(text).kid;
    const another = ({ json }) => keyOf(json.token) !== keyOf(token);
    const { json } = await s.until({ method: "GET", path: "/token", jar: "alice", label: "second" }, another);
    await verified(s, "first key", token);
    await verified(s, "second key", json.token);
  }),

  scenario("stored unsealed", plugin({ jwks: { disablePrivateKeyEncryption: true } }), tokens),

  scenario("cached sessions signed with the keys", {
    ...plugin({ sessionCookieCache: true }),
    session: { cookieCache: { enabled: true, strategy: "jwt" } },
  }, async (s) => {
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice", label: "from the cookie" });
    const data = s.jar("alice").get("better-auth.session_data");
    const [header, claims, signature] = data.split(".");
    for (const [label, value] of Object.entries({
      "another signature": `${header}.${claims}.${signature.split("").reverse().join("")}`,
      "no signature": `${header}.${claims}.`,
      "a token of the session": (await s.get("/token", { jar: "alice", label: "token" })).json.token,
    })) {
      s.jar("alice").set("better-auth.session_data", value);
      await s.get("/get-session", { jar: "alice", label: `${label}: read` });
    }
    await s.post("/sign-out", {}, { jar: "alice" });
  }),

  scenario("client", plugin({}), async (s) => {
    const client = s.client({ plugins: [jwtClient()] });
    await client.signUp.email({ email: s.email("alice"), password: "correct horse battery", name: "Alice" });
    const token = await client.token();
    s.note("token", { data: Object.keys(token.data), error: token.error });
    const jwks = await client.jwks();
    s.note("jwks", { data: Object.keys(jwks.data), error: jwks.error });
  }),
];
