/** The anonymous plugin. */
import { anonymousClient } from "better-auth/client/plugins";
import { clientResult } from "../lib/client.mjs";
import { person, signInWith, someProviders } from "../lib/providers.mjs";
import { PASSWORD, scenario } from "../scenario.mjs";

const on = (options = {}) => ({ plugins: { anonymous: options } });
const signIn = (s, step = {}) => s.post("/sign-in/anonymous", undefined, { jar: "main", label: "sign in anonymously", ...step });
const session = (s, label, jar = "main") => s.get("/get-session", { jar, label });

/** A cookie jar as it was. */
const kept = (s, jar) => ({ headers: { cookie: s.jar(jar).header(s.basePath) } });

export default [
  scenario("whole", on(), async (s) => {
    await signIn(s);
    await session(s, "session");
    await signIn(s, { label: "again" });
    await s.post("/delete-anonymous-user", {}, { jar: "main", label: "delete" });
    await session(s, "gone");
    await signIn(s, { label: "anew" });
  }),

  scenario("bodies", on(), async (s) => {
    await signIn(s, { jar: "a", body: {}, label: "empty object" });
    await signIn(s, { jar: "b", rawBody: "{", type: "application/json", label: "no JSON" });
    await signIn(s, { jar: "c", form: { a: "b" }, label: "form" });
  }),

  scenario("own domain", on({ emailDomainName: "anonymous.example.com" }), async (s) => {
    const { json } = await s.post("/sign-in/anonymous", {}, { label: "sign in anonymously" });
    s.note("domain", json.user.email.split("@")[1]);
  }),

  scenario("becomes somebody new", on(), async (s) => {
    await signIn(s);
    const before = kept(s, "main");
    const body = { name: "Alice", email: s.email("alice"), password: PASSWORD };
    await s.post("/sign-up/email", body, { jar: "main", label: "sign up" });
    await session(s, "who it is now");
    await s.get("/get-session", { ...before, label: "the anonymous session" });
  }),

  scenario("becomes somebody known", on(), async (s) => {
    await s.signUp("alice");
    await signIn(s);
    const before = kept(s, "main");
    await s.signIn("alice", "main");
    await session(s, "who it is now");
    await s.get("/get-session", { ...before, label: "the anonymous session" });
    await s.signIn("alice", "main", {}, { label: "sign in again" });
  }),

  scenario("stays anonymous when a sign-in fails", on(), async (s) => {
    await s.signUp("alice");
    await signIn(s);
    await s.signIn("alice", "main", { password: "wrong password" }, { label: "wrong password" });
    await session(s, "still anonymous");
  }),

  scenario("stays beside", on({ disableDeleteAnonymousUser: true }), async (s) => {
    await s.signUp("alice");
    await signIn(s);
    const before = kept(s, "main");
    await s.signIn("alice", "main");
    await s.get("/get-session", { ...before, label: "the anonymous session" });
    await s.post("/delete-anonymous-user", {}, { ...before, label: "delete" });
  }),

  scenario("who may delete", on(), async (s) => {
    await s.post("/delete-anonymous-user", {}, { label: "nobody" });
    await s.signUp("alice");
    await s.post("/delete-anonymous-user", {}, { jar: "alice", label: "not anonymous" });
  }),

  scenario("from somebody to nobody", on(), async (s) => {
    await s.signUp("alice");
    await signIn(s, { jar: "alice" });
    await session(s, "anonymous now", "alice");
  }),

  scenario("by a magic link", { plugins: { anonymous: {}, "magic-link": {} } }, async (s) => {
    await signIn(s);
    const before = kept(s, "main");
    await s.post("/sign-in/magic-link", { email: s.email("alice") }, { jar: "main", label: "ask" });
    const { token } = await s.message();
    await s.get(`/magic-link/verify?token=${token}`, { jar: "main", label: "follow" });
    await s.get("/get-session", { ...before, label: "the anonymous session" });
  }),

  scenario("by a number", { plugins: { anonymous: {}, "phone-number": { signUpOnVerification: true } } }, async (s) => {
    await signIn(s);
    const before = kept(s, "main");
    const phoneNumber = s.phone("alice");
    await s.post("/phone-number/send-otp", { phoneNumber }, { jar: "main", label: "send" });
    const { otp } = await s.message();
    await s.post("/phone-number/verify", { phoneNumber, code: otp }, { jar: "main", label: "verify" });
    await s.get("/get-session", { ...before, label: "the anonymous session" });
  }),

  scenario("by a provider", { ...on(), socialProviders: someProviders(["github"]) }, async (s) => {
    await signIn(s);
    const before = kept(s, "main");
    await signInWith(s, "github", person(s, "ada"), { jar: "main", body: { callbackURL: "/in" } });
    await session(s, "who it is now");
    await s.get("/get-session", { ...before, label: "the anonymous session" });
  }),

  scenario("with a second factor", { plugins: { anonymous: {}, "two-factor": { otpOptions: { sendOTP: true } } } }, async (s) => {
    await s.signUp("alice");
    await s.post("/two-factor/enable", { password: PASSWORD, method: "otp" }, { jar: "alice", label: "enable" });
    await signIn(s);
    const before = kept(s, "main");
    await s.signIn("alice", "main", {}, { label: "held" });
    await s.get("/get-session", { ...before, label: "still anonymous" });
    await s.post("/two-factor/send-otp", {}, { jar: "main", label: "send" });
    const { otp } = await s.message();
    await s.post("/two-factor/verify-otp", { code: otp }, { jar: "main", label: "prove" });
    await session(s, "who it is now");
    await s.get("/get-session", { ...before, label: "the anonymous session" });
  }),

  scenario("fields", { ...on(), user: { additionalFields: { plan: { type: "string", defaultValue: "free" } } } }, async (s) => {
    await signIn(s);
  }),

  scenario("cached", { ...on(), session: { cookieCache: { enabled: true } } }, async (s) => {
    await signIn(s);
    await session(s, "session");
    await s.post("/delete-anonymous-user", {}, { jar: "main", label: "delete" });
  }),

  scenario("client", on(), async (s) => {
    const client = s.client({ plugins: [anonymousClient()] });
    const call = async (label, promise) => s.note(label, clientResult(await promise));
    await call("signed in", client.signIn.anonymous());
    await call("refused", client.signIn.anonymous());
    await call("deleted", client.deleteAnonymousUser());
  }),
];
