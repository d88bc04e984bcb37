/**
 * A certified OpenID provider (npm `oidc-provider`) on this machine, and a
 * person who signs in there without asking back. It can be told to lie.
 */
import { createServer } from "node:http";
import { SignJWT, UnsecuredJWT, decodeJwt, exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";
import { CookieJar } from "./jar.mjs";
import { exchange } from "./transport.mjs";

const SCOPES = "openid email profile offline_access";

/** Two keys of the provider: it signs with the first and publishes that one, until it is told otherwise. */
const KEYS = await Promise.all(["a", "b"].map(async (kid) => {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const described = { kid, alg: "RS256", use: "sig" };
  return { kid, privateKey, secret: { ...(await exportJWK(privateKey)), ...described }, open: { ...(await exportJWK(publicKey)), ...described } };
}));

/**
 * Starts a provider that knows `clients` and anybody whose address is given as login hint. Resolves to
 * `{ issuer, port, tokens, lie(how), stop() }`; `tokens` counts the answers of the token endpoint by status. What `lie` can be
 * told: `claims` that ID tokens get besides, how they are signed (`alg`, `key`, `kid`), `idToken: false` for none, what the
 * profile says besides (`userinfo`), and which keys are published (`published`).
 */
export async function startOpenIdProvider(clients) {
  const tokens = [];
  let lies = {};
  let provider;
  const server = createServer((request, response) => {
    if (request.url.startsWith("/oauth2/token")) {
      response.on("finish", () => tokens.push(response.statusCode));
      change(response, (answer) => lied(answer, lies));
    }
    if (request.url.startsWith("/me")) change(response, (answer) => ({ ...answer, ...lies.userinfo }));
    if (request.url.startsWith("/jwks")) change(response, (answer) => (lies.published ? { keys: lies.published.map((at) => KEYS[at].open) } : answer));
    if (request.url.startsWith("/interaction/")) return interact(provider, request, response);
    return provider.callback()(request, response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const issuer = `http://127.0.0.1:${port}`;
  provider = new Provider(issuer, {
    clients,
    jwks: { keys: [KEYS[0].secret] },
    routes: { authorization: "/oauth2/authorize", token: "/oauth2/token" },
    scopes: SCOPES.split(" "),
    claims: { email: ["email", "email_verified"], profile: ["name", "preferred_username", "picture"] },
    // The ID token itself says who somebody is.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ["a key for cookies"] },
    rotateRefreshToken: true,
    findAccount: (_, accountId) => ({ accountId, claims: () => claimsOf(accountId) }),
  });
  const stop = () => new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  });
  return { issuer, port, tokens, lie: (how) => (lies = how), stop };
}

/** Has `how` make another JSON document of what `response` is about to say. */
function change(response, how) {
  const end = response.end.bind(response);
  response.end = (body) => {
    Promise.resolve(how(JSON.parse(body))).then((answer) => {
      const text = JSON.stringify(answer);
      response.setHeader("content-length", Buffer.byteLength(text));
      end(text);
    });
    return response;
  };
}

/** An answer of the token endpoint with another ID token. */
async function lied(answer, { idToken, claims, alg = "RS256", key = 0, kid }) {
  if (answer.id_token === undefined) return answer;
  if (idToken === false) return { ...answer, id_token: undefined };
  if (claims === undefined && alg === "RS256" && key === 0 && kid === undefined) return answer;
  const said = { ...decodeJwt(answer.id_token), ...claims };
  if (alg === "none") return { ...answer, id_token: new UnsecuredJWT(said).encode() };
  const signer = alg === "HS256" ? new TextEncoder().encode(key) : KEYS[key].privateKey;
  const header = { alg, kid: kid ?? KEYS[key]?.kid ?? "a" };
  return { ...answer, id_token: await new SignJWT(said).setProtectedHeader(header).sign(signer) };
}

/** Somebody without an address is called `nobody...`. */
function claimsOf(accountId) {
  const name = accountId.split("@")[0];
  const who = { sub: `subject of ${accountId}`, name, preferred_username: name, picture: `https://img.example/${name}.png` };
  return name.startsWith("nobody") ? who : { ...who, email: accountId, email_verified: !name.startsWith("unverified") };
}

/** Signs in whom the login hint names, and agrees to everything; somebody called `refuses...` agrees to nothing. */
async function interact(provider, request, response) {
  const details = await provider.interactionDetails(request, response);
  const accountId = details.params.login_hint;
  let result;
  if (accountId.startsWith("refuses")) {
    result = { error: "access_denied", error_description: "the person said no" };
  } else if (details.prompt.name === "login") {
    result = { login: { accountId } };
  } else {
    const grant = new provider.Grant({ accountId: details.session.accountId, clientId: details.params.client_id });
    grant.addOIDCScope(details.params.scope);
    result = { consent: { grantId: await grant.save() } };
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

/** Visits `url` as a browser without cookies, and follows it to the first page that is not the provider's. */
export async function visit({ port, issuer }, url) {
  const jar = new CookieJar(issuer);
  let here = url;
  while (here.startsWith(issuer)) {
    const { pathname, search } = new URL(here);
    const cookie = jar.header(pathname);
    const headers = { host: new URL(issuer).host, ...(cookie === undefined ? {} : { cookie }) };
    const answer = await exchange({ port, method: "GET", path: pathname + search, headers });
    jar.receive(answer.setCookies);
    if (answer.headers.location === undefined) throw new Error(`${here}: ${answer.status} ${answer.text.slice(0, 300)}`);
    here = new URL(answer.headers.location, here).href;
  }
  return new URL(here);
}
