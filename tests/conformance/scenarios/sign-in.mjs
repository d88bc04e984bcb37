/** Signing in and out with email and password. */
import { PASSWORD, scenario } from "../scenario.mjs";

export default [
  scenario("success and failure", {}, async (s) => {
    await s.signUp("alice");
    await s.signIn("alice", "second");
    await s.get("/get-session", { jar: "second" });
    await s.post("/sign-in/email", { email: s.email("alice").toUpperCase(), password: PASSWORD }, { label: "upper case" });
    await s.signIn("alice", "bad", { password: "wrong password" }, { label: "wrong password" });
    await s.signIn("alice", "bad", { password: "" }, { label: "empty password" });
    await s.signIn("alice", "bad", { password: "x".repeat(129) }, { label: "too long password" });
    await s.signIn("nobody", "bad");
  }),

  scenario("validation", {}, async (s) => {
    const valid = { email: s.email("alice"), password: PASSWORD };
    const cases = {
      "no email": { ...valid, email: undefined },
      "no password": { ...valid, password: undefined },
      "nothing": {},
      "bad email": { ...valid, email: "nope" },
      "empty email": { ...valid, email: "" },
      "numbers": { email: 1, password: 2 },
      "rememberMe as text": { ...valid, rememberMe: "false" },
      "rememberMe null": { ...valid, rememberMe: null },
      "callbackURL of wrong type": { ...valid, callbackURL: 7 },
      "array": [valid],
    };
    for (const [label, body] of Object.entries(cases)) await s.post("/sign-in/email", body, { label });
    await s.post("/sign-in/email", undefined, { label: "no body, no type" });
  }),

  scenario("callbackURL and rememberMe", {}, async (s) => {
    await s.signUp("alice");
    await s.signIn("alice", "one", { callbackURL: "/dashboard" }, { label: "with callback" });
    await s.signIn("alice", "two", { callbackURL: "http://localhost:3000/x?y=1#z" }, { label: "absolute callback" });
    await s.signIn("alice", "three", { callbackURL: "" }, { label: "empty callback" });
    await s.signIn("alice", "four", { rememberMe: false }, { label: "not remembered" });
    await s.get("/get-session", { jar: "four", label: "session not remembered" });
    await s.post("/update-user", { name: "Renamed" }, { jar: "four", label: "update keeps it forgetful" });
    await s.signIn("alice", "four", { rememberMe: true }, { label: "remembered again" });
    await s.signIn("alice", "four", { rememberMe: false }, { label: "forgotten again" });
    await s.post("/sign-out", {}, { jar: "four" });
  }),

  scenario("form bodies", {}, async (s) => {
    const form = { name: "Form", email: s.email("form"), password: PASSWORD };
    await s.post("/sign-up/email", undefined, { form, label: "sign up by form" });
    await s.post("/sign-in/email", undefined, { form, jar: "form", label: "sign in by form" });
    await s.post("/sign-in/email", undefined, { form: { ...form, rememberMe: "false" }, label: "form booleans are text" });
    await s.post("/sign-up/email", undefined, { form: { ...form, rememberMe: "on" }, label: "form boolean at sign-up" });
    await s.post("/update-user", undefined, { form: { name: "x" }, jar: "form", label: "form where only JSON is allowed" });
    const raw = `name=A&name=B&email=${encodeURIComponent(s.email("twice"))}&password=${encodeURIComponent(PASSWORD)}`;
    const type = "application/x-www-form-urlencoded";
    await s.post("/sign-up/email", undefined, { rawBody: raw, type, label: "repeated form key" });
    await s.post("/sign-in/email", undefined, { rawBody: "", type, label: "empty form" });
    await s.post("/sign-in/email", undefined, { rawBody: "%zz=%&=&&a", type, label: "broken form" });
    const charset = "application/x-www-form-urlencoded; charset=UTF-8";
    await s.post("/sign-in/email", undefined, {
      rawBody: new URLSearchParams(form).toString(),
      type: charset,
      label: "form with charset",
    });
  }),

  scenario("client address and agent", {}, async (s) => {
    const seen = async (label, headers) => {
      await s.signIn("alice", label, {}, { headers, label });
      await s.get("/get-session", { jar: label, label: `session of ${label}` });
    };
    await s.signUp("alice");
    await seen("not forwarded", { "x-forwarded-for": null });
    await seen("agent", { "user-agent": "Conformance/1.0" });
    await seen("forwarded", { "x-forwarded-for": "203.0.113.7" });
    await seen("two hops", { "x-forwarded-for": "203.0.113.7, 198.51.100.2" });
    await seen("ipv6", { "x-forwarded-for": "2001:DB8::1" });
    await seen("mapped", { "x-forwarded-for": "::ffff:203.0.113.9" });
    await seen("nonsense", { "x-forwarded-for": "not an address" });
    await seen("spaced", { "x-forwarded-for": "  203.0.113.7  " });
    await seen("real ip ignored", { "x-real-ip": "203.0.113.8", "x-forwarded-for": "203.0.113.7" });
  }),

  scenario(
    "own address header and proxies",
    {
      advanced: {
        ipAddress: {
          ipAddressHeaders: ["cf-connecting-ip", "x-forwarded-for"],
          trustedProxies: ["198.51.100.0/24"],
          ipv6Subnet: 48,
        },
      },
    },
    async (s) => {
      const seen = async (label, headers) => {
        await s.signIn("alice", label, {}, { headers, label });
        await s.get("/get-session", { jar: label, label: `session of ${label}` });
      };
      await s.signUp("alice");
      await seen("cloud", { "cf-connecting-ip": "203.0.113.20", "x-forwarded-for": "203.0.113.7" });
      await seen("one proxy", { "x-forwarded-for": "203.0.113.7, 198.51.100.2" });
      await seen("spoofed", { "x-forwarded-for": "10.0.0.1, 203.0.113.7, 198.51.100.2" });
      await seen("only proxies", { "x-forwarded-for": "198.51.100.1, 198.51.100.2" });
      await seen("short net", { "cf-connecting-ip": "2001:db8:1:2:3:4:5:6" });
    },
  ),

  scenario("address tracking off", { advanced: { ipAddress: { disableIpTracking: true } } }, async (s) => {
    await s.signUp("alice", {}, { headers: { "x-forwarded-for": "203.0.113.7" } });
    await s.get("/get-session", { jar: "alice" });
  }),

  scenario("sign out", {}, async (s) => {
    await s.signUp("alice");
    await s.post("/sign-out", {}, { jar: "alice" });
    await s.get("/get-session", { jar: "alice" });
    await s.post("/sign-out", {}, { jar: "alice", label: "twice" });
    await s.post("/sign-out", undefined, { label: "without cookie or body" });
    await s.signIn("alice");
    await s.post("/sign-out", { callbackURL: "/bye", disableRedirect: true, state: "x" }, { jar: "alice", label: "members" });
    await s.signIn("alice");
    await s.post("/sign-out", { callbackURL: 5 }, { jar: "alice", label: "wrong type" });
    await s.post("/sign-out", { callbackURL: "https://evil.example" }, { jar: "alice", label: "foreign callback" });
    await s.post("/sign-out", null, { jar: "alice", label: "null body" });
    await s.get("/sign-out", { jar: "alice" });
  }),
];
