/** The session cache cookie in its three forms. */
import { PASSWORD, scenario } from "../scenario.mjs";

const DATA = "better-auth.session_data";
const TOKEN = "better-auth.session_token";
const OPTIONAL = { type: "string", required: false };
const HIDDEN = {
  session: {
    cookieCache: { enabled: true, strategy: "jwt" },
    additionalFields: { note: { ...OPTIONAL, returned: false } },
  },
  user: { additionalFields: { secretNote: { ...OPTIONAL, returned: false }, color: OPTIONAL } },
};
const cache = (more = {}) => ({ session: { cookieCache: { enabled: true, ...more } } });

/** The life of a cached session. */
async function life(s) {
  await s.signUp("alice", { image: "https://example.com/ä.png" });
  await s.get("/get-session", { jar: "alice", label: "from the cache" });
  await s.get("/get-session", { jar: "alice", query: { disableCookieCache: "true" }, label: "cache declined" });
  await s.post("/update-user", { name: "Renamed" }, { jar: "alice", label: "update" });
  await s.get("/get-session", { jar: "alice", label: "cache follows the update" });
  const full = s.jar("alice").get(DATA);
  s.jar("alice").delete(DATA);
  await s.get("/get-session", { jar: "alice", label: "cache lost" });
  s.jar("alice").set(DATA, `${full.slice(0, -4)}AAAA`);
  await s.get("/get-session", { jar: "alice", label: "cache tampered" });
  s.jar("alice").set(DATA, "nonsense");
  await s.get("/get-session", { jar: "alice", label: "cache nonsense" });
  s.jar("alice").set(DATA, "nonsense");
  await s.get("/list-accounts", { jar: "alice", label: "nonsense inside a guard" });
  await s.signIn("alice", "forgetful", { rememberMe: false });
  await s.get("/get-session", { jar: "forgetful", label: "forgetful, from the cache" });
  s.jar("forgetful").delete(DATA);
  await s.get("/get-session", { jar: "forgetful", label: "forgetful, cache lost" });
}

/** Who is believed when cookie, cache and store disagree. */
async function disagreement(s) {
  await s.signUp("alice");
  await s.signUp("bob");
  await s.signIn("alice", "revoked");
  const { token } = (await s.get("/get-session", { jar: "revoked" })).json.session;
  await s.post("/revoke-session", { token }, { jar: "alice", label: "revoke from elsewhere" });
  await s.get("/get-session", { jar: "revoked", label: "cache still answers" });
  await s.get("/list-accounts", { jar: "revoked", label: "plain guard believes the cache" });
  await s.post("/verify-password", { password: PASSWORD }, { jar: "revoked", label: "sensitive guard does not" });
  await s.signIn("alice", "mixed");
  s.jar("mixed").set(DATA, s.jar("bob").get(DATA));
  await s.get("/get-session", { jar: "mixed", label: "someone else's cache" });
  s.jar("mixed").delete(TOKEN);
  await s.get("/get-session", { jar: "mixed", label: "cache without token" });
  await s.post("/sign-out", {}, { jar: "alice" });
  await s.get("/get-session", { headers: { cookie: `${TOKEN}=${s.sign("unknown")}; ${DATA}=x` }, label: "unknown session" });
}

/** A user too large for one cookie. */
async function chunks(s) {
  await s.signUp("alice", { image: `https://example.com/${"x".repeat(6000)}` });
  await s.get("/get-session", { jar: "alice", label: "from the chunks" });
  await s.post("/update-user", { image: "small" }, { jar: "alice", label: "shrinks to one" });
  await s.get("/get-session", { jar: "alice", label: "from one" });
  await s.post("/update-user", { image: `https://example.com/${"y".repeat(9000)}` }, { jar: "alice", label: "grows again" });
  await s.post("/sign-out", {}, { jar: "alice", label: "all chunks expire" });
}

const forStrategy = (strategy) => [
  scenario(`${strategy}: life`, cache({ strategy }), life),
  scenario(`${strategy}: disagreement`, cache({ strategy }), disagreement),
  scenario(`${strategy}: chunks`, cache({ strategy }), chunks),
  scenario(`${strategy}: own lifetime and version`, cache({ strategy, maxAge: 120, version: "7" }), async (s) => {
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice" });
  }),
];

export default [
  ...["compact", "jwt", "jwe"].flatMap(forStrategy),

  scenario("default strategy", cache(), async (s) => {
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice" });
  }),

  scenario("left over when switched off", {}, async (s) => {
    await s.signUp("alice");
    s.jar("alice").set(DATA, "old");
    await s.get("/get-session", { jar: "alice", label: "one" });
    s.jar("alice").set(`${DATA}.0`, "old");
    s.jar("alice").set(`${DATA}.1`, "older");
    s.jar("alice").set(`${DATA}.01`, "not a chunk");
    await s.get("/get-session", { jar: "alice", label: "chunks" });
  }),

  scenario("valid signature, unacceptable content", cache(), async (s) => {
    await s.signUp("alice");
    const good = s.jar("alice").get(DATA);
    const changes = {
      "unchanged": () => {},
      "renamed user": (c) => (c.session.user.name = "From the cache"),
      "extra members": (c) => (c.session.user.nickname = "Al"),
      "other version": (c) => (c.session.version = "2"),
      "no version": (c) => delete c.session.version,
      "cache expired": (c) => (c.expiresAt = Date.now() - 1000),
      "session expired": (c) => (c.session.session.expiresAt = "2020-01-01T00:00:00.000Z"),
      "no session expiry": (c) => delete c.session.session.expiresAt,
      "other token": (c) => (c.session.session.token = "other"),
      "no user": (c) => delete c.session.user,
      "no session": (c) => delete c.session.session,
      "no update time": (c) => delete c.session.updatedAt,
      "expiry as text": (c) => (c.expiresAt = String(c.expiresAt)),
    };
    for (const [label, change] of Object.entries(changes)) {
      const cookie = `${TOKEN}=${s.jar("alice").get(TOKEN)}; ${DATA}=${s.alterCache(good, change)}`;
      await s.get("/get-session", { headers: { cookie }, label });
    }
  }),

  scenario("refresh on every read", { session: { updateAge: 0, cookieCache: { enabled: true } } }, async (s) => {
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice", label: "cache first" });
    s.jar("alice").delete(DATA);
    await s.get("/get-session", { jar: "alice", label: "refreshed" });
    s.jar("alice").delete(DATA);
    await s.get("/list-accounts", { jar: "alice", label: "refreshed inside a guard" });
    await s.post("/verify-password", { password: PASSWORD }, { jar: "alice", label: "refreshed inside a sensitive guard" });
  }),

  scenario(
    "deferred refresh",
    { session: { updateAge: 0, deferSessionRefresh: true, cookieCache: { enabled: true } } },
    async (s) => {
      await s.signUp("alice");
      await s.get("/get-session", { jar: "alice", label: "GET from the cache" });
      s.jar("alice").delete(DATA);
      await s.get("/get-session", { jar: "alice", label: "GET from the store" });
      s.jar("alice").delete(DATA);
      await s.post("/get-session", {}, { jar: "alice", label: "POST" });
    },
  ),

  scenario("https", { baseURL: "https://auth.example.com", ...cache() }, async (s) => {
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice" });
    await s.post("/sign-out", {}, { jar: "alice" });
  }),

  scenario("hidden fields stay out", HIDDEN, async (s) => {
    await s.signUp("alice", { secretNote: "hidden", color: "red" });
    await s.post("/update-session", { note: "hidden too" }, { jar: "alice" });
    await s.get("/get-session", { jar: "alice" });
  }),
];
