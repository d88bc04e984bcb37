/** Verifying and changing email addresses. */
import { PASSWORD, scenario } from "../scenario.mjs";

const SENDER = { emailVerification: { sendVerificationEmail: true } };
const CHANGE = { ...SENDER, user: { changeEmail: { enabled: true } } };

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Registers `who` and verifies the address. */
async function signUpVerified(s, who) {
  await s.signUp(who);
  await s.post("/send-verification-email", { email: s.email(who) }, { jar: who, label: `ask to verify ${who}` });
  const { token } = await s.message();
  await s.get("/verify-email", { query: { token }, label: `verify ${who}` });
}

export default [
  scenario("send and verify", SENDER, async (s) => {
    await s.signUp("alice");
    await s.post("/send-verification-email", { email: s.email("alice"), callbackURL: "/done?x=1" }, { jar: "alice" });
    const { token } = await s.message();
    await s.get("/verify-email", { query: { token, callbackURL: "/done?x=1" }, label: "verify with callback" });
    await s.get("/verify-email", { query: { token, callbackURL: "/done" }, label: "verify again with callback" });
    await s.get("/verify-email", { query: { token }, label: "verify again" });
    await s.get("/get-session", { jar: "alice", label: "now verified" });
    await s.post("/send-verification-email", { email: s.email("alice") }, { jar: "alice", label: "already verified" });
  }),

  scenario("send: variants", SENDER, async (s) => {
    await s.signUp("alice");
    await s.post("/send-verification-email", { email: s.email("alice") }, { label: "without session" });
    await s.message();
    await s.post("/send-verification-email", { email: s.email("nobody") }, { label: "unknown, without session" });
    await s.post("/send-verification-email", { email: s.email("other") }, { jar: "alice", label: "not the own address" });
    await s.post("/send-verification-email", {}, { label: "no email" });
    await s.post("/send-verification-email", { email: "x" }, { label: "bad email" });
    await s.post("/send-verification-email", { email: s.email("alice").toUpperCase() }, { jar: "alice", label: "upper case" });
    await s.message("message for upper case");
    await s.post("/send-verification-email", { email: s.email("alice"), callbackURL: 1 }, { label: "bad callback type" });
  }),

  scenario("send: switched off", {}, async (s) => {
    await s.post("/send-verification-email", { email: s.email("alice") });
  }),

  scenario("verify: bad tokens", SENDER, async (s) => {
    const user = (await s.signUp("alice")).json.user;
    const email = s.email("alice");
    const tokens = {
      "not a token": "nonsense",
      "empty": "",
      "expired": s.forgeJwt({ email }, { expiresIn: -10 }),
      "other secret": s.forgeJwt({ email }, { secret: "another secret of good length" }),
      "no algorithm": `${base64url({ alg: "none" })}.${base64url({ email })}.`,
      "wrong algorithm name": s.forgeJwt({ email }, { header: { alg: "HS512" } }),
      "unknown user": s.forgeJwt({ email: s.email("nobody") }),
      "bound to another user": s.forgeJwt({ email, userId: "someone else" }),
      "change without a user": s.forgeJwt({ email, updateTo: s.email("new") }),
      "change, unknown user": s.forgeJwt({ email, updateTo: s.email("new"), userId: "nobody" }),
      "change, old address differs": s.forgeJwt({ email: s.email("old"), updateTo: s.email("new"), userId: user.id }),
    };
    for (const [label, token] of Object.entries(tokens)) {
      await s.get("/verify-email", { query: { token }, label });
      await s.get("/verify-email", { query: { token, callbackURL: "/done?x=1#y" }, label: `${label}, with callback` });
    }
    await s.get("/verify-email", { label: "no token" });
    await s.get("/verify-email", { query: { token: s.forgeJwt({ email: "not-an-address" }) }, label: "bad address inside" });
    await s.get("/verify-email", { query: { token: s.forgeJwt({}) }, label: "no address inside" });
    await s.get("/verify-email", { query: { token: s.forgeJwt({ email }) }, label: "unbound token verifies" });
  }),

  scenario(
    "sign-in after verification",
    { emailVerification: { sendVerificationEmail: true, sendOnSignUp: true, autoSignInAfterVerification: true } },
    async (s) => {
      await s.signUp("alice");
      const alice = await s.message();
      await s.get("/verify-email", { query: { token: alice.token }, jar: "alice", label: "own browser" });
      await s.signUp("bob");
      const bob = await s.message();
      await s.get("/verify-email", { query: { token: bob.token, callbackURL: "/in" }, jar: "fresh", label: "new browser" });
      await s.get("/get-session", { jar: "fresh", label: "signed in" });
    },
  ),

  scenario(
    "sign-in after verification, in someone else's browser",
    { emailVerification: { sendVerificationEmail: true, sendOnSignUp: true, autoSignInAfterVerification: true } },
    async (s) => {
      await s.signUp("alice");
      await s.message("to alice");
      await s.signUp("carol");
      const { token } = await s.message("to carol");
      await s.get("/verify-email", { query: { token }, jar: "alice", label: "alice opens carol's link" });
      const { user } = (await s.get("/get-session", { jar: "alice", label: "who is signed in" })).json;
      s.note("signed in", user.name);
    },
  ),

  scenario("own lifetime of tokens", { emailVerification: { sendVerificationEmail: true, expiresIn: 600 } }, async (s) => {
    await s.signUp("alice");
    await s.post("/send-verification-email", { email: s.email("alice") }, { jar: "alice" });
    await s.message();
  }),

  scenario("change: switched off", {}, async (s) => {
    await s.signUp("alice");
    await s.post("/change-email", { newEmail: s.email("new") }, { jar: "alice" });
  }),

  scenario("change: without a sender", { user: { changeEmail: { enabled: true } } }, async (s) => {
    await s.signUp("alice");
    await s.post("/change-email", { newEmail: s.email("new") }, { jar: "alice" });
  }),

  scenario("change: errors", CHANGE, async (s) => {
    await s.signUp("alice");
    await s.signUp("bob");
    await s.post("/change-email", { newEmail: s.email("new") }, { label: "no session" });
    await s.post("/change-email", {}, { jar: "alice", label: "no address" });
    await s.post("/change-email", { newEmail: "x" }, { jar: "alice", label: "bad address" });
    await s.post("/change-email", { newEmail: s.email("alice").toUpperCase() }, { jar: "alice", label: "same address" });
    await s.post("/change-email", { newEmail: s.email("bob") }, { jar: "alice", label: "taken address" });
  }),

  scenario("change: with a message to the new address", CHANGE, async (s) => {
    await signUpVerified(s, "alice");
    await s.post("/change-email", { newEmail: s.email("New.Alice"), callbackURL: "/changed" }, { jar: "alice" });
    const { token } = await s.message();
    await s.get("/get-session", { jar: "alice", label: "not changed yet" });
    await s.get("/verify-email", { query: { token, callbackURL: "/changed" }, jar: "alice", label: "confirm" });
    await s.get("/get-session", { jar: "alice", label: "changed" });
    await s.get("/verify-email", { query: { token }, jar: "alice", label: "confirm twice" });
    await s.post("/sign-in/email", { email: s.email("new.alice"), password: PASSWORD }, { label: "sign in with new" });
    await s.signIn("alice", "old", {}, { label: "sign in with old" });
  }),

  scenario("change: confirmed in another browser", CHANGE, async (s) => {
    await s.signUp("alice");
    await s.signUp("bob");
    await s.post("/change-email", { newEmail: s.email("next") }, { jar: "alice" });
    const { token } = await s.message();
    await s.get("/verify-email", { query: { token }, jar: "bob", label: "someone else's browser" });
    await s.get("/verify-email", { query: { token, callbackURL: "/x" }, jar: "bob", label: "someone else's, callback" });
    await s.get("/verify-email", { query: { token }, label: "no session" });
    await s.get("/get-session", { jar: "alice", label: "changed" });
  }),

  scenario(
    "change: confirmation by the old address first",
    { ...SENDER, user: { changeEmail: { enabled: true, sendChangeEmailConfirmation: true } } },
    async (s) => {
      await signUpVerified(s, "alice");
      await s.post("/change-email", { newEmail: s.email("next"), callbackURL: "/c" }, { jar: "alice", label: "ask" });
      const first = await s.message("to the old address");
      await s.get("/verify-email", { query: { token: first.token, callbackURL: "/c" }, jar: "alice", label: "confirm" });
      const second = await s.message("to the new address");
      await s.get("/verify-email", { query: { token: second.token }, jar: "alice", label: "verify" });
      await s.get("/get-session", { jar: "alice", label: "changed" });
      await s.signUp("unverified");
      await s.post("/change-email", { newEmail: s.email("u2") }, { jar: "unverified", label: "unverified asks" });
      await s.message("straight to the new address");
    },
  ),

  scenario(
    "change: at once while unverified",
    { user: { changeEmail: { enabled: true, updateEmailWithoutVerification: true } } },
    async (s) => {
      await s.signUp("alice");
      await s.post("/change-email", { newEmail: s.email("Next") }, { jar: "alice" });
      await s.get("/get-session", { jar: "alice" });
      await s.signUp("bob");
      await s.post("/change-email", { newEmail: s.email("next") }, { jar: "bob", label: "taken address" });
    },
  ),

  scenario(
    "change: at once, with a message",
    { ...SENDER, user: { changeEmail: { enabled: true, updateEmailWithoutVerification: true } } },
    async (s) => {
      await s.signUp("alice");
      await s.post("/change-email", { newEmail: s.email("next"), callbackURL: "/n" }, { jar: "alice" });
      const { token } = await s.message();
      await s.get("/verify-email", { query: { token }, label: "verify the new one" });
      await s.post("/change-email", { newEmail: s.email("third") }, { jar: "alice", label: "verified now" });
      await s.message("verified users confirm first");
    },
  ),

  scenario("change: old token form", CHANGE, async (s) => {
    const user = (await s.signUp("alice")).json.user;
    const token = s.forgeJwt({ email: s.email("alice"), updateTo: s.email("legacy"), userId: user.id });
    await s.get("/verify-email", { query: { token, callbackURL: "/l" }, jar: "alice", label: "without request type" });
    await s.message();
    await s.get("/get-session", { jar: "alice" });
  }),
];
