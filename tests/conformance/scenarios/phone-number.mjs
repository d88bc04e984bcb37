/** The phone number plugin. */
import { phoneNumberClient } from "better-auth/client/plugins";
import { clientResult } from "../lib/client.mjs";
import { PASSWORD, scenario } from "../scenario.mjs";

const on = (options = {}) => ({ plugins: { "phone-number": options } });
const OPEN = on({ signUpOnVerification: true });
const NEW = "a brand new password";

/** Asks for a code and answers it. */
async function code(s, who, label = "") {
  await s.post("/phone-number/send-otp", { phoneNumber: s.phone(who) }, { label: `send to ${who}${label}` });
  return (await s.message(`code for ${who}${label}`)).otp;
}

/** Another code of the same length. */
const other = (otp) => `${otp.slice(0, -1)}${(Number(otp.at(-1)) + 1) % 10}`;

const verify = (s, who, given, extra = {}, step = {}) =>
  s.post("/phone-number/verify", { phoneNumber: s.phone(who), code: given, ...extra }, { label: `verify ${who}`, ...step });

const signIn = (s, who, extra = {}, step = {}) =>
  s.post("/sign-in/phone-number", { phoneNumber: s.phone(who), password: PASSWORD, ...extra }, { label: `sign in ${who}`, ...step });

/** Somebody with a password and a proven number. */
async function withNumber(s, who) {
  await s.signUp(who);
  await verify(s, who, await code(s, who), { updatePhoneNumber: true }, { jar: who, label: `number of ${who}` });
}

export default [
  scenario("sign up by a number", OPEN, async (s) => {
    const otp = await code(s, "alice");
    await verify(s, "alice", other(otp), {}, { label: "wrong" });
    await verify(s, "alice", otp, {}, { jar: "alice", label: "new user" });
    await s.get("/get-session", { jar: "alice" });
    await verify(s, "alice", otp, {}, { label: "spent" });
    await verify(s, "alice", await code(s, "alice", " again"), {}, { jar: "second", label: "known user" });
    await verify(s, "alice", await code(s, "alice", " once more"), { disableSession: true }, { label: "no session" });
    await verify(s, "bob", await code(s, "bob"), { disableSession: true }, { label: "new user, no session" });
  }),

  scenario("nobody signs up", on(), async (s) => {
    const otp = await code(s, "alice");
    await verify(s, "alice", otp, {}, { label: "nobody" });
    await verify(s, "alice", otp, {}, { label: "spent" });
  }),

  scenario("wrong guesses", OPEN, async (s) => {
    const otp = await code(s, "alice");
    for (let n = 1; n <= 3; n += 1) await verify(s, "alice", other(otp), {}, { label: `wrong ${n}` });
    await verify(s, "alice", otp, {}, { label: "right, too late" });
    await verify(s, "alice", otp, {}, { label: "gone" });
  }),

  scenario("other lengths", on({ otpLength: 8, allowedAttempts: 1, signUpOnVerification: true }), async (s) => {
    const otp = await code(s, "alice");
    await verify(s, "alice", other(otp), {}, { label: "wrong" });
    await verify(s, "alice", otp, {}, { label: "right, too late" });
  }),

  scenario("a number for whoever is signed in", OPEN, async (s) => {
    const update = { updatePhoneNumber: true };
    await s.signUp("alice");
    await s.signUp("bob");
    const otp = await code(s, "alice");
    await verify(s, "alice", otp, update, { label: "nobody is signed in" });
    await verify(s, "alice", otp, update, { jar: "alice", label: "spent by nobody" });
    await verify(s, "alice", await code(s, "alice", " again"), update, { jar: "alice", label: "right" });
    await s.get("/get-session", { jar: "alice" });
    const taken = await code(s, "alice", " for bob");
    await verify(s, "alice", taken, update, { jar: "bob", label: "taken" });
    await verify(s, "alice", taken, update, { jar: "bob", label: "taken, spent" });
    await verify(s, "next", await code(s, "next"), update, { jar: "alice", label: "another number" });
    await s.post("/update-user", { phoneNumber: null }, { jar: "alice", label: "removed" });
    await s.get("/get-session", { jar: "alice", label: "without a number" });
  }),

  scenario("set in other ways", OPEN, async (s) => {
    await s.signUp("alice");
    const phoneNumber = s.phone("alice");
    await s.post("/update-user", { phoneNumber }, { jar: "alice", label: "update" });
    await s.post("/update-user", { phoneNumber: "" }, { jar: "alice", label: "update to nothing" });
    await s.post("/update-user", { phoneNumberVerified: true }, { jar: "alice", label: "update proof" });
    await s.post("/update-user", { name: "New", phoneNumber: null }, { jar: "alice", label: "remove what is not there" });
    await s.signUp("bob", { phoneNumber }, { label: "sign up" });
    await s.signUp("carol", { phoneNumber: "" }, { label: "sign up with nothing" });
    await s.signUp("dave", { phoneNumberVerified: true }, { label: "sign up with proof" });
  }),

  scenario("sign in", OPEN, async (s) => {
    await withNumber(s, "alice");
    await signIn(s, "alice", {}, { jar: "one" });
    await s.get("/get-session", { jar: "one" });
    await signIn(s, "alice", { rememberMe: false }, { jar: "two", label: "not remembered" });
    await signIn(s, "alice", { password: "wrong password" }, { label: "wrong password" });
    await signIn(s, "alice", { password: "x".repeat(129) }, { label: "too long password" });
    await signIn(s, "nobody");
    await verify(s, "bob", await code(s, "bob"), {}, { label: "bob" });
    await signIn(s, "bob", {}, { label: "no password" });
  }),

  scenario("sign in, verification required", on({ requireVerification: true }), async (s) => {
    await withNumber(s, "alice");
    await signIn(s, "alice");
    await signIn(s, "nobody");
  }),

  scenario("second factor", { plugins: { "phone-number": {}, "two-factor": { otpOptions: { sendOTP: true } } } }, async (s) => {
    await withNumber(s, "alice");
    await s.post("/two-factor/enable", { password: PASSWORD, method: "otp" }, { jar: "alice", label: "enable" });
    await signIn(s, "alice", { password: "wrong password" }, { jar: "one", label: "wrong password" });
    await signIn(s, "alice", { rememberMe: false }, { jar: "one", label: "held" });
    await s.get("/get-session", { jar: "one", label: "no session yet" });
    await s.post("/two-factor/send-otp", {}, { jar: "one", label: "send" });
    const { otp } = await s.message("second code");
    await s.post("/two-factor/verify-otp", { code: otp }, { jar: "one", label: "prove" });
    await s.get("/get-session", { jar: "one", label: "session" });
    await verify(s, "alice", await code(s, "alice", " again"), {}, { jar: "two", label: "by a code" });
  }),

  scenario("expired", on({ expiresIn: 1 }), async (s) => {
    const otp = await code(s, "alice");
    const over = Date.now() + 1500;
    await s.until({ method: "GET", path: "/ok" }, () => Date.now() > over);
    await verify(s, "alice", otp, {}, { label: "late" });
    await verify(s, "alice", otp, {}, { label: "later" });
  }),

  scenario("a number and anybody's password", OPEN, async (s) => {
    await withNumber(s, "alice");
    await s.signUp("bob");
    await signIn(s, "alice", { password: "" }, { label: "empty password" });
    await signIn(s, "alice", {}, { jar: "bob", label: "signed in as somebody else" });
    await s.get("/get-session", { jar: "bob", label: "who it is now" });
  }),

  scenario("sign in although the address is not proven", { ...OPEN, emailAndPassword: { requireEmailVerification: false } }, async (s) => {
    await withNumber(s, "alice");
    await signIn(s, "alice");
  }),

  scenario("reset", OPEN, async (s) => {
    await withNumber(s, "alice");
    const phoneNumber = s.phone("alice");
    await s.post("/phone-number/request-password-reset", { phoneNumber: s.phone("nobody") }, { label: "ask for nobody" });
    await s.post("/phone-number/request-password-reset", { phoneNumber }, { label: "ask" });
    const { otp } = await s.message();
    const reset = (given, newPassword = NEW, label) =>
      s.post("/phone-number/reset-password", { phoneNumber, otp: given, newPassword }, { label });
    await reset(other(otp), NEW, "wrong");
    await reset(otp, "short", "short password");
    await reset(otp, "x".repeat(129), "long password");
    await reset(otp, NEW, "right");
    await reset(otp, NEW, "again");
    await signIn(s, "alice", { password: NEW }, { label: "new password" });
    await signIn(s, "alice", {}, { label: "old password" });
    await s.get("/get-session", { jar: "alice", label: "old session" });
  }),

  scenario("first password", OPEN, async (s) => {
    await verify(s, "alice", await code(s, "alice"), {}, { jar: "alice", label: "new user" });
    const phoneNumber = s.phone("alice");
    await s.post("/phone-number/request-password-reset", { phoneNumber }, { label: "ask" });
    const { otp } = await s.message();
    await s.post("/phone-number/reset-password", { phoneNumber, otp, newPassword: NEW }, { label: "right" });
    await signIn(s, "alice", { password: NEW });
  }),

  scenario("nothing is sent", on({ sendOTP: false, sendPasswordResetOTP: false }), async (s) => {
    const phoneNumber = s.phone("alice");
    await s.post("/phone-number/send-otp", { phoneNumber }, { label: "send" });
    await s.post("/phone-number/request-password-reset", { phoneNumber }, { label: "ask" });
  }),

  scenario("input", OPEN, async (s) => {
    const phoneNumber = s.phone("alice");
    const routes = {
      "/sign-in/phone-number": [{}, { phoneNumber: 5, password: 5, rememberMe: "x" }],
      "/phone-number/send-otp": [{}, { phoneNumber: 5 }],
      "/phone-number/verify": [{}, { phoneNumber: 5, code: 5, disableSession: "x", updatePhoneNumber: 1 }, { phoneNumber, code: "1" }],
      "/phone-number/request-password-reset": [{}, { phoneNumber: 5 }],
      "/phone-number/reset-password": [{}, { phoneNumber: 5, otp: 5, newPassword: 5 }, { phoneNumber, otp: "1", newPassword: NEW }],
    };
    for (const [path, bodies] of Object.entries(routes)) {
      for (const [at, body] of bodies.entries()) await s.post(path, body, { label: `${path} ${at}` });
    }
  }),

  scenario("fields", { ...OPEN, user: { additionalFields: { plan: { type: "string", defaultValue: "free" } } } }, async (s) => {
    await verify(s, "alice", await code(s, "alice"), { plan: "gold", unknown: 1 }, { label: "with a field" });
  }),

  scenario("cached and bearer", { plugins: { "phone-number": { signUpOnVerification: true }, bearer: {} }, session: { cookieCache: { enabled: true } } }, async (s) => {
    await verify(s, "alice", await code(s, "alice"), {}, { jar: "alice", label: "new user" });
    await verify(s, "next", await code(s, "next"), { updatePhoneNumber: true }, { jar: "alice", label: "another number" });
    await s.get("/get-session", { jar: "alice", label: "session" });
    await s.post("/update-user", { phoneNumber: null }, { jar: "alice", label: "removed" });
    await s.get("/get-session", { jar: "alice", label: "without a number" });
  }),

  scenario("limits", { ...OPEN, rateLimit: { enabled: true } }, async (s) => {
    for (let n = 1; n <= 11; n += 1) await verify(s, "nobody", "000000", {}, { label: `verify ${n}` });
  }),

  scenario("client", OPEN, async (s) => {
    const client = s.client({ plugins: [phoneNumberClient()] });
    const phoneNumber = s.phone("alice");
    const call = async (label, promise) => s.note(label, clientResult(await promise));
    const next = async () => (await s.message()).otp;
    await call("sent", client.phoneNumber.sendOtp({ phoneNumber }));
    const otp = await next();
    await call("refused", client.phoneNumber.verify({ phoneNumber, code: other(otp) }));
    await call("verified", client.phoneNumber.verify({ phoneNumber, code: otp }));
    await call("asked", client.phoneNumber.requestPasswordReset({ phoneNumber }));
    await call("reset", client.phoneNumber.resetPassword({ phoneNumber, otp: await next(), newPassword: PASSWORD }));
    await call("signed in", client.signIn.phoneNumber({ phoneNumber, password: PASSWORD }));
  }),
];
