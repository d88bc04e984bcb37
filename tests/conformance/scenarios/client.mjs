/** The official JavaScript client, unchanged, against the server. */
import { usernameClient } from "better-auth/client/plugins";
import { clientResult } from "../lib/client.mjs";
import { PASSWORD, scenario } from "../scenario.mjs";

const NEW = "a brand new password";

/** Calls the client and records what it returned. */
async function call(s, label, promise) {
  const result = await promise;
  s.note(`returned by ${label}`, clientResult(result));
  return result;
}

export default [
  scenario("a whole visit", { emailAndPassword: { sendResetPassword: true } }, async (s) => {
    const client = s.client();
    const email = s.email("alice");
    await call(s, "getSession, nobody", client.getSession());
    await call(s, "signUp", client.signUp.email({ email, password: PASSWORD, name: "Alice" }));
    await call(s, "getSession", client.getSession());
    await call(s, "getSession with query", client.getSession({ query: { disableCookieCache: true } }));
    await call(s, "listSessions", client.listSessions());
    await call(s, "listAccounts", client.listAccounts());
    await call(s, "updateUser", client.updateUser({ name: "Alice B.", image: "https://example.com/a.png" }));
    await call(s, "updateUser, refused", client.updateUser({ email: "x@example.com" }));
    const wrong = { currentPassword: "wrong password", newPassword: NEW };
    await call(s, "changePassword, refused", client.changePassword(wrong));
    await call(s, "changePassword", client.changePassword({ ...wrong, currentPassword: PASSWORD, revokeOtherSessions: true }));
    await call(s, "signOut", client.signOut());
    await call(s, "getSession, signed out", client.getSession());
    await call(s, "signIn, refused", client.signIn.email({ email, password: PASSWORD }));
    await call(s, "signIn", client.signIn.email({ email, password: NEW, rememberMe: false }));
    await call(s, "getSession again", client.getSession());
    await call(s, "requestPasswordReset", client.requestPasswordReset({ email, redirectTo: "/reset" }));
    const { token } = await s.message();
    await call(s, "resetPassword", client.resetPassword({ newPassword: PASSWORD, token }));
    await call(s, "signIn after reset", client.signIn.email({ email, password: PASSWORD, callbackURL: "/home" }));
    await call(s, "revokeOtherSessions", client.revokeOtherSessions());
    const { data } = await call(s, "listSessions, last", client.listSessions());
    await call(s, "revokeSession", client.revokeSession({ token: data[0].token }));
    await call(s, "getSession, revoked", client.getSession());
  }),

  scenario("errors", {}, async (s) => {
    const client = s.client();
    await call(s, "signUp, bad address", client.signUp.email({ email: "x", password: PASSWORD, name: "A" }));
    await call(s, "signIn, unknown", client.signIn.email({ email: s.email("nobody"), password: PASSWORD }));
    await call(s, "listSessions, nobody", client.listSessions());
    await call(s, "signIn.social", client.signIn.social({ provider: "github", callbackURL: "/in" }));
    await call(s, "revokeSessions", client.revokeSessions());
    await call(s, "unknown route", client.$fetch("/nothing", { method: "POST", body: {} }));
  }),

  scenario(
    "email and deletion",
    {
      emailVerification: { sendVerificationEmail: true },
      user: { changeEmail: { enabled: true }, deleteUser: { enabled: true } },
    },
    async (s) => {
      const client = s.client();
      const email = s.email("alice");
      await call(s, "signUp", client.signUp.email({ email, password: PASSWORD, name: "Alice" }));
      await call(s, "sendVerificationEmail", client.sendVerificationEmail({ email, callbackURL: "/ok" }));
      const { token } = await s.message();
      await call(s, "verifyEmail", client.verifyEmail({ query: { token } }));
      await call(s, "changeEmail", client.changeEmail({ newEmail: s.email("new") }));
      const change = await s.message();
      await call(s, "verifyEmail, change", client.verifyEmail({ query: { token: change.token } }));
      await call(s, "getSession", client.getSession());
      await call(s, "deleteUser", client.deleteUser({ password: PASSWORD }));
      await call(s, "getSession, deleted", client.getSession());
    },
  ),

  scenario("username", { plugins: { username: {} } }, async (s) => {
    const client = s.client({ plugins: [usernameClient()] });
    const username = `${s.slug}_Alice`;
    await call(s, "isUsernameAvailable", client.isUsernameAvailable({ username }));
    const registration = { email: s.email("alice"), password: PASSWORD, name: "Alice", username };
    await call(s, "signUp", client.signUp.email(registration));
    await call(s, "isUsernameAvailable, taken", client.isUsernameAvailable({ username }));
    await call(s, "signOut", client.signOut());
    await call(s, "signIn.username", client.signIn.username({ username, password: PASSWORD }));
    await call(s, "signIn.username, refused", client.signIn.username({ username, password: "wrong password" }));
    await call(s, "updateUser", client.updateUser({ username: `${s.slug}_bob` }));
    await call(s, "getSession", client.getSession());
  }),

  scenario(
    "cookie cache and deferred refresh",
    { session: { deferSessionRefresh: true, cookieCache: { enabled: true } } },
    async (s) => {
      const client = s.client();
      await call(s, "signUp", client.signUp.email({ email: s.email("alice"), password: PASSWORD, name: "Alice" }));
      await call(s, "getSession", client.getSession());
      await call(s, "updateUser", client.updateUser({ name: "Renamed" }));
      await call(s, "getSession, renamed", client.getSession());
    },
  ),
];
