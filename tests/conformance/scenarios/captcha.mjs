/** The captcha plugin, with services that the fake plays. */
import { clientResult } from "../lib/client.mjs";
import { codeFor } from "../lib/fake.mjs";
import { PASSWORD, scenario } from "../scenario.mjs";

const guarded = (provider, more = {}, options = {}) => ({
  emailAndPassword: { sendResetPassword: true },
  plugins: { captcha: { provider, secretKey: "the secret: +key/=", ...more } },
  ...options,
});

/** The token of a captcha of which the service says so. */
const token = (s, who, answer) => ({ "x-captcha-response": codeFor({ email: s.email(who), ...answer }) });

const YES = { says: { success: true } };

/** Signs `who` up with a captcha of which the service says so. */
const told = (s, label, who, answer) => s.signUp(who, {}, { label, headers: token(s, who, answer) });

/** What every service may say, and what it says when it is broken. */
async function answers(s) {
  await s.signUp("alice", {}, { label: "no token" });
  await s.signUp("alice", {}, { label: "empty token", headers: { "x-captcha-response": "" } });
  await told(s, "denied", "alice", { says: { success: false, "error-codes": ["invalid-input-response"] } });
  await told(s, "nothing said", "alice", { says: {} });
  await told(s, "a text", "alice", { text: "all is well" });
  await told(s, "a list", "alice", { says: [] });
  await told(s, "null", "alice", { text: "null" });
  await told(s, "empty", "alice", { text: "" });
  await told(s, "down", "alice", { status: 503, says: { success: true } });
  await told(s, "refused", "alice", { status: 400, says: { success: false } });
  await told(s, "solved", "alice", YES);
  await s.signIn("alice", "alice", {}, { label: "sign in, no token" });
  await s.signIn("alice", "alice", {}, { label: "sign in, solved", headers: token(s, "alice", YES) });
  const reset = { email: s.email("nobody") };
  await s.post("/request-password-reset", reset, { label: "reset, no token" });
  await s.post("/request-password-reset", reset, { label: "reset, solved", headers: token(s, "nobody", YES) });
  s.asked();
}

export default [
  scenario("turnstile", guarded("cloudflare-turnstile"), answers),
  scenario("recaptcha", guarded("google-recaptcha"), answers),
  scenario("hcaptcha", guarded("hcaptcha"), answers),
  scenario("captchafox", guarded("captchafox"), answers),
  scenario("hcaptcha, of a site", guarded("hcaptcha", { siteKey: "the site: 1" }), answers),
  scenario("captchafox, of a site", guarded("captchafox", { siteKey: "the site: 1" }), answers),
  scenario("elsewhere", guarded("hcaptcha", { siteVerifyURLOverride: "https://captcha.example/verify?from=us" }), answers),

  scenario("turnstile: action and host", guarded("cloudflare-turnstile", { expectedAction: "sign-up", allowedHostnames: ["a.example", "b.example"] }), async (s) => {
    const says = (more) => ({ says: { success: true, action: "sign-up", hostname: "a.example", ...more } });
    await told(s, "another action", "alice", says({ action: "sign-in" }));
    await told(s, "no action", "alice", says({ action: undefined }));
    await told(s, "another host", "alice", says({ hostname: "evil.example" }));
    await told(s, "no host", "alice", says({ hostname: undefined }));
    await told(s, "right", "alice", says({ hostname: "b.example" }));
  }),

  scenario("recaptcha: action and host", guarded("google-recaptcha", { expectedAction: "sign-up", allowedHostnames: ["a.example"] }), async (s) => {
    const says = (more) => ({ says: { success: true, score: 0.9, action: "sign-up", hostname: "a.example", ...more } });
    await told(s, "another action", "alice", says({ action: "sign-in" }));
    await told(s, "no action", "alice", says({ action: undefined }));
    await told(s, "another host", "alice", says({ hostname: "evil.example" }));
    await told(s, "no host", "alice", says({ hostname: undefined }));
    await told(s, "right", "alice", says({}));
  }),

  scenario("recaptcha: score", guarded("google-recaptcha"), async (s) => {
    const says = (score) => ({ says: { success: true, score } });
    await told(s, "too low", "alice", says(0.49));
    await told(s, "no number", "alice", says("0.9"));
    await told(s, "just enough", "bob", says(0.5));
    await told(s, "sure, and denied", "carol", { says: { success: false, score: 1 } });
  }),

  scenario("recaptcha: score of one's own", guarded("google-recaptcha", { minScore: 0.8 }), async (s) => {
    const says = (score) => ({ says: { success: true, score } });
    await told(s, "too low", "alice", says(0.7));
    await told(s, "enough", "alice", says(0.8));
    await told(s, "of the second kind", "bob", YES);
  }),

  scenario("usual paths", guarded("cloudflare-turnstile"), async (s) => {
    for (const path of ["/sign-up/email/", "/sign-in/./email", "/sign-in/x/../email", "/sign-in/email?x=1"]) {
      await s.post(path, {}, { label: path });
    }
    for (const path of ["/sign-in/social", "/sign-up/email/more", "/sign-in/%65mail", "/reset-password", "/verify-email"]) {
      await s.post(path, {}, { label: path });
    }
    await s.get("/sign-in/email", { label: "another method" });
    await s.get("/get-session");
    const headers = { origin: "https://evil.example" };
    await s.post("/sign-in/email", {}, { label: "another origin", headers });
    await s.post("/sign-in/email", undefined, { label: "no JSON", rawBody: "{", type: "application/json" });
  }),

  scenario("paths of one's own", guarded("cloudflare-turnstile", { endpoints: ["/sign-in/*", "/get-session", "/**/nothing"] }), async (s) => {
    for (const path of ["/sign-in/email", "/sign-in/social", "/sign-in", "/sign-in/a/b", "/sign-up/email", "/a/b/nothing", "/nothing"]) {
      await s.post(path, {}, { label: path });
    }
    await s.get("/get-session");
    await s.get("/get-session", { label: "solved", headers: token(s, "alice", YES) });
  }),

  scenario("no paths", guarded("cloudflare-turnstile", { endpoints: [] }), async (s) => {
    await s.post("/sign-in/email", {}, { label: "a usual one" });
    await s.post("/sign-in/social", {}, { label: "another" });
  }),

  scenario("behind the limit", guarded("cloudflare-turnstile", {}, { rateLimit: { enabled: true } }), async (s) => {
    for (const at of [1, 2, 3, 4]) await s.signIn("alice", "alice", {}, { label: `request ${at}` });
    s.asked();
  }),

  scenario("client", guarded("cloudflare-turnstile"), async (s) => {
    const client = s.client();
    const body = { email: s.email("alice"), password: PASSWORD, name: "Alice" };
    const call = async (label, promise) => s.note(`returned by ${label}`, clientResult(await promise));
    await call("signUp", client.signUp.email(body));
    const denied = { headers: token(s, "alice", { says: { success: false } }) };
    await call("signUp, denied", client.signUp.email({ ...body, fetchOptions: denied }));
    const down = { headers: token(s, "alice", { status: 500 }) };
    await call("signUp, down", client.signUp.email({ ...body, fetchOptions: down }));
    const solved = { headers: token(s, "alice", YES) };
    await call("signUp, solved", client.signUp.email({ ...body, fetchOptions: solved }));
    await call("signIn, solved", client.signIn.email({ email: body.email, password: PASSWORD, fetchOptions: solved }));
  }),
];
