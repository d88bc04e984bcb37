/**
 * All other servers in one. Of providers it plays the token endpoints, profiles and
 * keys; `fake-guards.mjs` has the rest. A code is the person it stands for, in
 * base64url, and so are the tokens made from it; so the fake remembers nothing
 * and answers both servers alike. It writes down what it was asked.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createPlain } from "node:http";
import { createServer as createTls } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT, decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from "jose";
import { GUARD_HOSTS, asksAboutCaptcha, captcha, range } from "./fake-guards.mjs";
import { DOCUMENTS, KEYS, PROFILES, PROVIDER_HOSTS, TOKEN_ENDPOINTS, claims } from "./fake-profiles.mjs";

const HOSTS = [...PROVIDER_HOSTS, ...GUARD_HOSTS];
const KID = "fake-key";
const keys = await generateKeyPair("RS256", { extractable: true });
const published = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: KID, alg: "RS256", use: "sig" }] };

/** The code that stands for `person`. */
export const codeFor = (person) => Buffer.from(JSON.stringify(person)).toString("base64url");
const personOf = (code) => JSON.parse(Buffer.from(code, "base64url").toString("utf8"));

/** An ID token with these claims, signed as the providers' are. */
export function signIdToken(payload, { kid = KID, alg = "RS256", key = keys.privateKey } = {}) {
  return new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key);
}

/** A certificate for every host, and the authority that made it, for as long as the tests run. */
let certificates;
function certificate() {
  if (certificates) return certificates;
  const directory = mkdtempSync(join(tmpdir(), "conformance-tls-"));
  const at = (name) => join(directory, name);
  const openssl = (...args) => execFileSync("openssl", args, { cwd: directory, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=fake authority");
  openssl("req", ...key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=fake providers");
  writeFileSync(at("names"), `subjectAltName=${HOSTS.map((host) => `DNS:${host}`).join(",")}\n`);
  const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
  openssl("x509", "-req", "-in", "leaf.csr", ...signing, "-out", "leaf.pem");
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  certificates = { ca: at("ca.pem"), key: readFileSync(at("leaf.key")), cert: readFileSync(at("leaf.pem")) };
  return certificates;
}

/**
 * Starts a fake, over TLS or plainly. Resolves to `{ port, ca, hosts, asked(text), stop() }`; `asked` are the
 * requests that were about a person whose address contains `text`, or about something else that does.
 */
export async function startFake({ tls }) {
  const log = [];
  const handle = (request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", async () => {
      const host = request.headers["x-provider-host"] ?? request.headers.host;
      const url = new URL(request.url, `https://${host}`);
      const body = Buffer.concat(chunks).toString("utf8");
      const { status, json, text, person, about } = await answer(request, url, body).catch((error) => ({
        status: 500,
        json: { error: "fake", error_description: error.message },
      }));
      log.push({ about: about ?? person?.email, entry: entry(request, url, body) });
      response.writeHead(status, { "content-type": text === undefined ? "application/json" : "text/plain" });
      response.end(text ?? JSON.stringify(json));
    });
  };
  const server = tls ? createTls(certificate(), handle) : createPlain(handle);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    ca: tls ? certificates.ca : undefined,
    hosts: HOSTS,
    asked: (text) => log.filter(({ about }) => about?.includes(text)).map(({ entry }) => entry),
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}

/** The reference writes `@` as `%40`. */
const placeOf = (url) => `${url.host}${decodeURIComponent(url.pathname)}`;

async function answer(request, url, body) {
  const place = placeOf(url);
  if (asksAboutCaptcha(place)) return captcha(request, body, personOf);
  const passwords = range(place);
  if (passwords) return passwords;
  if (KEYS.has(place)) return { status: 200, json: published };
  if (place in DOCUMENTS) return { status: 200, json: DOCUMENTS[place] };
  const form = new URLSearchParams(body);
  if (place in TOKEN_ENDPOINTS) return token(request, url, place, form);
  const bearer = /^(?:Bearer|OAuth) (.*)$/i.exec(request.headers.authorization ?? "")?.[1];
  const [, asked, named] = /^(.*\/access-tokens)\/(.*)$/.exec(place) ?? [];
  const access = named ?? bearer ?? form.get("access_token") ?? url.searchParams.get("input_token") ?? url.searchParams.get("access_token");
  if (!access?.startsWith("at.")) return { status: 401, json: { error: "invalid_token" } };
  const person = personOf(access.slice(3));
  if (person.profile) return { status: person.profile, json: {}, person };
  const profile = PROFILES[`${request.method} ${asked ?? place}`];
  if (!profile) return { status: 404, json: { error: "no such place", place }, person };
  const app = (url.searchParams.get("access_token") ?? "").split("|")[0];
  return { status: 200, json: profile(person, { query: url.searchParams, app }), person };
}

async function token(request, url, place, form) {
  const parameters = request.method === "GET" ? url.searchParams : form;
  const refreshing = parameters.get("grant_type") === "refresh_token";
  const code = refreshing ? parameters.get("refresh_token").slice(3) : parameters.get("code");
  const person = personOf(code);
  const error = (json, status = 400) => ({ status, json, person });
  if (person.token) return error({ error: person.token });
  if (refreshing && person.noRefresh) return error({ error: "invalid_grant" });
  if (!refreshing && person.challenge) {
    const challenge = createHash("sha256").update(parameters.get("code_verifier") ?? "").digest("base64url");
    if (challenge !== person.challenge) return error({ error: "invalid_grant", error_description: "code_verifier" });
  }
  const basic = /^Basic (.*)$/.exec(request.headers.authorization ?? "")?.[1];
  const named = basic ? Buffer.from(basic, "base64").toString("utf8").split(":")[0] : undefined;
  const aud = named ?? parameters.get("client_id") ?? parameters.get("appid") ?? parameters.get("client_key");
  // Random parts stay out of tokens, so that both servers get the same.
  const renewed = codeFor({ ...person, challenge: undefined, nonce: undefined, renewed: refreshing || undefined });
  const iss = TOKEN_ENDPOINTS[place];
  const json = {
    access_token: `at.${renewed}`,
    refresh_token: person.keepRefresh && refreshing ? undefined : `rt.${renewed}`,
    token_type: "bearer",
    expires_in: person.expiresIn === 0 ? undefined : (person.expiresIn ?? 3600),
    scope: place.startsWith("api.weixin") ? "snsapi_login,snsapi_more" : person.scope ?? "email profile",
    id_token: iss && !person.noIdToken ? await signIdToken(claims(person, { iss, aud, nonce: person.nonce }), person.signing) : undefined,
    openid: place.startsWith("api.weixin") ? `open-${person.id}` : undefined,
  };
  return { status: 200, json, person };
}

/** What is compared of a request: what it asks and how it proves itself. */
function entry(request, url, body) {
  const type = request.headers["content-type"]?.split(";")[0];
  const form = type === "application/x-www-form-urlencoded";
  return {
    request: `${request.method} ${placeOf(url)}`,
    query: Object.fromEntries(url.searchParams),
    authorization: request.headers.authorization,
    key: request.headers["x-key"],
    padding: request.headers["add-padding"],
    body: form ? showAssertion(hideVerifier(Object.fromEntries(new URLSearchParams(body)))) : type === undefined ? "" : { type, json: shown(url, body) },
  };
}

/** Of other JSON the type says enough. */
const shown = (url, body) => (asksAboutCaptcha(placeOf(url)) ? JSON.parse(body) : undefined);

/** It is random and of its moment; whether it is signed rightly is for the real provider of `openid.mjs` to say. */
function showAssertion(fields) {
  if (fields.client_assertion === undefined) return fields;
  const { jti, iat, exp, ...claims } = decodeJwt(fields.client_assertion);
  const shown = { header: decodeProtectedHeader(fields.client_assertion), claims, jti: typeof jti, lifetime: exp - iat };
  return { ...fields, client_assertion: shown };
}

/** It is random; that it fits the challenge is for the token endpoint to say. */
function hideVerifier(fields) {
  if (fields.code_verifier === undefined) return fields;
  return { ...fields, code_verifier: `<${fields.code_verifier.length} characters>` };
}
