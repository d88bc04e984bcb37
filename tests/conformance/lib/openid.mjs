/**
 * A certified OpenID provider (npm `oidc-provider`) on this machine, and a
 * person who signs in there without asking back.
 */
import { createServer } from "node:http";
import { Provider } from "oidc-provider";
import { CookieJar } from "./jar.mjs";
import { exchange } from "./transport.mjs";

const SCOPES = "openid email profile offline_access";

/**
 * Starts a provider that knows `clients` and anybody whose address is given as login hint. Resolves to
 * `{ issuer, port, tokens, stop() }`; `tokens` counts the answers of the token endpoint by status.
 */
export async function startOpenIdProvider(clients) {
  const tokens = [];
  let provider;
  const server = createServer((request, response) => {
    if (request.url.startsWith("/oauth2/token")) response.on("finish", () => tokens.push(response.statusCode));
    if (request.url.startsWith("/interaction/")) return interact(provider, request, response);
    return provider.callback()(request, response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const issuer = `http://127.0.0.1:${port}`;
  provider = new Provider(issuer, {
    clients,
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
  return { issuer, port, tokens, stop };
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
