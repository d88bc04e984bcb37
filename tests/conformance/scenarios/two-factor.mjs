/** The two-factor plugin. */
import { twoFactorClient } from "better-auth/client/plugins";
import { clientResult } from "../lib/client.mjs";
import { totp, wrongTotp } from "../lib/totp.mjs";
import { PASSWORD, scenario } from "../scenario.mjs";

// Steps of an hour, so that no scenario crosses one; codes may open again, as in the reference.
const APP = { period: 3600, allowReuse: true };
const given = (more = {}) => ({ otpOptions: { sendOTP: true }, totpOptions: APP, ...more });
const plugin = (more = {}) => ({ plugins: { "two-factor": given(more) } });
const ALL = plugin();

const verify = (s, kind, code, jar, more = {}, label = `${kind} ${jar}`) =>
  s.post(`/two-factor/verify-${kind}`, { code, ...more }, { jar, label });

/** Signs up and sets an app up. */
async function enrol(s, who = "alice", extra = {}) {
  await s.signUp(who, extra);
  const made = await s.post("/two-factor/enable", { password: PASSWORD }, { jar: who, label: `enable ${who}` });
  const { totpURI, backupCodes } = made.json;
  await verify(s, "totp", totp(totpURI), who, {}, `prove ${who}`);
  return { uri: totpURI, backup: backupCodes };
}

export default [
  scenario("setting up an app", ALL, async (s) => {
    await s.signUp("alice");
    const enable = (body, label) => s.post("/two-factor/enable", body, { jar: "alice", label });
    await s.post("/two-factor/enable", { password: PASSWORD }, { label: "nobody" });
    await enable({}, "no password");
    await enable({ password: "wrong password" }, "wrong password");
    await enable({ password: "" }, "empty password");
    await enable({ password: 5 }, "password of wrong type");
    await enable({ password: PASSWORD, method: "sms" }, "unknown method");
    await enable({ password: "x".repeat(129) }, "long password");
    const first = await enable({ password: PASSWORD, issuer: "My App & Co" }, "first");
    const { totpURI } = (await enable({ password: PASSWORD }, "again, not proven")).json;
    await s.signIn("alice", "other");
    await verify(s, "totp", wrongTotp(totpURI), "alice", {}, "wrong code");
    await verify(s, "totp", totp(first.json.totpURI), "alice", {}, "code of the replaced key");
    await verify(s, "totp", totp(totpURI), "alice", {}, "right code");
    await s.get("/get-session", { jar: "alice" });
    await enable({ password: PASSWORD }, "again, proven");
    await s.post("/two-factor/get-totp-uri", { password: PASSWORD }, { jar: "alice", label: "show the key" });
    await s.post("/two-factor/get-totp-uri", { password: "wrong password" }, { jar: "alice", label: "show, wrong" });
    await s.post("/two-factor/get-totp-uri", {}, { jar: "alice", label: "show, no password" });
    await s.signUp("bob");
    await s.post("/two-factor/get-totp-uri", { password: PASSWORD }, { jar: "bob", label: "show, none" });
    await verify(s, "totp", "000000", "bob", {}, "no app");
  }),

  scenario("signing in by an app", ALL, async (s) => {
    const { uri } = await enrol(s);
    await s.signIn("alice", "one", { callbackURL: "/in" });
    await s.get("/get-session", { jar: "one", label: "no session yet" });
    await verify(s, "totp", wrongTotp(uri), "one", {}, "wrong");
    await verify(s, "totp", 5, "one", {}, "wrong type");
    await verify(s, "totp", totp(uri), "one", {}, "right");
    await s.get("/get-session", { jar: "one" });
    await verify(s, "totp", totp(uri), "one", {}, "right, signed in");
    await verify(s, "totp", wrongTotp(uri), "one", {}, "wrong, signed in");
    await s.signIn("alice", "forget", { rememberMe: false });
    await verify(s, "totp", totp(uri, -1), "forget", {}, "step before");
    await s.get("/get-session", { jar: "forget" });
    await s.signIn("alice", "late");
    await verify(s, "totp", totp(uri, 1), "late", {}, "step after");
    await s.signIn("alice", "early");
    await verify(s, "totp", totp(uri, 2), "early", {}, "two steps after");
    await s.post("/two-factor/verify-totp", { code: totp(uri) }, { label: "no cookie" });
  }),

  scenario("a code opens once", plugin({ totpOptions: { period: 3600 } }), async (s) => {
    const { uri } = await enrol(s);
    await s.signIn("alice", "one");
    await verify(s, "totp", totp(uri, 1), "one", {}, "first use");
    await s.signIn("alice", "two");
    await verify(s, "totp", totp(uri, 1), "two", {}, "second use");
  }),

  scenario("guesses", ALL, async (s) => {
    const { uri, backup } = await enrol(s);
    await s.signIn("alice", "one");
    for (let n = 1; n <= 5; n += 1) await verify(s, "totp", wrongTotp(uri), "one", {}, `wrong ${n}`);
    await verify(s, "totp", totp(uri), "one", {}, "too many");
    await verify(s, "totp", totp(uri), "one", {}, "and over");
    await s.signIn("alice", "two");
    for (let n = 6; n <= 10; n += 1) await verify(s, "backup-code", "nonsense", "two", {}, `wrong ${n}`);
    await s.signIn("alice", "three");
    await verify(s, "totp", totp(uri), "three", {}, "locked");
    await verify(s, "backup-code", backup[0], "three", {}, "locked, backup");
    await s.post("/two-factor/send-otp", {}, { jar: "three", label: "locked, send" });
    const { otp } = await s.message();
    await verify(s, "otp", otp, "three", {}, "locked, sent");
  }),

  scenario("codes in messages", ALL, async (s) => {
    await s.signUp("alice");
    const enable = { password: PASSWORD, method: "otp" };
    await s.post("/two-factor/enable", enable, { jar: "alice", label: "enable" });
    await s.get("/get-session", { jar: "alice" });
    await s.signIn("alice", "one");
    await verify(s, "otp", "000000", "one", {}, "none sent");
    await s.post("/two-factor/send-otp", {}, { jar: "one", label: "send" });
    const first = (await s.message()).otp;
    await s.post("/two-factor/send-otp", undefined, { jar: "one", label: "send, no body" });
    const second = (await s.message()).otp;
    await s.post("/two-factor/send-otp", { trustDevice: "x" }, { jar: "one", label: "send, wrong type" });
    await verify(s, "otp", `${first}0`, "one", {}, "wrong");
    await verify(s, "otp", second, "one", {}, "right");
    await s.get("/get-session", { jar: "one" });
    await s.signIn("alice", "two");
    await s.post("/two-factor/send-otp", {}, { jar: "two", label: "send two" });
    const third = (await s.message()).otp;
    for (let n = 1; n <= 5; n += 1) await verify(s, "otp", "x", "two", {}, `wrong ${n}`);
    await verify(s, "otp", third, "two", {}, "too many");
    await s.post("/two-factor/send-otp", {}, { label: "send, nobody" });
    await s.post("/two-factor/send-otp", {}, { jar: "alice", label: "send, signed in" });
    const fourth = (await s.message()).otp;
    await verify(s, "otp", fourth, "alice", {}, "right, signed in");
    await s.post("/two-factor/disable", { password: PASSWORD }, { jar: "alice", label: "disable" });
    await s.post("/two-factor/send-otp", {}, { jar: "alice", label: "send, off" });
    const fifth = (await s.message()).otp;
    await verify(s, "otp", fifth, "alice", {}, "turns it on");
    await s.get("/get-session", { jar: "alice", label: "on again" });
  }),

  ...["encrypted", "hashed"].map((storeOTP) =>
    scenario(`messages stored ${storeOTP}`, plugin({ otpOptions: { sendOTP: true, storeOTP, digits: 8 } }), async (s) => {
      await s.signUp("alice");
      await s.post("/two-factor/enable", { password: PASSWORD, method: "otp" }, { jar: "alice", label: "enable" });
      await s.signIn("alice", "one");
      await s.post("/two-factor/send-otp", {}, { jar: "one", label: "send" });
      const { otp } = await s.message();
      await verify(s, "otp", "x", "one", {}, "wrong");
      await verify(s, "otp", otp, "one", {}, "right");
    }),
  ),

  scenario("backup codes", ALL, async (s) => {
    const { backup } = await enrol(s);
    const use = (n, jar, more, label) => verify(s, "backup-code", backup[n], jar, more, label);
    await s.signIn("alice", "one");
    await verify(s, "backup-code", "nonsense", "one", {}, "wrong");
    await verify(s, "backup-code", 5, "one", {}, "wrong type");
    await use(0, "one", {}, "right");
    await s.get("/get-session", { jar: "one" });
    await s.signIn("alice", "two");
    await use(0, "two", {}, "used");
    await use(1, "two", { disableSession: true }, "without session");
    await s.get("/get-session", { jar: "two" });
    await use(2, "alice", {}, "signed in");
    await use(3, "alice", { disableSession: true }, "signed in, without session");
    const generate = (password, jar, label) => s.post("/two-factor/generate-backup-codes", { password }, { jar, label });
    await generate("wrong password", "alice", "new, wrong password");
    await generate(undefined, "alice", "new, no password");
    await generate(PASSWORD, "nobody", "new, nobody");
    const { backupCodes } = (await generate(PASSWORD, "alice", "new")).json;
    await s.signIn("alice", "three");
    await use(4, "three", {}, "of the old set");
    await verify(s, "backup-code", backupCodes[0], "three", {}, "of the new set");
    await s.signUp("bob");
    await generate(PASSWORD, "bob", "bob has none");
    await verify(s, "backup-code", "x", "bob", {}, "bob shows one");
  }),

  scenario(
    "backup codes of another form",
    plugin({ backupCodeOptions: { amount: 3, length: 8, storeBackupCodes: "plain" } }),
    async (s) => {
      const { backup } = await enrol(s);
      s.note("lengths", backup.map((code) => [code.length, code.indexOf("-")]));
      await s.signIn("alice", "one");
      await verify(s, "backup-code", backup[2], "one", {}, "right");
    },
  ),

  scenario("trusted devices", ALL, async (s) => {
    const { uri } = await enrol(s);
    await s.signIn("alice", "home");
    await verify(s, "totp", totp(uri), "home", { trustDevice: true }, "trust");
    await s.signIn("alice", "home", {}, { label: "not asked" });
    await s.signIn("alice", "home", { rememberMe: false }, { label: "not asked again" });
    await s.signIn("alice", "elsewhere", {}, { label: "asked" });
    await enrol(s, "bob");
    await s.signIn("bob", "home", {}, { label: "bob is asked in alice's browser" });
    await s.signIn("alice", "forget", { rememberMe: false });
    await verify(s, "totp", totp(uri), "forget", { trustDevice: true }, "trust, not remembered");
    await s.post("/two-factor/disable", { password: PASSWORD }, { jar: "forget", label: "disable" });
    await s.signIn("alice", "forget", {}, { label: "off" });
  }),

  scenario("turning it off", ALL, async (s) => {
    await enrol(s);
    const disable = (body, jar, label) => s.post("/two-factor/disable", body, { jar, label });
    await disable({ password: PASSWORD }, "nobody", "nobody");
    await disable({}, "alice", "no password");
    await disable({ password: "wrong password" }, "alice", "wrong password");
    await disable({ password: PASSWORD }, "alice", "right");
    await s.get("/get-session", { jar: "alice" });
    await s.signIn("alice", "one");
    await disable({ password: PASSWORD }, "alice", "off already");
  }),

  scenario("at once", plugin({ skipVerificationOnEnable: true, issuer: "Our App" }), async (s) => {
    await s.signUp("alice");
    await s.post("/two-factor/enable", { password: PASSWORD }, { jar: "alice", label: "enable" });
    await s.get("/get-session", { jar: "alice" });
    await s.signIn("alice", "one");
  }),

  scenario("nothing configured", { plugins: { "two-factor": { totpOptions: { disable: true } } } }, async (s) => {
    await s.signUp("alice");
    const post = (path, body) => s.post(`/two-factor/${path}`, body, { jar: "alice", label: path });
    await post("enable", { password: PASSWORD });
    await s.post("/two-factor/enable", { password: PASSWORD, method: "otp" }, { jar: "alice", label: "enable otp" });
    await post("get-totp-uri", { password: PASSWORD });
    await post("verify-totp", { code: "000000" });
    await post("send-otp", {});
    await post("verify-otp", { code: "000000" });
  }),

  scenario("cookie cache and bearer", {
    session: { cookieCache: { enabled: true } },
    plugins: { "two-factor": given(), bearer: {} },
  }, async (s) => {
    const { uri } = await enrol(s);
    await s.signIn("alice", "one", {}, { label: "held" });
    await s.get("/get-session", { jar: "one", label: "no session" });
    await verify(s, "totp", totp(uri), "one", {}, "right");
    await s.get("/get-session", { jar: "one", label: "session" });
  }),

  scenario("by a username", { plugins: { "two-factor": given(), username: {} } }, async (s) => {
    const username = `${s.slug}_alice`;
    await enrol(s, "alice", { username });
    await s.post("/sign-in/username", { username, password: PASSWORD, callbackURL: "/in" }, { jar: "one", label: "held" });
    await s.post("/sign-in/username", { username, password: "wrong password" }, { label: "wrong password" });
  }),

  scenario(
    "an address verified on the way",
    { ...ALL, emailVerification: { sendVerificationEmail: true, autoSignInAfterVerification: true } },
    async (s) => {
      await enrol(s);
      await s.post("/send-verification-email", { email: s.email("alice") });
      const { token } = await s.message();
      await s.get("/verify-email", { query: { token }, jar: "fresh", label: "link in another browser" });
      await s.get("/get-session", { jar: "fresh", label: "is no sign-in" });
    },
  ),

  scenario("rate limit", { ...ALL, rateLimit: { enabled: true } }, async (s) => {
    for (let n = 1; n <= 4; n += 1) await s.post("/two-factor/verify-totp", { code: "1" }, { label: `try ${n}` });
  }),

  scenario("through the client", ALL, async (s) => {
    const client = s.client({ plugins: [twoFactorClient()] });
    const call = async (label, promise) => {
      const result = await promise;
      s.note(`returned by ${label}`, clientResult(result));
      return result;
    };
    const email = s.email("alice");
    await call("signUp", client.signUp.email({ email, password: PASSWORD, name: "Alice" }));
    const { data } = await call("enable", client.twoFactor.enable({ password: PASSWORD }));
    await call("verifyTotp", client.twoFactor.verifyTotp({ code: totp(data.totpURI) }));
    await call("getTotpUri", client.twoFactor.getTotpUri({ password: PASSWORD }));
    await call("signOut", client.signOut());
    await call("signIn", client.signIn.email({ email, password: PASSWORD }));
    await call("sendOtp", client.twoFactor.sendOtp());
    const { otp } = await s.message();
    await call("verifyOtp, refused", client.twoFactor.verifyOtp({ code: "x" }));
    await call("verifyOtp", client.twoFactor.verifyOtp({ code: otp, trustDevice: true }));
    await call("verifyBackupCode", client.twoFactor.verifyBackupCode({ code: data.backupCodes[0] }));
    await call("generateBackupCodes", client.twoFactor.generateBackupCodes({ password: PASSWORD }));
    await call("disable", client.twoFactor.disable({ password: PASSWORD }));
  }),
];
