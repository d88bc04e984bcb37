/** The email OTP plugin. */
import { emailOTPClient } from "better-auth/client/plugins";
import { clientResult } from "../lib/client.mjs";
import { PASSWORD, scenario } from "../scenario.mjs";

const on = (options = {}) => ({ plugins: { "email-otp": options } });
const CHANGE = on({ changeEmail: { enabled: true } });
const AGREED = on({ changeEmail: { enabled: true, verifyCurrentEmail: true } });

const send = (s, who, type, step = {}) =>
  s.post("/email-otp/send-verification-otp", { email: s.email(who), type }, { label: `send ${type} to ${who}`, ...step });

/** Asks for a code and answers it. */
async function code(s, who, type, label = "") {
  await send(s, who, type, { label: `send ${type} to ${who}${label}` });
  return (await s.message(`${type} for ${who}${label}`)).otp;
}

/** Another code of the same length. */
const other = (otp) => `${otp.slice(0, -1)}${(Number(otp.at(-1)) + 1) % 10}`;

const signIn = (s, who, otp, step = {}, extra = {}) =>
  s.post("/sign-in/email-otp", { email: s.email(who), otp, ...extra }, { label: `sign in ${who}`, ...step });

const check = (s, who, type, otp, label) =>
  s.post("/email-otp/check-verification-otp", { email: s.email(who), type, otp }, { label });

async function whole(s) {
  const otp = await code(s, "alice", "sign-in");
  await check(s, "alice", "sign-in", otp, "check, nobody yet");
  await signIn(s, "alice", other(otp), { label: "wrong code" });
  await signIn(s, "alice", otp, { jar: "alice", label: "new user" }, { name: "Alice", image: "https://example.com/a.png" });
  await s.get("/get-session", { jar: "alice", label: "session" });
  await signIn(s, "alice", otp, { label: "spent code" });
  const again = await code(s, "alice", "sign-in", " again");
  await check(s, "alice", "sign-in", again, "check");
  await check(s, "alice", "sign-in", again, "check twice");
  await signIn(s, "alice", again, { jar: "second", label: "known user" });
  await s.get("/list-accounts", { jar: "second", label: "no account" });
}

export default [
  scenario("whole", on(), whole),
  scenario("whole, hashed", on({ storeOTP: "hashed" }), whole),
  scenario("whole, encrypted", on({ storeOTP: "encrypted" }), whole),
  scenario("whole, long codes", on({ otpLength: 10, expiresIn: 60 }), whole),

  scenario("wrong guesses", on(), async (s) => {
    const otp = await code(s, "alice", "sign-in");
    for (let n = 1; n <= 3; n += 1) await signIn(s, "alice", other(otp), { label: `wrong ${n}` });
    await signIn(s, "alice", otp, { label: "right, too late" });
    await signIn(s, "alice", otp, { label: "gone" });
    const fresh = await code(s, "alice", "sign-in", " again");
    await signIn(s, "alice", fresh, { label: "new code" });
  }),

  scenario("one guess only", on({ allowedAttempts: 1 }), async (s) => {
    const otp = await code(s, "alice", "sign-in");
    await signIn(s, "alice", other(otp), { label: "wrong" });
    await signIn(s, "alice", otp, { label: "right, too late" });
  }),

  scenario("expired", on({ expiresIn: 1 }), async (s) => {
    await s.signUp("alice");
    const otp = await code(s, "alice", "email-verification");
    const over = Date.now() + 1500;
    // Not by asking for the code itself: the reference may sweep it away in the very request that still finds it good.
    await s.until({ method: "GET", path: "/ok" }, () => Date.now() > over);
    await check(s, "alice", "email-verification", otp, "late");
    await check(s, "alice", "email-verification", otp, "later");
  }),

  scenario("codes are for one thing", on(), async (s) => {
    await s.signUp("alice");
    const otp = await code(s, "alice", "email-verification");
    await signIn(s, "alice", otp, { label: "sign in with it" });
    const reset = { email: s.email("alice"), otp, password: PASSWORD };
    await s.post("/email-otp/reset-password", reset, { label: "reset with it" });
    await check(s, "alice", "email-verification", otp, "check it");
  }),

  scenario("new code, old code", on(), async (s) => {
    const first = await code(s, "alice", "sign-in");
    await code(s, "alice", "sign-in", " again");
    if (first !== undefined) await signIn(s, "alice", other(other(first)), { label: "neither" });
  }),

  scenario("reuse", on({ resendStrategy: "reuse" }), async (s) => {
    const first = await code(s, "alice", "sign-in");
    const second = await code(s, "alice", "sign-in", " again");
    s.note("the same", first === second);
    await signIn(s, "alice", first, { label: "sign in" });
  }),

  scenario("reuse, hashed", on({ resendStrategy: "reuse", storeOTP: "hashed" }), async (s) => {
    const first = await code(s, "alice", "sign-in");
    const second = await code(s, "alice", "sign-in", " again");
    s.note("the same", first === second);
    await signIn(s, "alice", second, { label: "sign in" });
  }),

  scenario("unknown addresses", on(), async (s) => {
    for (const type of ["email-verification", "forget-password", "change-email", "sign-out"]) await send(s, "nobody", type);
    await s.post("/email-otp/request-password-reset", { email: s.email("nobody") }, { label: "reset" });
    await s.post("/forget-password/email-otp", { email: s.email("nobody") }, { label: "reset, old name" });
    await check(s, "nobody", "sign-in", "000000", "check");
    const verify = { email: s.email("nobody"), otp: "000000" };
    await s.post("/email-otp/verify-email", verify, { label: "verify" });
    await signIn(s, "nobody", "000000");
  }),

  scenario("sign-up disabled", on({ disableSignUp: true }), async (s) => {
    await send(s, "nobody", "sign-in");
    await signIn(s, "nobody", "000000");
    await s.signUp("alice");
    const otp = await code(s, "alice", "sign-in");
    await signIn(s, "alice", otp, { label: "known" });
  }),

  scenario("input", on(), async (s) => {
    const routes = {
      "/email-otp/send-verification-otp": [{}, { email: "x", type: "sign-in" }, { email: 5, type: "other" }],
      "/email-otp/check-verification-otp": [{}, { email: "x", type: "sign-in", otp: "1" }, { email: 5, type: 5, otp: 5 }],
      "/email-otp/verify-email": [{}, { email: "x", otp: "1" }, { email: 5, otp: 5 }],
      "/sign-in/email-otp": [{}, { email: "x", otp: "1" }, { email: 5, otp: 5, name: 5, image: 5 }],
      "/email-otp/request-password-reset": [{}, { email: "x" }, { email: 5 }],
      "/forget-password/email-otp": [{}, { email: "x" }, { email: 5 }],
      "/email-otp/reset-password": [
        {}, { email: "x", otp: "1", password: PASSWORD }, { email: 5, otp: 5, password: 5 },
        { email: s.email("a"), otp: "1", password: "short" }, { email: s.email("a"), otp: "1", password: "x".repeat(129) },
      ],
    };
    for (const [path, bodies] of Object.entries(routes)) {
      for (const [at, body] of bodies.entries()) await s.post(path, body, { label: `${path} ${at}` });
    }
    const navigation = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    await send(s, "nobody", "forget-password", { headers: navigation, label: "cross-site navigation" });
    const form = { email: s.email("nobody"), type: "forget-password" };
    await s.post("/email-otp/send-verification-otp", undefined, { form, label: "form" });
  }),

  scenario("verify", on(), async (s) => {
    await s.signUp("alice");
    const otp = await code(s, "alice", "email-verification");
    const verify = (given, step) => s.post("/email-otp/verify-email", { email: s.email("alice"), otp: given }, step);
    await verify(other(otp), { jar: "alice", label: "wrong" });
    await verify(otp, { jar: "alice", label: "right" });
    await verify(otp, { jar: "alice", label: "again" });
    await s.get("/get-session", { jar: "alice" });
  }),

  scenario("verify with a cached session", { ...on(), session: { cookieCache: { enabled: true } } }, async (s) => {
    await s.signUp("alice");
    const otp = await code(s, "alice", "email-verification");
    await s.post("/email-otp/verify-email", { email: s.email("alice"), otp }, { jar: "alice", label: "right" });
    await s.get("/get-session", { jar: "alice" });
  }),

  scenario("verify and sign in", { ...on(), emailVerification: { autoSignInAfterVerification: true } }, async (s) => {
    await s.signUp("alice");
    const otp = await code(s, "alice", "email-verification");
    await s.post("/email-otp/verify-email", { email: s.email("alice"), otp }, { jar: "other", label: "right" });
    await s.get("/get-session", { jar: "other" });
  }),

  scenario("code on sign-up", on({ sendVerificationOnSignUp: true }), async (s) => {
    await s.signUp("alice");
    const { otp } = await s.message();
    await s.post("/email-otp/verify-email", { email: s.email("alice"), otp }, { label: "verify" });
    await s.signUp("alice", {}, { label: "sign up again" });
  }),

  scenario("codes in the place of links", {
    ...on({ overrideDefaultEmailVerification: true }),
    emailAndPassword: { requireEmailVerification: true },
    emailVerification: { sendOnSignUp: true, sendOnSignIn: true },
  }, async (s) => {
    await s.signUp("alice");
    await s.message("on sign-up");
    await s.signIn("alice");
    await s.message("on sign-in");
    await s.post("/send-verification-email", { email: s.email("alice") }, { label: "asked for" });
    const { otp } = await s.message("asked for");
    await s.post("/send-verification-email", { email: s.email("nobody") }, { label: "asked for by nobody" });
    await s.post("/email-otp/verify-email", { email: s.email("alice"), otp }, { label: "verify" });
    await s.signIn("alice", "alice", {}, { label: "sign in, verified" });
  }),

  scenario("reset", on(), async (s) => {
    const alice = s.email("alice");
    await s.signUp("alice");
    const verify = await code(s, "alice", "email-verification");
    await s.post("/email-otp/verify-email", { email: alice, otp: verify }, { label: "verify" });
    await s.post("/email-otp/request-password-reset", { email: alice }, { label: "ask" });
    const { otp } = await s.message();
    const reset = (given, password = "a brand new password") => ({ email: alice, otp: given, password });
    await s.post("/email-otp/reset-password", reset(other(otp)), { label: "wrong" });
    await check(s, "alice", "forget-password", otp, "check");
    await s.post("/email-otp/reset-password", reset(otp, "short"), { label: "short password" });
    await s.post("/email-otp/reset-password", reset(otp), { label: "right" });
    await s.post("/email-otp/reset-password", reset(otp), { label: "again" });
    await s.signIn("alice", "new", { password: "a brand new password" }, { label: "new password" });
    await s.signIn("alice", "old", {}, { label: "old password" });
    await s.get("/get-session", { jar: "alice", label: "old session" });
    await s.post("/forget-password/email-otp", { email: alice }, { label: "ask under the old name" });
    const old = await s.message();
    await s.post("/email-otp/reset-password", reset(old.otp, PASSWORD), { label: "right again" });
  }),

  scenario("reset and revoke", { ...on(), emailAndPassword: { revokeSessionsOnPasswordReset: true } }, async (s) => {
    await s.signUp("alice");
    const otp = await code(s, "alice", "forget-password");
    const body = { email: s.email("alice"), otp, password: "a brand new password" };
    await s.post("/email-otp/reset-password", body, { label: "right" });
    await s.get("/get-session", { jar: "alice", label: "old session" });
    await s.signIn("alice", "new", { password: body.password }, { label: "new password, verified" });
  }),

  scenario("first password", on(), async (s) => {
    const otp = await code(s, "alice", "sign-in");
    await signIn(s, "alice", otp, { jar: "alice", label: "new user" });
    const reset = await code(s, "alice", "forget-password");
    const body = { email: s.email("alice"), otp: reset, password: PASSWORD };
    await s.post("/email-otp/reset-password", body, { label: "first password" });
    await s.signIn("alice", "password");
    await s.get("/list-accounts", { jar: "alice" });
  }),

  scenario("change of address", CHANGE, async (s) => {
    const next = s.email("next");
    await s.signUp("alice");
    await s.signUp("bob");
    const begin = (newEmail, step) => s.post("/email-otp/request-email-change", { newEmail }, { jar: "alice", ...step });
    const change = (newEmail, otp, step) => s.post("/email-otp/change-email", { newEmail, otp }, { jar: "alice", ...step });
    await begin(next, { jar: undefined, label: "nobody begins" });
    await change(next, "1", { jar: undefined, label: "nobody changes" });
    await begin("x", { label: "no address" });
    await begin(s.email("alice"), { label: "the same" });
    await begin(s.email("bob"), { label: "taken" });
    await begin(undefined, { label: "nothing" });
    await begin(next, { label: "begin" });
    const { otp } = await s.message();
    await change(next, other(otp), { label: "wrong" });
    await change("x", otp, { label: "change to no address" });
    await change(s.email("alice"), otp, { label: "change to the same" });
    await change(s.email("bob"), otp, { label: "change to another" });
    await change(next, otp, { jar: "bob", label: "another's" });
    await change(next, otp, { label: "right" });
    await change(next, otp, { label: "again" });
    await s.get("/get-session", { jar: "alice" });
    await s.signIn("next", "next");
  }),

  scenario("change of address, taken meanwhile", CHANGE, async (s) => {
    await s.signUp("alice");
    const newEmail = s.email("next");
    await s.post("/email-otp/request-email-change", { newEmail }, { jar: "alice", label: "begin" });
    const { otp } = await s.message();
    await s.signUp("next");
    await s.post("/email-otp/change-email", { newEmail, otp }, { jar: "alice", label: "taken" });
    await s.post("/email-otp/change-email", { newEmail, otp }, { jar: "alice", label: "taken, again" });
  }),

  scenario("change of address, agreed", AGREED, async (s) => {
    await s.signUp("alice");
    const newEmail = s.email("next");
    const begin = (more, label) => s.post("/email-otp/request-email-change", { newEmail, ...more }, { jar: "alice", label });
    await begin({}, "without a code");
    const agreed = await code(s, "alice", "email-verification");
    await begin({ otp: other(agreed) }, "wrong code");
    await begin({ otp: agreed }, "right code");
    const { otp } = await s.message();
    await begin({ otp: agreed }, "spent code");
    await s.post("/email-otp/change-email", { newEmail, otp }, { jar: "alice", label: "change" });
    await s.get("/get-session", { jar: "alice" });
  }),

  scenario("change of address, disabled", on(), async (s) => {
    await s.signUp("alice");
    const newEmail = s.email("next");
    await s.post("/email-otp/request-email-change", { newEmail }, { jar: "alice", label: "begin" });
    await s.post("/email-otp/change-email", { newEmail, otp: "1" }, { jar: "alice", label: "change" });
  }),

  scenario("unproven address", on(), async (s) => {
    await s.signUp("alice");
    const otp = await code(s, "alice", "sign-in");
    await signIn(s, "alice", otp, { jar: "code", label: "signed in" });
    await s.get("/get-session", { jar: "alice", label: "the old session" });
    await s.signIn("alice", "password", {}, { label: "the old password" });
  }),

  scenario("fields", {
    ...on(),
    user: { additionalFields: { plan: { type: "string", defaultValue: "free" }, level: { type: "number", input: false, required: false } } },
  }, async (s) => {
    const otp = await code(s, "alice", "sign-in");
    await signIn(s, "alice", otp, { jar: "alice", label: "with a field" }, { plan: "gold", unknown: 1 });
    const bob = await code(s, "bob", "sign-in");
    await signIn(s, "bob", bob, { label: "a field that clients may not set" }, { level: 9 });
  }),

  scenario("limits", { ...on(), rateLimit: { enabled: true } }, async (s) => {
    for (let n = 1; n <= 4; n += 1) await signIn(s, "nobody", "000000", { label: `sign in ${n}` });
    for (let n = 1; n <= 4; n += 1) await check(s, "nobody", "sign-in", "000000", `check ${n}`);
  }),

  scenario("client", on({ changeEmail: { enabled: true } }), async (s) => {
    const client = s.client({ plugins: [emailOTPClient()] });
    const email = s.email("alice");
    const call = async (label, promise) => s.note(label, clientResult(await promise));
    const next = async () => (await s.message()).otp;
    await call("sent", client.emailOtp.sendVerificationOtp({ email, type: "sign-in" }));
    const otp = await next();
    await call("refused", client.signIn.emailOtp({ email, otp: other(otp) }));
    await call("signed in", client.signIn.emailOtp({ email, otp, name: "Alice" }));
    await call("asked for reset", client.emailOtp.requestPasswordReset({ email }));
    const reset = await next();
    await call("checked", client.emailOtp.checkVerificationOtp({ email, type: "forget-password", otp: reset }));
    await call("reset", client.emailOtp.resetPassword({ email, otp: reset, password: PASSWORD }));
    await call("asked for proof", client.emailOtp.sendVerificationOtp({ email, type: "email-verification" }));
    await call("proven", client.emailOtp.verifyEmail({ email, otp: await next() }));
    const newEmail = s.email("next");
    await call("began to change", client.emailOtp.requestEmailChange({ newEmail }));
    await call("changed", client.emailOtp.changeEmail({ newEmail, otp: await next() }));
  }),
];
