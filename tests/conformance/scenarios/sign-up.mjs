/** Registration with email and password. */
import { PASSWORD, scenario } from "../scenario.mjs";

const ZERO = {
  emailAndPassword: { minPasswordLength: 0, maxPasswordLength: 0 },
  session: { expiresIn: 0, cookieCache: { enabled: true, maxAge: 0 } },
};

const VERIFICATION = { emailVerification: { sendVerificationEmail: true } };

export default [
  scenario("success and duplicate", {}, async (s) => {
    const valid = { name: "Alice", email: s.email("alice"), password: PASSWORD };
    await s.post("/sign-up/email", valid, { jar: "main" });
    await s.get("/get-session", { jar: "main" });
    await s.post("/sign-up/email", valid, { label: "same email" });
    await s.post("/sign-up/email", { ...valid, email: valid.email.toUpperCase() }, { label: "same email, upper case" });
    await s.post("/sign-up/email", { ...valid, email: s.email("Mixed.Case") }, { label: "mixed case is lowered" });
  }),

  scenario("optional members", {}, async (s) => {
    await s.signUp("image", { image: "https://example.com/a.png" });
    await s.signUp("forget", { rememberMe: false });
    await s.signUp("callback", { callbackURL: "/welcome" });
    await s.signUp("extra", { unknown: "ignored", emailVerified: true, id: "chosen", role: "admin" });
    await s.signUp("empty name", { name: "", email: s.email("empty") });
    await s.signUp("unicode", { name: "Zoë 🦀 \"quoted\"", password: "pässwörd 🦀 long" });
    await s.signIn("unicode", "again", { password: "pa\u0308sswo\u0308rd 🦀 long" }, { label: "same password, decomposed" });
    await s.signUp("spaces", { name: "  padded  " });
  }),

  scenario("control characters", {}, async (s) => {
    await s.signUp("tab", { name: "a\tb" });
    await s.signUp("newline", { name: "a\nb" });
    await s.signUp("escape", { name: "a\u001bb" });
    await s.signUp("delete", { name: "a\u007fb" });
    await s.signUp("nul", { name: "a\u0000b" });
  }),

  scenario("validation", {}, async (s) => {
    const valid = { name: "Bob", email: s.email("bob"), password: PASSWORD };
    const cases = {
      "no name": { ...valid, name: undefined },
      "no email": { ...valid, email: undefined },
      "no password": { ...valid, password: undefined },
      "nothing": {},
      "null members": { name: null, email: null, password: null },
      "wrong types": { name: 1, email: true, password: [] },
      "bad email": { ...valid, email: "not-an-address" },
      "email with spaces": { ...valid, email: " bob@example.com " },
      "empty email": { ...valid, email: "" },
      "empty password": { ...valid, password: "" },
      "short password": { ...valid, password: "1234567" },
      "long password": { ...valid, password: "x".repeat(129) },
      "short in UTF-16 units": { ...valid, password: "🦀🦀🦀" },
      "image of wrong type": { ...valid, image: 5 },
      "null image": { ...valid, image: null },
      "rememberMe of wrong type": { ...valid, rememberMe: "no" },
      "body is an array": [],
      "body is a string": "text",
      "body is null": null,
    };
    for (const [label, body] of Object.entries(cases)) await s.post("/sign-up/email", body, { label });
    await s.post("/sign-up/email", { ...valid, password: "x".repeat(128) }, { label: "longest password" });
  }),

  scenario("email grammar", {}, async (s) => {
    const addresses = [
      "a@b.co", "a.b@c.co", ".a@b.co", "a.@b.co", "a..b@c.co", "a+tag@b.co", "a'b@c.co", "a_b@c.co", "a@b", "a@b.c",
      "a@-b.co", "a@b-.co", "a@b..co", "a@[127.0.0.1]", "\"a\"@b.co", "ä@b.co", "a@ä.co", "a b@c.co", "a@b.co\n", "a@b.c0",
      "a@127.0.0.1", "A@B.CO", `${"a".repeat(65)}@b.co`, `a@${"b".repeat(64)}.co`,
    ];
    for (const [i, email] of addresses.entries()) {
      const body = { email, redirectTo: "/" };
      await s.post("/request-password-reset", body, { label: `address ${i}: ${JSON.stringify(email.slice(0, 30))}` });
    }
  }),

  scenario("switched off", { emailAndPassword: { enabled: false } }, async (s) => {
    await s.signUp("nobody");
    await s.signIn("nobody");
    await s.post("/sign-up/email", {}, { label: "validation still comes first" });
  }),

  scenario("sign-up disabled", { emailAndPassword: { disableSignUp: true } }, async (s) => {
    await s.signUp("nobody");
    await s.signIn("nobody");
  }),

  scenario("zero stands for the usual", ZERO, async (s) => {
    await s.signUp("empty", { password: "" });
    await s.signUp("short", { password: "1234567" });
    await s.signUp("long", { password: "x".repeat(129) });
    await s.signUp("fits");
    await s.get("/get-session", { jar: "fits" });
    await s.get("/list-sessions", { jar: "fits" });
  }),

  scenario("own length limits", { emailAndPassword: { minPasswordLength: 3, maxPasswordLength: 5 } }, async (s) => {
    await s.signUp("tiny", { password: "ab" });
    await s.signUp("huge", { password: "abcdef" });
    await s.signUp("fits", { password: "abcd" });
    await s.signIn("fits", "other", { password: "abcdef" }, { label: "too long to be right" });
  }),

  scenario("without automatic sign-in", { emailAndPassword: { autoSignIn: false } }, async (s) => {
    await s.signUp("quiet");
    await s.signUp("quiet", {}, { label: "existing address looks the same" });
    await s.signUp("quiet", { image: "https://example.com/i.png" }, { label: "existing address with image" });
    await s.get("/get-session", { jar: "quiet" });
    await s.signIn("quiet");
  }),

  scenario("verification required", { ...VERIFICATION, emailAndPassword: { requireEmailVerification: true } }, async (s) => {
    await s.signUp("pending", { callbackURL: "/hello?a=b&c=d" });
    const message = await s.message();
    await s.signUp("pending", {}, { label: "existing address looks the same" });
    await s.signIn("pending", "early");
    await s.signIn("pending", "early", { password: "wrong password" }, { label: "wrong password before verification" });
    await s.get("/verify-email", { query: { token: message.token }, label: "verify" });
    await s.signIn("pending");
    await s.get("/get-session", { jar: "pending" });
  }),

  scenario("verification required, no sender", { emailAndPassword: { requireEmailVerification: true } }, async (s) => {
    await s.signUp("stuck");
    await s.signIn("stuck");
  }),

  scenario(
    "message on sign-up only when asked",
    { emailVerification: { sendVerificationEmail: true, sendOnSignUp: true } },
    async (s) => {
      await s.signUp("told");
      await s.message();
      await s.signUp("told", {}, { label: "existing address sends nothing" });
    },
  ),

  scenario(
    "verification required, sendOnSignUp false, sendOnSignIn",
    {
      emailAndPassword: { requireEmailVerification: true },
      emailVerification: { sendVerificationEmail: true, sendOnSignUp: false, sendOnSignIn: true },
    },
    async (s) => {
      await s.signUp("later");
      await s.signIn("later", "later", { callbackURL: "/after" });
      await s.message();
      await s.signIn("later", "later", { password: "wrong password" }, { label: "wrong password sends nothing" });
    },
  ),
];
