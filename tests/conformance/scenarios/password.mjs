/** Resetting, verifying and changing passwords. */
import { PASSWORD, scenario } from "../scenario.mjs";

const RESET = { emailAndPassword: { sendResetPassword: true } };
const NEW = "a brand new password";

/** Asks for a reset and returns the message. */
async function askReset(s, who, extra = {}) {
  await s.post("/request-password-reset", { email: s.email(who), ...extra }, { label: `request reset for ${who}` });
  return s.message();
}

export default [
  scenario("reset from link to sign-in", RESET, async (s) => {
    await s.signUp("alice");
    const { token } = await askReset(s, "alice", { redirectTo: "/reset?lang=en" });
    await s.get(`/reset-password/${token}`, { query: { callbackURL: "/reset?lang=en" }, label: "open link" });
    await s.post("/reset-password", { newPassword: NEW, token }, { label: "reset" });
    await s.post("/reset-password", { newPassword: NEW, token }, { label: "token used twice" });
    await s.get(`/reset-password/${token}`, { query: { callbackURL: "/reset" }, label: "open used link" });
    await s.signIn("alice", "old", {}, { label: "old password" });
    await s.signIn("alice", "new", { password: NEW }, { label: "new password" });
    await s.get("/get-session", { jar: "alice", label: "earlier session survives" });
  }),

  scenario("request variants", RESET, async (s) => {
    await s.signUp("alice");
    await s.post("/request-password-reset", { email: s.email("nobody") }, { label: "unknown address" });
    await askReset(s, "alice");
    await s.post("/request-password-reset", { email: s.email("alice").toUpperCase() }, { label: "upper case" });
    await s.message("message for upper case");
    await s.post("/request-password-reset", {}, { label: "no email" });
    await s.post("/request-password-reset", { email: "nope" }, { label: "bad email" });
    await s.post("/request-password-reset", { email: s.email("alice"), redirectTo: 5 }, { label: "bad redirect type" });
    await s.post("/request-password-reset", { email: s.email("alice"), redirectTo: "" }, { label: "empty redirect" });
    await s.message("message for empty redirect");
    const absolute = "http://localhost:3000/reset?x=1#frag";
    const { token } = await askReset(s, "alice", { redirectTo: absolute });
    await s.get(`/reset-password/${token}`, { query: { callbackURL: absolute }, label: "absolute link" });
  }),

  scenario("reset errors", RESET, async (s) => {
    await s.signUp("alice");
    await s.post("/reset-password", { newPassword: NEW, token: "unknown" }, { label: "unknown token" });
    await s.post("/reset-password", { newPassword: NEW }, { label: "no token" });
    await s.post("/reset-password", { newPassword: NEW, token: "" }, { label: "empty token" });
    await s.post("/reset-password", { token: "x" }, { label: "no password" });
    await s.post("/reset-password", { newPassword: 5, token: 5 }, { label: "wrong types" });
    await s.get("/reset-password/unknown", { query: { callbackURL: "/reset" }, label: "link, unknown token" });
    await s.get("/reset-password/unknown", { query: { callbackURL: "/reset?a=b#c" }, label: "link, callback with query" });
    await s.get("/reset-password/unknown", { label: "link without callback" });
    await s.get("/reset-password/unknown", { query: { callbackURL: "" }, label: "link, empty callback" });
    const { token } = await askReset(s, "alice");
    await s.post("/reset-password", { newPassword: "short", token }, { label: "too short" });
    await s.post("/reset-password", { newPassword: "x".repeat(129), token }, { label: "too long" });
    await s.post(`/reset-password?token=${token}`, { newPassword: NEW }, { label: "token in the query" });
  }),

  scenario("reset switched off", {}, async (s) => {
    await s.post("/request-password-reset", { email: s.email("alice") });
    await s.post("/request-password-reset", {}, { label: "validation first" });
  }),

  scenario(
    "reset ends other sessions",
    { emailAndPassword: { sendResetPassword: true, revokeSessionsOnPasswordReset: true } },
    async (s) => {
      await s.signUp("alice");
      const { token } = await askReset(s, "alice");
      await s.post("/reset-password", { newPassword: NEW, token }, { jar: "alice", label: "reset" });
      await s.get("/get-session", { jar: "alice", label: "session ended" });
    },
  ),

  scenario(
    "reset token expires",
    { emailAndPassword: { sendResetPassword: true, resetPasswordTokenExpiresIn: 1 } },
    async (s) => {
      await s.signUp("alice");
      const { token } = await askReset(s, "alice");
      const expired = (r) => r.headers.location?.includes("error=");
      const query = { callbackURL: "/reset" };
      await s.until({ method: "GET", path: `/reset-password/${token}`, query, label: "expired link" }, expired);
      await s.post("/reset-password", { newPassword: NEW, token }, { label: "expired token" });
    },
  ),

  scenario("verify-password", {}, async (s) => {
    await s.signUp("alice");
    await s.post("/verify-password", { password: PASSWORD }, { jar: "alice" });
    await s.post("/verify-password", { password: "wrong password" }, { jar: "alice", label: "wrong" });
    await s.post("/verify-password", {}, { jar: "alice", label: "missing" });
    await s.post("/verify-password", { password: PASSWORD }, { label: "no session" });
  }),

  scenario("change-password", {}, async (s) => {
    const right = { currentPassword: PASSWORD, newPassword: NEW };
    await s.signUp("alice");
    await s.signIn("alice", "other");
    await s.post("/change-password", right, { label: "no session" });
    await s.post("/change-password", { ...right, currentPassword: "wrong password" }, { jar: "alice", label: "wrong current" });
    await s.post("/change-password", { ...right, newPassword: "short" }, { jar: "alice", label: "too short" });
    await s.post("/change-password", { ...right, newPassword: "x".repeat(129) }, { jar: "alice", label: "too long" });
    await s.post("/change-password", { ...right, currentPassword: "x".repeat(129) }, { jar: "alice", label: "current too long" });
    await s.post("/change-password", {}, { jar: "alice", label: "nothing" });
    await s.post("/change-password", { ...right, revokeOtherSessions: "yes" }, { jar: "alice", label: "wrong type" });
    await s.post("/change-password", right, { jar: "alice", label: "changed" });
    await s.get("/get-session", { jar: "other", label: "other session kept" });
    await s.signIn("alice", "again", {}, { label: "old password" });
    await s.signIn("alice", "again", { password: NEW }, { label: "new password" });
    const back = { currentPassword: NEW, newPassword: PASSWORD, revokeOtherSessions: true };
    await s.post("/change-password", back, { jar: "alice", label: "with revocation" });
    await s.get("/get-session", { jar: "other", label: "other session ended" });
    await s.get("/get-session", { jar: "alice", label: "new session" });
    await s.get("/list-sessions", { jar: "alice", label: "only one left" });
  }),

  scenario("change-password of a session that is not remembered", {}, async (s) => {
    await s.signUp("alice", { rememberMe: false });
    const body = { currentPassword: PASSWORD, newPassword: NEW, revokeOtherSessions: true };
    await s.post("/change-password", body, { jar: "alice" });
    await s.get("/get-session", { jar: "alice" });
  }),
];
