/** The OAuth proxy. One server plays both the preview and production: they differ in nothing but where they are. */
import { codeFor } from "../lib/fake.mjs";
import { person, queryOf, signInWith, someProviders } from "../lib/providers.mjs";
import { PROXY_SECRET } from "../lib/options.mjs";
import { scenario } from "../scenario.mjs";

const PRODUCTION = "https://auth.example.com";
const options = (plugin = {}, more = {}, providers = {}) => ({
  socialProviders: someProviders(["github", "google", "apple", "spotify"], providers),
  plugins: { "oauth-proxy": { productionURL: PRODUCTION, ...plugin } },
  ...more,
});

async function begin(s, provider, { jar = "preview", body = {}, path = "/sign-in/social", headers, label = `begin ${provider}` } = {}) {
  const begun = await s.post(path, { provider, ...body }, { jar, headers, label });
  const query = queryOf(begun.json.url);
  s.note(`package of ${label}`, query.get("state"));
  return { state: query.get("state"), challenge: query.get("code_challenge") ?? undefined };
}

/** Comes back to production; answers the preview's path, if the browser is sent there. */
async function relay(s, provider, query, label) {
  const answer = await s.get(`/callback/${provider}`, { query, label });
  const profile = queryOf(new URL(answer.headers.location, s.baseUrl)).get("profile");
  if (profile) s.note(`profile: ${label}`, profile);
  return answer.headers.location.startsWith(s.baseUrl) ? answer.headers.location.slice(s.baseUrl.length) : undefined;
}

const arrive = (s, absolute, label, jar = "preview") => s.request({ method: "GET", absolute, jar, label });
const codeOf = (who, { challenge }) => codeFor({ ...who, challenge });

async function signIn(s, provider, who, label, settings = {}) {
  const begun = await begin(s, provider, { body: { callbackURL: "/in" }, label: `${label}: begin`, ...settings });
  const path = await relay(s, provider, { state: begun.state, code: codeOf(who, begun) }, `${label}: relay`);
  return arrive(s, path, `${label}: arrive`, settings.jar);
}

const flows = async (s) => {
  const ada = person(s, "ada");
  for (const provider of ["github", "google"]) {
    await signIn(s, provider, ada, `with ${provider}`, { body: { callbackURL: "/in?x=1#y", newUserCallbackURL: "/new" } });
    await s.get("/get-session", { jar: "preview", label: `session with ${provider}` });
  }
  await s.get("/list-accounts", { jar: "preview" });
  await signIn(s, "spotify", person(s, "bob"), "not verified", { jar: "bob" });
  await signIn(s, "spotify", person(s, "ada", { id: "5" }), "not linked", { jar: "ada" });
};

export default [
  scenario("there and back", options(), flows),
  scenario("with a secret of its own", options({ secret: PROXY_SECRET }), flows),
  scenario("a state in a cookie", options({}, { account: { storeStateStrategy: "cookie" } }), flows),

  scenario("what comes back", options(), async (s) => {
    const ada = person(s, "ada");
    const pages = { callbackURL: "/in", errorCallbackURL: "/oops?x=1" };
    const answers = {
      "error": { error: "access_denied", error_description: "no" },
      "nothing": {},
      "empty code": { code: "" },
      "refused code": { code: codeFor({ ...ada, token: "invalid_grant" }) },
      "no profile": { code: codeFor({ ...ada, profile: 500 }) },
      "no address": { code: codeFor({ ...ada, email: undefined }) },
    };
    for (const body of [{}, pages]) {
      const told = body === pages ? "own page" : "usual page";
      const { state } = await begin(s, "google", { body, label: `begin, ${told}` });
      for (const [label, answer] of Object.entries(answers)) await relay(s, "google", { state, ...answer }, `${label}, ${told}`);
      await relay(s, "nobody", { state, code: "x" }, `unknown provider, ${told}`);
    }
    const { state } = await begin(s, "google", { label: "begin once more" });
    await s.get(`/callback/google?state=${state}&code=a&code=b`, { label: "repeated code" });
    await s.get("/callback/google", { query: { state: state.slice(0, -2), code: "x" }, label: "damaged package" });
    const form = { state, code: codeFor({ ...ada, challenge: undefined, token: "invalid_grant" }) };
    await s.request({ method: "POST", path: "/callback/google", form, label: "form" });
  }),

  scenario("profiles", options(), async (s) => {
    const ada = person(s, "ada");
    const begun = await begin(s, "github", { body: { callbackURL: "/in", errorCallbackURL: "/oops" } });
    const path = await relay(s, "github", { state: begun.state, code: codeOf(ada, begun) }, "relay");
    const route = "/callback/github/oauth-proxy";
    await s.get(route, { label: "nothing" });
    await s.get(route, { query: { callbackURL: "/in" }, label: "no profile" });
    await s.get(route, { query: { callbackURL: "/in", profile: "" }, label: "empty profile" });
    await s.get(route, { query: { callbackURL: "/in", profile: "00ff" }, label: "nonsense" });
    await s.get(route, { query: { callbackURL: "/in", profile: begun.state }, label: "a package" });
    for (const callbackURL of ["https://evil.example", "//evil.example", "javascript:alert(1)", ""]) {
      await s.get(route, { query: { callbackURL }, label: `to ${callbackURL}` });
      await s.get("/oauth-proxy-callback", { query: { callbackURL }, label: `old, to ${callbackURL}` });
    }
    await arrive(s, path.replace("/callback/github/", "/callback/google/"), "of another provider");
    await arrive(s, path, "another browser", "stranger");
  }),

  scenario("spent once", options(), async (s) => {
    const begun = await begin(s, "github", { body: { callbackURL: "/in", errorCallbackURL: "/oops" } });
    const path = await relay(s, "github", { state: begun.state, code: codeOf(person(s, "ada"), begun) }, "relay");
    await arrive(s, path.replace("/callback/github/oauth-proxy", "/oauth-proxy-callback"), "by the old address");
    await arrive(s, path, "again");
  }),

  scenario("linking", options(), async (s) => {
    await s.signUp("ada");
    const link = (who, label) => signIn(s, "github", who, label, { path: "/link-social", jar: "ada", body: { callbackURL: "/linked", errorCallbackURL: "/oops" } });
    await link(person(s, "ada"), "own");
    await link(person(s, "ada", { scope: "email more" }), "again");
    await link(person(s, "eve"), "another address");
    await s.get("/list-accounts", { jar: "ada" });
  }),

  scenario("sign-up off", options({}, {}, { github: { disableSignUp: true }, google: { disableImplicitSignUp: true } }), async (s) => {
    await signIn(s, "github", person(s, "ada"), "never");
    await signIn(s, "google", person(s, "ada"), "not asked for");
    await signIn(s, "google", person(s, "ada"), "asked for", { body: { callbackURL: "/in", requestSignUp: true } });
  }),

  scenario("skipped", options(), async (s) => {
    const headers = { "x-skip-oauth-proxy": "1" };
    await s.post("/sign-in/social", { provider: "github", callbackURL: "/in" }, { headers, label: "by the request" });
    await s.post("/sign-in/social", { provider: "nobody", callbackURL: "/in" }, { label: "unknown provider" });
    await s.post("/sign-in/social", { callbackURL: "/in" }, { label: "no provider" });
  }),

  scenario("at production", options({ productionURL: "http://localhost:3000" }), async (s) => {
    await signInWith(s, "github", person(s, "ada"));
    const wrapped = "http://localhost:3000/x/oauth-proxy?callbackURL=";
    for (const page of ["/inner", "http://localhost:3000/inner"]) {
      await signInWith(s, "github", person(s, "ada"), { body: { callbackURL: `${wrapped}${encodeURIComponent(page)}` } });
    }
    const evil = `${wrapped}${encodeURIComponent("https://evil.example/")}`;
    const { json } = await s.post("/sign-in/social", { provider: "github", callbackURL: evil }, { jar: "main", label: "begin to elsewhere" });
    const query = queryOf(json.url);
    const code = codeFor({ ...person(s, "ada"), challenge: query.get("code_challenge") });
    await s.get("/callback/github", { query: { code, state: query.get("state") }, jar: "main", label: "to elsewhere" });
  }),

  scenario("a current address", options({ currentURL: "https://one.preview.example/x" }), async (s) => {
    const begun = await begin(s, "github", { body: { callbackURL: "/in" } });
    await relay(s, "github", { state: begun.state, code: codeOf(person(s, "ada"), begun) }, "relay");
  }),

  scenario("the official client", options(), async (s) => {
    const client = s.client();
    const { data } = await client.signIn.social({ provider: "github", callbackURL: "/in" });
    const query = queryOf(data.url);
    const begun = { state: query.get("state"), challenge: query.get("code_challenge") };
    const path = await relay(s, "github", { state: begun.state, code: codeOf(person(s, "ada"), begun) }, "relay");
    await arrive(s, path, "arrive", "main");
    const { data: session } = await client.getSession();
    s.note("name", session.user.name);
  }),
];
