/** The magic link plugin. */
import { magicLinkClient } from "better-auth/client/plugins";
import { clientResult } from "../lib/client.mjs";
import { PASSWORD, scenario } from "../scenario.mjs";

const PLUGIN = { plugins: { "magic-link": {} } };
const HASHED = { plugins: { "magic-link": { storeToken: "hashed" } } };
const CLOSED = { plugins: { "magic-link": { disableSignUp: true } } };

/** Asks for a link; answers its path below the base path. */
async function ask(s, who, extra = {}, label = `ask ${who}`) {
  await s.post("/sign-in/magic-link", { email: s.email(who), ...extra }, { label });
  const { url, token } = await s.message(`link for ${who}`);
  const { pathname, search } = new URL(url);
  return { path: `${pathname.slice(s.basePath.length)}${search}`, token };
}

const follow = (s, path, step = {}) => s.get(path, step);

async function whole(s) {
  const { path, token } = await ask(s, "alice", { name: "Alice", callbackURL: "/in" });
  await follow(s, path, { jar: "alice", label: "new user" });
  await s.get("/get-session", { jar: "alice", label: "session" });
  await follow(s, path, { label: "again" });
  await follow(s, `/magic-link/verify?token=${token}`, { label: "again, without a page" });
  const again = await ask(s, "alice", {}, "ask alice again");
  await follow(s, again.path, { jar: "alice", label: "known user" });
  const json = await ask(s, "alice", {}, "ask alice for JSON");
  await follow(s, `/magic-link/verify?token=${json.token}`, { jar: "second", label: "known user, JSON" });
  await s.get("/list-accounts", { jar: "second", label: "no account" });
}

export default [
  scenario("whole", PLUGIN, whole),
  scenario("whole, hashed", HASHED, whole),

  scenario("JSON for a new user", PLUGIN, async (s) => {
    const { token } = await ask(s, "alice");
    await follow(s, `/magic-link/verify?token=${token}`, { jar: "alice", label: "new user, no name" });
    await s.get("/get-session", { jar: "alice" });
  }),

  scenario("upper case", PLUGIN, async (s) => {
    const email = s.email("Alice").replace("Alice", "ALICE");
    await s.post("/sign-in/magic-link", { email });
    const { token } = await s.message();
    await follow(s, `/magic-link/verify?token=${token}`, { jar: "alice", label: "in lower case" });
  }),

  scenario("pages", PLUGIN, async (s) => {
    const pages = { callbackURL: "/in?x=1#top", newUserCallbackURL: "/welcome", errorCallbackURL: "/wrong?error=old" };
    const { path } = await ask(s, "alice", pages);
    await follow(s, path, { label: "new user" });
    await follow(s, path, { label: "again" });
    const known = await ask(s, "alice", pages, "ask again");
    await follow(s, known.path, { label: "known user" });
    const onlyNew = await ask(s, "bob", { newUserCallbackURL: "/welcome" });
    await follow(s, onlyNew.path, { label: "page for new users only" });
    await follow(s, "/magic-link/verify?token=x", { label: "no page" });
    await follow(s, "/magic-link/verify?token=x&callbackURL=in", { label: "page without a slash" });
    await follow(s, "/magic-link/verify?token=x&errorCallbackURL=/wrong", { label: "page for errors only" });
    await follow(s, "/magic-link/verify?token=x&callbackURL=/p%C3%A4th?a=%2B%20b", { label: "other letters" });
    for (const name of ["callbackURL", "newUserCallbackURL", "errorCallbackURL"]) {
      const foreign = "https://evil.example/x";
      await follow(s, `/magic-link/verify?token=x&${name}=${foreign}`, { label: `foreign ${name}` });
      await s.post("/sign-in/magic-link", { email: s.email("eve"), [name]: foreign }, { label: `ask, foreign ${name}` });
    }
  }),

  scenario("input", PLUGIN, async (s) => {
    await s.post("/sign-in/magic-link", {}, { label: "nothing" });
    await s.post("/sign-in/magic-link", { email: "x" }, { label: "no address" });
    await s.post("/sign-in/magic-link", { email: 5, name: 5, metadata: "x" }, { label: "wrong types" });
    await s.post("/sign-in/magic-link", { email: s.email("a"), callbackURL: 5 }, { label: "callback of wrong type" });
    await s.post("/sign-in/magic-link", { email: s.email("a"), metadata: [] }, { label: "metadata as list" });
    await follow(s, "/magic-link/verify", { label: "no token" });
    await follow(s, "/magic-link/verify?token=", { label: "empty token" });
    await follow(s, "/magic-link/verify?token=a&token=b", { label: "two tokens" });
    const navigation = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    const body = { email: s.email("b") };
    await s.post("/sign-in/magic-link", body, { headers: navigation, label: "cross-site navigation" });
    await s.post("/sign-in/magic-link", body, { headers: { origin: "https://evil.example" }, label: "foreign origin" });
    await s.post("/sign-in/magic-link", undefined, { form: body, label: "form" });
    const metadata = { tenant: 7, nested: { a: [1] } };
    await s.post("/sign-in/magic-link", { ...body, metadata }, { label: "metadata" });
    await s.message("with metadata");
  }),

  scenario("sign-up disabled", CLOSED, async (s) => {
    const { path } = await ask(s, "nobody", { callbackURL: "/in" });
    await follow(s, path, { label: "unknown" });
    await follow(s, path, { label: "unknown again" });
    await s.signUp("alice");
    const known = await ask(s, "alice", { callbackURL: "/in" });
    await follow(s, known.path, { jar: "link", label: "known" });
  }),

  scenario("unproven address", PLUGIN, async (s) => {
    await s.signUp("alice");
    const { token } = await ask(s, "alice");
    await follow(s, `/magic-link/verify?token=${token}`, { jar: "link", label: "signed in" });
    await s.get("/get-session", { jar: "alice", label: "the old session" });
    await s.signIn("alice", "password", {}, { label: "the old password" });
    await s.get("/list-accounts", { jar: "link" });
  }),

  scenario("required field", { ...PLUGIN, user: { additionalFields: { plan: { type: "string", defaultValue: "free" } } } },
    async (s) => {
      const { token } = await ask(s, "alice");
      await follow(s, `/magic-link/verify?token=${token}`, { jar: "alice", label: "default" });
    }),

  scenario("not remembered before", PLUGIN, async (s) => {
    await s.signUp("alice", { rememberMe: false });
    const { path } = await ask(s, "alice");
    await follow(s, path, { jar: "alice", label: "stays so" });
  }),

  scenario("other one-time values", { ...PLUGIN, emailAndPassword: { sendResetPassword: true } }, async (s) => {
    await s.signUp("alice");
    await s.post("/request-password-reset", { email: s.email("alice") });
    const { token } = await s.message();
    await follow(s, `/magic-link/verify?token=${token}`, { label: "a reset token" });
    await s.post("/reset-password", { token, newPassword: PASSWORD }, { label: "is still good" });
  }),

  scenario("limits", { ...PLUGIN, rateLimit: { enabled: true } }, async (s) => {
    for (let n = 1; n <= 6; n += 1) await follow(s, "/magic-link/verify?token=x", { label: `follow ${n}` });
  }),

  scenario("client", PLUGIN, async (s) => {
    const client = s.client({ plugins: [magicLinkClient()] });
    const email = s.email("alice");
    s.note("asked", clientResult(await client.signIn.magicLink({ email, name: "Alice", callbackURL: "/in" })));
    const { token } = await s.message();
    s.note("followed", clientResult(await client.magicLink.verify({ query: { token } })));
    s.note("refused", clientResult(await client.signIn.magicLink({ email: "x" })));
  }),
];
