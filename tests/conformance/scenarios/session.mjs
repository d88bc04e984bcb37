/** Reading, refreshing, listing and revoking sessions. */
import { scenario } from "../scenario.mjs";

const COOKIE = "better-auth.session_token";

export default [
  scenario("get-session", {}, async (s) => {
    await s.get("/get-session", { label: "no cookie" });
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice" });
    await s.get("/get-session", { jar: "alice", query: { disableCookieCache: "false", disableRefresh: "0" }, label: "query" });
    await s.get("/get-session", { jar: "alice", query: { disableRefresh: "" }, label: "empty query value" });
    await s.get("/get-session?disableRefresh=1&disableRefresh=2", { jar: "alice", label: "repeated query key" });
    await s.post("/get-session", {}, { jar: "alice" });
    await s.post("/get-session", undefined, { jar: "alice", label: "POST without body" });
  }),

  scenario("bad session cookies", {}, async (s) => {
    await s.signUp("alice");
    const good = s.jar("alice").get(COOKIE);
    const token = decodeURIComponent(good).split(".")[0];
    const cases = {
      "unsigned": token,
      "wrong signature": encodeURIComponent(`${token}.${s.signature("other")}`),
      "truncated signature": good.slice(0, -6),
      "signed with another secret": s.sign(token, "another secret that is long enough"),
      "unknown token": s.sign("abcdefghijklmnopqrstuvwxyzABCDEF"),
      "empty": "",
      "signed empty": s.sign(""),
      "not decodable": "%E0%A4%A",
      "not encoded": decodeURIComponent(good),
      "quoted": `"${good}"`,
      "oversized": s.sign("x".repeat(3000)),
    };
    for (const [label, value] of Object.entries(cases)) {
      await s.get("/get-session", { headers: { cookie: `${COOKIE}=${value}` }, label });
    }
    const twice = `${COOKIE}=${good}; ${COOKIE}=${s.sign("second")}`;
    await s.get("/get-session", { headers: { cookie: twice }, label: "first of two wins" });
    await s.get("/get-session", { headers: { cookie: `a=b;${COOKIE}=${good};;; =x` }, label: "untidy header" });
    await s.get("/list-sessions", { headers: { cookie: `${COOKIE}=${cases.unsigned}` }, label: "guarded route" });
  }),

  scenario("update-session", {}, async (s) => {
    await s.signUp("alice");
    await s.post("/update-session", {}, { jar: "alice", label: "nothing" });
    await s.post("/update-session", { token: "mine", userId: "other", expiresAt: 0 }, { jar: "alice", label: "core fields" });
    await s.post("/update-session", [], { jar: "alice", label: "array" });
    await s.post("/update-session", "text", { jar: "alice", label: "string" });
    await s.post("/update-session", undefined, { jar: "alice", label: "no body" });
    await s.post("/update-session", { theme: "dark" }, { label: "no session" });
  }),

  scenario("list and revoke", {}, async (s) => {
    await s.get("/list-sessions", { label: "no session" });
    await s.signUp("alice");
    const second = (await s.signIn("alice", "second")).json.token;
    await s.signIn("alice", "third");
    await s.signUp("mallory");
    await s.get("/list-sessions", { jar: "mallory", label: "one session" });
    await s.post("/revoke-session", { token: second }, { jar: "mallory", label: "someone else's" });
    await s.get("/get-session", { jar: "second", label: "still there" });
    await s.post("/revoke-session", { token: second }, { jar: "alice", label: "own other" });
    await s.get("/get-session", { jar: "second", label: "gone" });
    await s.post("/revoke-session", { token: "unknown" }, { jar: "alice", label: "unknown token" });
    await s.post("/revoke-session", {}, { jar: "alice", label: "no token" });
    await s.post("/revoke-session", { token: 5 }, { jar: "alice", label: "wrong type" });
    await s.post("/revoke-session", { token: second }, { label: "no session, revoke" });
    await s.post("/revoke-session", {}, { label: "no session and no token" });
    const own = (await s.get("/get-session", { jar: "third" })).json.session.token;
    await s.post("/revoke-session", { token: own }, { jar: "third", label: "own current" });
    await s.get("/get-session", { jar: "third", label: "current gone" });
  }),

  scenario("list shows every session once", {}, async (s) => {
    await s.signUp("alice");
    await s.signIn("alice", "second");
    const { json } = await s.get("/list-sessions", { jar: "alice", label: "list" });
    s.note("count", json.length);
  }),

  scenario("revoke others and all", {}, async (s) => {
    await s.signUp("alice");
    await s.signIn("alice", "second");
    await s.post("/revoke-other-sessions", undefined, { label: "no session" });
    await s.post("/revoke-other-sessions", {}, { jar: "alice" });
    await s.get("/get-session", { jar: "second", label: "other gone" });
    await s.get("/get-session", { jar: "alice", label: "own kept" });
    await s.signIn("alice", "second");
    await s.post("/revoke-sessions", undefined, { label: "all, no session" });
    await s.post("/revoke-sessions", undefined, { jar: "alice", label: "all" });
    await s.get("/get-session", { jar: "second", label: "other gone too" });
    await s.get("/get-session", { jar: "alice", label: "own gone" });
  }),

  scenario("refresh on every read", { session: { updateAge: 0, expiresIn: 3600 } }, async (s) => {
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice" });
    await s.get("/get-session", { jar: "alice", query: { disableRefresh: "true" }, label: "refresh declined" });
    await s.get("/list-accounts", { jar: "alice", label: "refresh inside a guard" });
    await s.signIn("alice", "forgetful", { rememberMe: false });
    await s.get("/get-session", { jar: "forgetful", label: "never refreshed" });
  }),

  scenario("refresh disabled", { session: { updateAge: 0, disableSessionRefresh: true } }, async (s) => {
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice" });
  }),

  scenario("deferred refresh", { session: { updateAge: 0, deferSessionRefresh: true } }, async (s) => {
    await s.get("/get-session", { label: "no cookie" });
    await s.post("/get-session", undefined, { label: "POST without cookie" });
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice" });
    await s.post("/get-session", {}, { jar: "alice" });
    await s.post("/get-session", undefined, { jar: "alice", headers: { origin: null }, label: "POST without origin" });
  }),

  scenario("deferred, nothing due", { session: { deferSessionRefresh: true } }, async (s) => {
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice" });
    await s.post("/get-session", {}, { jar: "alice" });
  }),

  scenario("expiry", { session: { expiresIn: 1 } }, async (s) => {
    await s.signUp("alice");
    await s.until({ method: "GET", path: "/get-session", jar: "alice", label: "expired" }, (r) => r.json === null);
    await s.get("/list-sessions", { jar: "alice", label: "cookie removed" });
  }),

  scenario("freshness", { session: { freshAge: 1 }, user: { deleteUser: { enabled: true } } }, async (s) => {
    await s.signUp("alice");
    const stale = (r) => r.status === 403;
    await s.until({ method: "GET", path: "/list-sessions", jar: "alice", label: "stale list" }, stale);
    await s.post("/unlink-account", { accountId: "x" }, { jar: "alice", label: "stale unlink" });
    await s.post("/delete-user", {}, { jar: "alice", label: "stale delete" });
    await s.get("/list-accounts", { jar: "alice", label: "needs no freshness" });
    await s.post("/delete-user", { password: "correct horse battery" }, { jar: "alice", label: "password instead" });
  }),

  scenario("freshness off", { session: { freshAge: 0 } }, async (s) => {
    await s.signUp("alice");
    await s.get("/list-sessions", { jar: "alice" });
  }),
];
