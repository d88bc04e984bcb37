/** One flow, with everything that can go wrong in it. */
import { generateKeyPair } from "jose";
import { codeFor, signIdToken } from "../lib/fake.mjs";
import { claims } from "../lib/fake-profiles.mjs";
import { person, queryOf, signInWith, someProviders } from "../lib/providers.mjs";
import { clientResult } from "../lib/client.mjs";
import { PASSWORD, scenario } from "../scenario.mjs";

const SOME = ["github", "google", "discord", "apple", "line", "facebook", "microsoft", "vercel", "reddit", "spotify"];
const options = (more = {}, providers = {}) => ({ socialProviders: someProviders(SOME, providers), ...more });

async function begin(s, provider, { jar = "main", body = {}, label = `begin ${provider}`, path = "/sign-in/social" } = {}) {
  const begun = await s.post(path, { provider, ...body }, { jar, label });
  const query = queryOf(begun.json.url);
  return { state: query.get("state"), challenge: query.get("code_challenge") ?? undefined };
}

const back = (s, provider, query, { jar = "main", label } = {}) => s.get(`/callback/${provider}`, { query, jar, label });

/** An ID token of Google's for somebody. */
const now = () => Math.floor(Date.now() / 1000);
const googleToken = (who, changes = {}, signing = {}) =>
  signIdToken({ ...claims(who, { iss: "https://accounts.google.com", aud: "google-client" }), iat: now(), exp: now() + 3600, ...changes }, signing);
const signedIn = (s, jar) => s.get("/get-session", { jar, label: `session of ${jar}` });

export default [
  scenario("what comes back", options(), async (s) => {
    const ada = person(s, "ada");
    const pages = { callbackURL: "/in?a=1#b", errorCallbackURL: "/oops?x=1", newUserCallbackURL: "/welcome" };
    const answers = {
      "error": { error: "access_denied", error_description: "no & thanks" },
      "error without text": { error: "access_denied" },
      "nothing": {},
      "empty code": { code: "" },
      "refused code": { code: codeFor({ ...ada, token: "invalid_grant" }) },
      "wrong verifier": { code: codeFor({ ...ada, challenge: "x" }) },
      "no profile": { code: codeFor({ ...ada, profile: 500 }) },
      "no subject": { code: codeFor({ ...ada, id: "" }) },
      "no address": { code: codeFor({ ...ada, email: undefined }) },
    };
    for (const provider of ["github", "google"]) {
      for (const [label, answer] of Object.entries(answers)) {
        if (provider === "github" && label === "no subject") continue;
        for (const body of [{}, pages]) {
          const { state } = await begin(s, provider, { body });
          const told = body === pages ? "own page" : "usual page";
          await back(s, provider, { state, ...answer }, { label: `${provider}: ${label}, ${told}` });
        }
      }
    }
    const { state, challenge } = await begin(s, "github", { body: pages });
    const query = { state, code: codeFor({ ...ada, challenge }) };
    await back(s, "github", query, { jar: "stranger", label: "another browser" });
    await back(s, "github", query, { label: "new user" });
    await back(s, "github", query, { label: "the same again" });
    await signedIn(s, "main");
    await signInWith(s, "github", ada, { jar: "main", body: pages });
    await back(s, "nobody", { state: (await begin(s, "github")).state, code: "x" }, { label: "unknown provider" });
    await s.request({ method: "POST", path: "/callback/apple?state=q", form: { code: "a b", state: "s", user: "{}" }, label: "form" });
  }),

  scenario("answer for another provider", options(), async (s) => {
    const ada = person(s, "ada");
    const { state } = await begin(s, "github");
    await back(s, "spotify", { state, code: codeFor({ ...ada, challenge: undefined }) }, { label: "mixed up" });
  }),

  scenario("apple by form", options(), async (s) => {
    const ada = person(s, "ada");
    const { state } = await begin(s, "apple");
    const form = { code: codeFor(ada), state, user: JSON.stringify({ name: { firstName: "Ada", lastName: "King" }, email: ada.email }) };
    const sent = await s.request({ method: "POST", path: "/callback/apple", form, label: "form" });
    await s.get("/callback/apple", { query: Object.fromEntries(queryOf(sent.headers.location)), jar: "main", label: "as GET" });
    await signedIn(s, "main");
  }),

  scenario("implicit linking", options(), async (s) => {
    for (const who of ["ada", "bob"]) await s.signUp(who);
    await signInWith(s, "github", person(s, "ada"), { jar: "g1" });
    await signInWith(s, "github", person(s, "bob", { verified: false }), { jar: "g2" });
    await signInWith(s, "github", person(s, "cy", { verified: false }), { jar: "g3" });
    await signedIn(s, "g3");
    await signInWith(s, "github", person(s, "cy", { id: "99", verified: true }), { jar: "g4" });
    await signInWith(s, "github", person(s, "cy"), { jar: "g5" });
    await signedIn(s, "g5");
    await signInWith(s, "spotify", person(s, "cy"), { jar: "g6" });
    await signInWith(s, "google", person(s, "cy", { name: "Cy Renamed" }), { jar: "g7" });
    await signedIn(s, "g7");
    await s.get("/list-accounts", { jar: "g7" });
  }),

  scenario("linking: local address need not be verified", options({
    account: { accountLinking: { requireLocalEmailVerified: false, trustedProviders: ["spotify"], updateUserInfoOnLink: true } },
  }), async (s) => {
    await s.signUp("ada");
    await signInWith(s, "spotify", person(s, "ada"), { jar: "trusted" });
    await signedIn(s, "trusted");
    await signInWith(s, "github", person(s, "ada"), { jar: "verified" });
    await signedIn(s, "verified");
    await s.get("/list-accounts", { jar: "verified" });
  }),

  ...[{ enabled: false }, { disableImplicitLinking: true }].map((accountLinking) =>
    scenario(`linking: ${JSON.stringify(accountLinking)}`, options({ account: { accountLinking } }), async (s) => {
      await signInWith(s, "github", person(s, "ada"), { jar: "ada" });
      await signInWith(s, "google", person(s, "ada"), { jar: "again" });
      const { state, challenge } = await begin(s, "google", { path: "/link-social", jar: "ada" });
      await back(s, "google", { state, code: codeFor({ ...person(s, "ada"), challenge }) }, { jar: "ada", label: "linked by hand" });
      await s.get("/list-accounts", { jar: "ada" });
    }),
  ),

  scenario("link-social", options(), async (s) => {
    await s.post("/link-social", { provider: "github" }, { label: "nobody" });
    await s.signUp("ada");
    await s.post("/link-social", { provider: "nobody" }, { jar: "ada", label: "unknown provider" });
    const pages = { callbackURL: "/linked", errorCallbackURL: "/oops", scopes: ["extra"], disableRedirect: true, additionalData: { callbackURL: "https://evil.example", plan: 1 } };
    const link = async (provider, who, label, jar = "ada") => {
      const { state, challenge } = await begin(s, provider, { path: "/link-social", jar, body: pages });
      return back(s, provider, { state, code: codeFor({ ...who, challenge }) }, { jar, label });
    };
    await link("github", person(s, "ada"), "linked");
    await link("github", person(s, "ada", { scope: "email more" }), "linked again");
    await link("github", person(s, "eve"), "another address");
    await link("spotify", person(s, "ada"), "not verified");
    await link("github", person(s, "ada", { email: undefined, id: "77" }), "no address");
    await s.get("/list-accounts", { jar: "ada" });
    await s.signUp("bob");
    await link("github", person(s, "ada", { email: s.email("bob") }), "somebody else's", "bob");
    const { state, challenge } = await begin(s, "google", { path: "/link-social", jar: "ada", body: pages });
    const cookies = s.jar("ada").header("/api/auth/callback/google");
    await s.post("/sign-out", {}, { jar: "ada", label: "sign out meanwhile" });
    await s.get("/callback/google", { query: { state, code: codeFor({ ...person(s, "ada"), challenge }) }, headers: { cookie: cookies }, label: "after the session" });
    await s.signIn("ada");
    await s.get("/list-accounts", { jar: "ada", label: "nothing more" });
  }),

  scenario("link-social: other addresses", options({ account: { accountLinking: { allowDifferentEmails: true, updateUserInfoOnLink: true } } }), async (s) => {
    await s.signUp("ada");
    const { state, challenge } = await begin(s, "github", { path: "/link-social", jar: "ada" });
    await back(s, "github", { state, code: codeFor({ ...person(s, "eve"), challenge }) }, { jar: "ada", label: "linked" });
    await signedIn(s, "ada");
    const accounts = (await s.get("/list-accounts", { jar: "ada" })).json;
    await s.post("/unlink-account", { accountId: accounts[1].id }, { jar: "ada" });
  }),

  scenario("sign-up off", options({}, { github: { disableSignUp: true }, google: { disableImplicitSignUp: true }, discord: { disableImplicitSignUp: true } }), async (s) => {
    await signInWith(s, "github", person(s, "ada"), { body: { requestSignUp: true } });
    await signInWith(s, "google", person(s, "ada"));
    await signInWith(s, "google", person(s, "ada"), { body: { requestSignUp: true, newUserCallbackURL: "/new" } });
    await signInWith(s, "google", person(s, "ada"));
    await signInWith(s, "discord", person(s, "bob"), { body: { requestSignUp: false } });
    const idToken = { token: await googleToken(person(s, "cy")) };
    await s.post("/sign-in/social", { provider: "google", idToken }, { label: "id token" });
    await s.post("/sign-in/social", { provider: "google", idToken, requestSignUp: true }, { label: "id token, asked" });
  }),

  scenario("user info is replaced", options({ account: { updateAccountOnSignIn: false } }, { github: { overrideUserInfoOnSignIn: true } }), async (s) => {
    const ada = person(s, "ada");
    await signInWith(s, "github", ada, { jar: "first" });
    await signInWith(s, "github", { ...ada, name: "Ada King", image: "https://img.example/b.png", email: s.email("ada-king"), verified: false }, { jar: "second" });
    await signedIn(s, "second");
    await s.get("/list-accounts", { jar: "second" });
  }),

  scenario("verification required", options({ emailVerification: { sendVerificationEmail: true, sendOnSignIn: true } }, { github: { requireEmailVerification: true } }), async (s) => {
    const ada = person(s, "ada", { verified: false });
    await signInWith(s, "github", ada, { body: { callbackURL: "/in?x=1" } });
    await s.message("to the new user");
    await signInWith(s, "github", ada);
    await s.message("at the next sign-in");
    await signInWith(s, "github", { ...ada, verified: true });
    await signedIn(s, "github");
  }),

  scenario("id tokens", options(), async (s) => {
    const ada = person(s, "ada");
    const other = await generateKeyPair("RS256");
    const send = (idToken, label, provider = "google", more = {}) =>
      s.post("/sign-in/social", { provider, idToken, callbackURL: "/in", ...more }, { jar: "ada", label });
    const tokens = {
      "good": await googleToken(ada),
      "short issuer": await googleToken(ada, { iss: "accounts.google.com" }),
      "with nonce": await googleToken(ada, { nonce: "n" }),
      "several audiences": await googleToken(ada, { aud: ["other", "google-client"] }),
      "other issuer": await googleToken(ada, { iss: "https://evil.example" }),
      "other audience": await googleToken(ada, { aud: "other" }),
      "expired": await googleToken(ada, { exp: now() - 60 }),
      "too old": await googleToken(ada, { iat: now() - 4000 }),
      "from the future": await googleToken(ada, { iat: now() + 600 }),
      "no subject": await googleToken(ada, { sub: undefined }),
      "other key": await googleToken(ada, {}, { key: other.privateKey }),
      "unknown key": await googleToken(ada, {}, { kid: "other", key: other.privateKey }),
      "no address": await googleToken(ada, { email: undefined }),
      "nonsense": "x.y.z",
      "opaque": "opaque",
      "empty": "",
    };
    for (const [label, token] of Object.entries(tokens)) await send({ token }, label);
    const unsigned = [{ alg: "none" }, JSON.parse(Buffer.from(tokens.good.split(".")[1], "base64url"))].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
    await send({ token: `${unsigned.join(".")}.` }, "none");
    await send({ token: tokens["with nonce"], nonce: "n" }, "nonce right");
    await send({ token: tokens["with nonce"], nonce: "m" }, "nonce wrong");
    await send({ token: tokens.good, nonce: "n" }, "nonce missing");
    await send({ token: tokens.good, accessToken: "at", refreshToken: "rt", expiresAt: 5 }, "with access token");
    await send({ token: tokens.good }, "not supported", "github");
    await signedIn(s, "ada");
    const [account] = (await s.get("/list-accounts", { jar: "ada" })).json;
    await s.post("/get-access-token", { accountId: account.id }, { jar: "ada" });
    await s.post("/refresh-token", { accountId: account.id }, { jar: "ada" });
    const apple = { ...claims(ada, { iss: "https://appleid.apple.com", aud: "apple-client" }), iat: now(), exp: now() + 60, name: undefined };
    const bob = { ...apple, email: s.email("bob"), sub: "bob" };
    await send({ token: await signIdToken(bob), user: { name: { firstName: "Bob" } } }, "apple with name", "apple");
    const microsoft = { ...claims(ada, { iss: "https://login.microsoftonline.com/tenant-of-the-fake/v2.0", aud: "microsoft-client" }), iat: now(), exp: now() + 60 };
    await send({ token: await signIdToken({ ...microsoft, email: s.email("cy"), sub: "cy", oid: "cy" }) }, "microsoft", "microsoft");
    await send({ token: await signIdToken({ ...microsoft, tid: "another" }) }, "microsoft, other tenant", "microsoft");
    const facebook = codeFor(person(s, "dan"));
    await send({ token: "opaque", accessToken: `at.${facebook}` }, "facebook access token", "facebook");
    await send({ token: "opaque", accessToken: `at.${codeFor({ ...person(s, "eve"), app: "another" })}` }, "facebook token of another application", "facebook");
  }),

  scenario("link-social with id tokens", options(), async (s) => {
    await s.signUp("ada");
    const send = (idToken, label, jar = "ada", provider = "google") => s.post("/link-social", { provider, idToken }, { jar, label });
    await send({ token: await googleToken(person(s, "ada"), { email_verified: false }) }, "not verified");
    await send({ token: await googleToken(person(s, "eve")) }, "another address");
    await send({ token: await googleToken(person(s, "ada"), { aud: "x" }) }, "bad");
    await send({ token: "x" }, "not supported", "ada", "github");
    await send({ token: await googleToken(person(s, "ada"), { email: undefined }) }, "no address");
    await send({ token: await googleToken(person(s, "ada")), accessToken: "a", refreshToken: "r" }, "linked");
    await send({ token: await googleToken(person(s, "ada"), { email_verified: false }) }, "linked again");
    await s.get("/list-accounts", { jar: "ada" });
    await s.signUp("bob");
    await send({ token: await googleToken(person(s, "ada")) }, "somebody else's", "bob");
  }),

  scenario("tokens", options(), async (s) => {
    const ada = person(s, "ada", { expiresIn: 3 });
    await signInWith(s, "github", ada, { jar: "ada" });
    const [account] = (await s.get("/list-accounts", { jar: "ada" })).json;
    const accountId = account.id;
    await s.post("/get-access-token", { accountId }, { jar: "ada", label: "renewed" });
    await s.get("/account-info", { query: { accountId }, jar: "ada" });
    await signInWith(s, "vercel", person(s, "bob"), { jar: "bob" });
    const [vercel] = (await s.get("/list-accounts", { jar: "bob" })).json;
    await s.post("/refresh-token", { accountId: vercel.id }, { jar: "bob", label: "no refresh" });
    await s.post("/refresh-token", { accountId }, { jar: "bob", label: "somebody else's" });
    await signInWith(s, "discord", person(s, "cy", { expiresIn: 3, noRefresh: true }), { jar: "cy" });
    const [discord] = (await s.get("/list-accounts", { jar: "cy" })).json;
    await s.post("/get-access-token", { accountId: discord.id }, { jar: "cy", label: "refused" });
    await s.post("/refresh-token", { accountId: discord.id }, { jar: "cy", label: "refused refresh" });
    await s.get("/account-info", { query: { accountId: discord.id }, jar: "cy", label: "refused info" });
    await signInWith(s, "spotify", person(s, "dan", { keepRefresh: true }), { jar: "dan" });
    const [spotify] = (await s.get("/list-accounts", { jar: "dan" })).json;
    await s.post("/refresh-token", { accountId: spotify.id }, { jar: "dan", label: "refresh token stays" });
    s.asked();
  }),

  scenario("encrypted tokens", options({ account: { encryptOAuthTokens: true } }), async (s) => {
    await signInWith(s, "github", person(s, "ada", { expiresIn: 3 }), { jar: "ada" });
    const [{ id: accountId }] = (await s.get("/list-accounts", { jar: "ada" })).json;
    await s.post("/get-access-token", { accountId }, { jar: "ada" });
    await s.post("/refresh-token", { accountId }, { jar: "ada" });
    await s.get("/account-info", { query: { accountId }, jar: "ada" });
    s.asked();
  }),

  scenario("state in a cookie", options({ account: { storeStateStrategy: "cookie" } }), async (s) => {
    const ada = person(s, "ada");
    const one = await begin(s, "github", { body: { errorCallbackURL: "/oops" } });
    await back(s, "github", { state: "another", code: "x" }, { label: "another state" });
    await back(s, "github", { state: one.state, code: "x" }, { jar: "stranger", label: "another browser" });
    await s.get("/callback/github", { query: { state: one.state, code: "x" }, headers: { cookie: "better-auth.oauth_state=00" }, label: "unreadable" });
    await back(s, "github", { state: one.state, code: codeFor({ ...ada, challenge: one.challenge }) }, { label: "signed in" });
    await back(s, "github", { state: one.state, code: "x" }, { label: "again" });
    await s.post("/sign-out", {}, { jar: "main" });
  }),

  scenario("no state cookie", options({ account: { skipStateCookieCheck: true } }), async (s) => {
    const { state, challenge } = await begin(s, "github");
    await back(s, "github", { state, code: codeFor({ ...person(s, "ada"), challenge }) }, { jar: "other", label: "another browser" });
  }),

  scenario("account cookie", options({ account: { storeAccountCookie: true } }), async (s) => {
    const ada = person(s, "ada", { expiresIn: 3 });
    await signInWith(s, "github", ada, { jar: "ada" });
    await s.post("/get-access-token", { useAccountCookie: true }, { jar: "ada", label: "renewed" });
    await s.post("/refresh-token", { useAccountCookie: true }, { jar: "ada" });
    await s.get("/account-info", { query: { useAccountCookie: true }, jar: "ada" });
    await signInWith(s, "github", ada, { jar: "ada" });
    await s.signUp("bob");
    await s.post("/get-access-token", { useAccountCookie: true }, { jar: "bob", label: "none" });
    await s.post("/sign-out", {}, { jar: "ada" });
  }),

  scenario("the official client", options(), async (s) => {
    const ada = person(s, "ada");
    const client = s.client();
    const begun = clientResult(await client.signIn.social({ provider: "github", callbackURL: "/in", disableRedirect: true }));
    const query = queryOf(begun.data.url);
    await back(s, "github", { state: query.get("state"), code: codeFor({ ...ada, challenge: query.get("code_challenge") }) });
    const accounts = clientResult(await client.listAccounts());
    s.note("accounts", accounts);
    const accountId = accounts.data[0].id;
    s.note("access token", clientResult(await client.getAccessToken({ accountId })));
    s.note("refresh token", clientResult(await client.refreshToken({ accountId })));
    s.note("account info", clientResult(await client.accountInfo({ query: { accountId } })));
    const link = clientResult(await client.linkSocial({ provider: "google", callbackURL: "/linked", disableRedirect: true }));
    const linking = queryOf(link.data.url);
    await back(s, "google", { state: linking.get("state"), code: codeFor({ ...ada, challenge: linking.get("code_challenge") }) });
    s.note("both", clientResult(await client.listAccounts()));
    s.note("unlinked", clientResult(await client.unlinkAccount({ accountId })));
    s.note("id token", clientResult(await client.signIn.social({ provider: "google", idToken: { token: await googleToken(ada) } })));
  }),

  scenario("a password beside it", options(), async (s) => {
    await signInWith(s, "github", person(s, "ada"), { jar: "ada" });
    await s.signIn("ada", "later");
    await s.post("/change-password", { currentPassword: PASSWORD, newPassword: "another password" }, { jar: "ada" });
    await s.signUp("ada");
  }),
];
