/** The have-i-been-pwned plugin, with a service that the fake plays. */
import { clientResult } from "../lib/client.mjs";
import { UNKNOWABLE, digits } from "../lib/fake-guards.mjs";
import { PASSWORD, scenario } from "../scenario.mjs";

const BREACHED = "from a breach";

const on = (given = {}, plugins = {}, more = {}) => ({
  emailAndPassword: { sendResetPassword: true },
  plugins: { "have-i-been-pwned": given, ...plugins },
  ...more,
});

/** What the service was asked about these passwords. */
const asked = (s, ...passwords) => passwords.forEach((password) => s.asked(`asked about ${password}`, digits(password).prefix));

const signUp = (s, who, password, label = password) => s.signUp(who, { password }, { label });

export default [
  scenario("sign-up", on(), async (s) => {
    await signUp(s, "alice", BREACHED);
    await signUp(s, "alice", "from a breach, as well");
    await signUp(s, "alice", "counted strangely");
    await signUp(s, "alice", "counted in words");
    await signUp(s, "alice", UNKNOWABLE);
    await signUp(s, "alice", "short");
    await signUp(s, "bob", "only padding");
    await signUp(s, "alice", PASSWORD);
    await signUp(s, "alice", BREACHED, "a taken address");
    await s.signIn("alice", "alice", { password: BREACHED }, { label: "sign in, refused" });
    await s.signIn("alice", "alice");
    asked(s, BREACHED, "from a breach, as well", "counted strangely", UNKNOWABLE, "only padding", PASSWORD, "short");
  }),

  scenario("change", on(), async (s) => {
    await s.signUp("alice");
    const change = (newPassword, label, currentPassword = PASSWORD) =>
      s.post("/change-password", { currentPassword, newPassword }, { jar: "alice", label });
    await change(BREACHED, "from a breach");
    await change(UNKNOWABLE, "unknowable");
    await change(BREACHED, "wrong present password", "not the password");
    await change("another password", "good");
    await s.post("/verify-password", { password: "another password" }, { jar: "alice", label: "it counts" });
  }),

  scenario("reset", on(), async (s) => {
    await s.signUp("alice");
    await s.post("/request-password-reset", { email: s.email("alice") });
    const { token } = await s.message();
    const reset = (newPassword, label, given = token) => s.post("/reset-password", { newPassword, token: given }, { label });
    await reset(BREACHED, "bad token", "nonsense");
    await reset(BREACHED, "from a breach");
    await reset(UNKNOWABLE, "unknowable");
    await reset("another password", "the token is still good");
    await s.signIn("alice", "alice", { password: "another password" });
  }),

  scenario("reset by a code", on({}, { "email-otp": {} }), async (s) => {
    await s.signUp("alice");
    await s.post("/email-otp/request-password-reset", { email: s.email("alice") });
    const { otp } = await s.message();
    const reset = (password, label, given = otp) =>
      s.post("/email-otp/reset-password", { email: s.email("alice"), otp: given, password }, { label });
    await reset(BREACHED, "wrong code", "not it");
    await reset(BREACHED, "from a breach");
    await reset(UNKNOWABLE, "unknowable");
    await reset("another password", "the code is still good");
    await s.signIn("alice", "alice", { password: "another password" });
  }),

  scenario("sign-up with a name", on({}, { username: {} }), async (s) => {
    await s.signUp("alice", { username: s.slug, password: BREACHED }, { label: "from a breach" });
    await s.signUp("alice", { username: s.slug }, { label: "good" });
    await s.post("/sign-in/username", { username: s.slug, password: PASSWORD }, { jar: "alice" });
  }),

  scenario("discreet sign-up", on({}, {}, { emailAndPassword: { requireEmailVerification: true } }), async (s) => {
    await s.signUp("alice");
    await signUp(s, "alice", BREACHED, "a taken address");
    await signUp(s, "bob", BREACHED, "a free address");
  }),

  scenario("paths and words of one's own", on({ paths: ["/change-password"], customPasswordCompromisedMessage: "Stolen long ago" }), async (s) => {
    await signUp(s, "alice", BREACHED);
    const body = { currentPassword: BREACHED, newPassword: "from a breach, as well" };
    await s.post("/change-password", body, { jar: "alice", label: "change" });
  }),

  scenario("no paths", on({ paths: [] }), (s) => signUp(s, "alice", BREACHED)),

  scenario("off", on({ enabled: false }), (s) => signUp(s, "alice", BREACHED)),

  scenario("client", on(), async (s) => {
    const client = s.client();
    const call = async (label, promise) => s.note(`returned by ${label}`, clientResult(await promise));
    const body = { email: s.email("alice"), name: "Alice" };
    await call("signUp, refused", client.signUp.email({ ...body, password: BREACHED }));
    await call("signUp, unknowable", client.signUp.email({ ...body, password: UNKNOWABLE }));
    await call("signUp", client.signUp.email({ ...body, password: PASSWORD }));
    await call("change, refused", client.changePassword({ currentPassword: PASSWORD, newPassword: BREACHED }));
  }),
];
