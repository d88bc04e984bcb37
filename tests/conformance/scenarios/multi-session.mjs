/** The multi-session plugin. */
import { multiSessionClient } from "better-auth/client/plugins";
import { clientResult } from "../lib/client.mjs";
import { PASSWORD, scenario } from "../scenario.mjs";

const PLUGIN = { plugins: { "multi-session": {} } };
const list = (s, jar, label = "list") => s.get("/multi-session/list-device-sessions", { jar, label });
const change = (s, sessionToken, jar, label) => s.post("/multi-session/set-active", { sessionToken }, { jar, label });
const revoke = (s, sessionToken, jar, label) => s.post("/multi-session/revoke", { sessionToken }, { jar, label });
const signUp = async (s, who) => (await s.signUp(who, {}, { jar: "home" })).json.token;

export default [
  scenario("changing between people", PLUGIN, async (s) => {
    const alice = await signUp(s, "alice");
    await list(s, "home", "one");
    const bob = await signUp(s, "bob");
    await list(s, "home", "two");
    await change(s, alice, "home", "to alice");
    await s.get("/get-session", { jar: "home" });
    await change(s, bob, "home", "to bob");
    await change(s, "unknown", "home", "to nobody");
    await change(s, 5, "home", "wrong type");
    await change(s, alice, "elsewhere", "without cookies");
    await list(s, "elsewhere", "without cookies, list");
    await s.signIn("alice", "home", {}, { label: "alice again" });
    await list(s, "home", "still two");
  }),

  scenario("ending", PLUGIN, async (s) => {
    const alice = await signUp(s, "alice");
    const bob = await signUp(s, "bob");
    const carol = await signUp(s, "carol");
    await revoke(s, alice, "nobody", "nobody");
    await revoke(s, "unknown", "home", "unknown");
    await revoke(s, 5, "home", "wrong type");
    await revoke(s, alice, "home", "alice, not active");
    await revoke(s, carol, "home", "carol, active");
    await s.get("/get-session", { jar: "home", label: "bob is active" });
    await revoke(s, bob, "home", "bob, the last");
    await s.get("/get-session", { jar: "home", label: "nobody is active" });
  }),

  scenario("ended elsewhere", PLUGIN, async (s) => {
    const alice = await signUp(s, "alice");
    await signUp(s, "bob");
    await s.signIn("alice", "elsewhere");
    await s.post("/revoke-other-sessions", {}, { jar: "elsewhere", label: "alice ends it" });
    await list(s, "home");
    await change(s, alice, "home", "to alice");
    await list(s, "home", "list again");
  }),

  scenario("signing out", PLUGIN, async (s) => {
    await signUp(s, "alice");
    await signUp(s, "bob");
    await s.post("/sign-out", {}, { jar: "home" });
    await list(s, "home");
    await s.signIn("alice", "forget", { rememberMe: false });
    await s.post("/sign-out", {}, { jar: "forget", label: "sign out, not remembered" });
  }),

  scenario("so many and no more", { plugins: { "multi-session": { maximumSessions: 2 } } }, async (s) => {
    for (const who of ["alice", "bob", "carol"]) await signUp(s, who);
    await list(s, "home");
  }),

  scenario("with a cookie cache", { ...PLUGIN, session: { cookieCache: { enabled: true } } }, async (s) => {
    const alice = await signUp(s, "alice");
    await signUp(s, "bob");
    await change(s, alice, "home", "to alice");
    await s.get("/get-session", { jar: "home" });
  }),

  scenario("through the client", PLUGIN, async (s) => {
    const client = s.client({ plugins: [multiSessionClient()] });
    const call = async (label, promise) => {
      const result = await promise;
      s.note(`returned by ${label}`, clientResult(result));
      return result;
    };
    const person = (who) => ({ name: who, email: s.email(who), password: PASSWORD });
    const { data } = await call("signUp", client.signUp.email(person("alice")));
    await call("signUp, second", client.signUp.email(person("bob")));
    await call("listDeviceSessions", client.multiSession.listDeviceSessions());
    await call("setActive", client.multiSession.setActive({ sessionToken: data.token }));
    await call("revoke", client.multiSession.revoke({ sessionToken: data.token }));
  }),
];
