/** The bearer plugin. */
import { PASSWORD, scenario } from "../scenario.mjs";

const PLUGIN = { plugins: { bearer: {} } };
const STRICT = { plugins: { bearer: { requireSignature: true } } };

/** Every way to present a token. */
async function present(s) {
  const { headers, json } = await s.signUp("alice");
  const signed = headers["set-auth-token"];
  const token = json.token;
  const values = {
    "signed": `Bearer ${signed}`,
    "signed, encoded": `Bearer ${encodeURIComponent(signed)}`,
    "unsigned": `Bearer ${token}`,
    "lower case scheme": `bearer ${token}`,
    "upper case scheme": `BEARER ${signed}`,
    "two spaces": `Bearer  ${signed} `,
    "other scheme": `Basic ${signed}`,
    "no scheme": signed,
    "scheme only": "Bearer ",
    "unknown token": "Bearer abcdefghijklmnopqrstuvwxyzABCDEF",
    "wrong signature": `Bearer ${token}.${s.signature("other")}`,
    "short signature": `Bearer ${token}.abc`,
    "signature with a dot": `Bearer ${signed}.x`,
    "broken encoding": `Bearer ${token}%zz.${s.signature(token)}`,
    "empty signature": `Bearer ${token}.`,
  };
  for (const [label, authorization] of Object.entries(values)) {
    await s.get("/get-session", { headers: { authorization }, label });
    await s.get("/list-sessions", { headers: { authorization }, label: `guard: ${label}` });
  }
}

export default [
  scenario("tokens", PLUGIN, present),
  scenario("tokens, signature required", STRICT, present),

  scenario("header on answers", PLUGIN, async (s) => {
    await s.signUp("alice");
    const { headers } = await s.signIn("alice", "second");
    const authorization = `Bearer ${headers["set-auth-token"]}`;
    await s.signIn("alice", "wrong", { password: "wrong password" }, { label: "no header on failure" });
    await s.post("/update-user", { name: "New" }, { headers: { authorization }, label: "update" });
    const change = { currentPassword: PASSWORD, newPassword: "another password", revokeOtherSessions: true };
    await s.post("/change-password", change, { headers: { authorization }, label: "new session, new header" });
    await s.get("/get-session", { headers: { authorization }, label: "old token" });
    await s.signIn("alice", "third", { password: "another password", rememberMe: false });
    await s.post("/sign-out", {}, { jar: "third", label: "no header on sign-out" });
  }),

  scenario("token beside a cookie", PLUGIN, async (s) => {
    const alice = (await s.signUp("alice")).json.token;
    await s.signUp("bob");
    const authorization = `Bearer ${alice}`;
    await s.get("/get-session", { jar: "bob", headers: { authorization }, label: "token wins" });
    await s.get("/get-session", { jar: "bob", headers: { authorization: "Bearer unknown" }, label: "bad token, good cookie" });
    await s.post("/sign-out", {}, { headers: { authorization }, label: "sign out by token" });
    await s.get("/get-session", { headers: { authorization }, label: "gone" });
  }),

  scenario("no origin needed without a cookie", PLUGIN, async (s) => {
    const { token } = (await s.signUp("alice")).json;
    const headers = { authorization: `Bearer ${token}` };
    await s.post("/update-user", { name: "A" }, { headers, label: "no origin" });
    const evil = { ...headers, origin: "https://evil.example" };
    await s.post("/update-user", { name: "A" }, { headers: evil, label: "foreign origin" });
  }),

  scenario("refresh and cache", { ...PLUGIN, session: { updateAge: 0, cookieCache: { enabled: true } } }, async (s) => {
    const { token } = (await s.signUp("alice")).json;
    const headers = { authorization: `Bearer ${token}` };
    await s.get("/get-session", { headers });
    await s.get("/list-accounts", { headers });
  }),

  scenario("without the plugin", {}, async (s) => {
    const { token } = (await s.signUp("alice")).json;
    await s.get("/get-session", { headers: { authorization: `Bearer ${token}` } });
  }),
];
