/** The last-login-method plugin. */
import { scenario } from "../scenario.mjs";

const plugin = (options = {}) => ({ plugins: { "last-login-method": options } });

export default [
  scenario("by a password", plugin(), async (s) => {
    await s.signUp("alice");
    await s.signIn("alice", "one");
    await s.signIn("alice", "one", { password: "wrong password" }, { label: "wrong password" });
    await s.get("/get-session", { jar: "one" });
    await s.post("/sign-out", {}, { jar: "one" });
    await s.signIn("alice", "forget", { rememberMe: false });
  }),

  scenario("in the database too", plugin({ storeInDatabase: true }), async (s) => {
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice" });
    await s.signIn("alice", "one");
    await s.get("/get-session", { jar: "one" });
    await s.post("/update-user", { lastLoginMethod: "mine" }, { jar: "one", label: "cannot be set" });
  }),

  scenario("another name and age", plugin({ cookieName: "how", maxAge: 60 }), async (s) => {
    await s.signUp("alice");
  }),

  scenario("with other plugins", {
    plugins: { "last-login-method": {}, "two-factor": { otpOptions: { sendOTP: true } }, username: {}, bearer: {} },
  }, async (s) => {
    const username = `${s.slug}_alice`;
    await s.signUp("alice", { username });
    await s.post("/sign-in/username", { username, password: "correct horse battery" }, { label: "by a name" });
    await s.post("/two-factor/enable", { password: "correct horse battery", method: "otp" }, { jar: "alice", label: "enable" });
    await s.signIn("alice", "one", {}, { label: "held" });
  }),
];
