/** Signing in with every provider of the reference, against a fake that plays them all. */
import { exportJWK, exportPKCS8, generateKeyPair } from "jose";
import { PROVIDERS, everyProvider, person, signInWith, someProviders } from "../lib/providers.mjs";
import { scenario } from "../scenario.mjs";

const EVERY = { socialProviders: everyProvider() };

/** Every option that shows in the address where browsers are sent. */
const RICH = {
  socialProviders: everyProvider({
    "*": { scope: ["more.one", "more.two"], prompt: "consent", redirectURI: "https://app.example/back?x=1&y=2", disableDefaultScope: true },
    apple: { appBundleIdentifier: "com.example.app" },
    discord: { scope: ["bot"], permissions: 2048, prompt: "consent" },
    dropbox: { accessType: "offline" },
    facebook: { configId: "config", fields: ["birthday"] },
    gitlab: { issuer: "https://gitlab.example//sub" },
    google: { accessType: "offline", display: "popup", hd: "example.com", includeGrantedScopes: false, clientId: ["first", "second"] },
    cognito: { identityProvider: "Corp" },
    microsoft: { tenantId: "organizations", authority: "https://login.example/" },
    paybin: { issuer: "https://paybin.example" },
    paypal: { environment: "production" },
    reddit: { duration: "permanent" },
    salesforce: { loginUrl: "corp.my.salesforce.com" },
    twitch: { claims: ["email", "preferred_username"] },
    wechat: { lang: "en" },
    zoom: { pkce: false },
  }),
};

const MORE = { ...RICH, socialProviders: everyProvider({
  salesforce: { environment: "sandbox" },
  paypal: { environment: "sandbox" },
  github: { authorizationEndpoint: "https://ghe.example/login?state=old&keep=a%20b" },
  microsoft: { tenantId: "9188040d-6c67-4c5b-b112-36a304b66dad" },
  "*": { scope: [] },
}) };

/** A key in the place of a secret, with the providers whose options take one in the reference. */
const made = await generateKeyPair("RS256", { extractable: true });
const own = { clientSecret: undefined };
const WITH_KEYS = {
  socialProviders: someProviders(["cloudflare", "microsoft", "vercel"], {
    cloudflare: { ...own, privateKeyJwt: { key: JSON.stringify({ ...(await exportJWK(made.privateKey)), kid: "own", alg: "PS256" }) } },
    microsoft: { ...own, privateKeyJwt: { key: await exportPKCS8(made.privateKey), keyId: "named", expiresIn: 60 } },
    vercel: { ...own, privateKeyJwt: { key: await exportPKCS8(made.privateKey), algorithm: "RS512" } },
  }),
};

const request = {
  callbackURL: "/in",
  scopes: ["extra", "with space"],
  loginHint: "ada+1@example.com",
  // In alphabetical order, in which kernia keeps the members of an object.
  additionalParams: { appid: "x", audience: "mine", client_key: "x", include_granted_scopes: "false", owner: "me", prompt: "login", "z z": "ü&=" },
};

async function addresses(s) {
  for (const provider of PROVIDERS) {
    await s.post("/sign-in/social", { provider }, { label: `${provider}: plain` });
    await s.post("/sign-in/social", { provider, ...request, disableRedirect: true }, { label: `${provider}: everything` });
  }
}

export default [
  scenario("addresses", EVERY, addresses),
  scenario("addresses: every option", RICH, addresses),
  scenario("addresses: other options", MORE, addresses),

  scenario("a key in the place of a secret", WITH_KEYS, async (s) => {
    for (const provider of Object.keys(WITH_KEYS.socialProviders)) {
      await signInWith(s, provider, person(s, provider));
      const [account] = (await s.get("/list-accounts", { jar: provider })).json ?? [];
      await s.post("/refresh-token", { accountId: account?.id }, { jar: provider, label: `${provider}: refresh` });
    }
    s.asked();
  }),

  ...PROVIDERS.map((provider) =>
    scenario(`round trip: ${provider}`, EVERY, async (s) => {
      const ada = person(s, "ada");
      await signInWith(s, provider, ada);
      await s.get("/get-session", { jar: provider });
      const accounts = (await s.get("/list-accounts", { jar: provider })).json;
      const accountId = accounts?.[0]?.id;
      await s.get("/account-info", { query: { accountId }, jar: provider });
      await s.post("/get-access-token", { accountId }, { jar: provider });
      await s.post("/refresh-token", { accountId }, { jar: provider });
      await s.get("/list-accounts", { jar: provider, label: "accounts after refresh" });
      await signInWith(s, provider, { ...ada, name: "Ada Renamed" });
      await s.get("/get-session", { jar: provider, label: "session of the second sign-in" });
      s.asked();
    }),
  ),
];
