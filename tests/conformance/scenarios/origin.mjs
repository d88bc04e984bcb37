/** Origin, CSRF and fetch-metadata checks. */
import { PASSWORD, scenario } from "../scenario.mjs";

const SELF = "http://localhost:3000";
const COOKIE = { cookie: "anything=1" };

const ORIGINS = {
  "none": {},
  "own": { origin: SELF },
  "own by referer": { referer: `${SELF}/page?x=1` },
  "null": { origin: "null" },
  "empty": { origin: "" },
  "foreign": { origin: "https://evil.example" },
  "foreign by referer": { referer: "https://evil.example/page" },
  "own origin, foreign referer": { origin: SELF, referer: "https://evil.example/" },
  "foreign origin, own referer": { origin: "https://evil.example", referer: `${SELF}/` },
  "null origin, own referer": { origin: "null", referer: `${SELF}/` },
  "other port": { origin: "http://localhost:3001" },
  "other scheme": { origin: "https://localhost:3000" },
  "own as prefix": { origin: `${SELF}.evil.example` },
  "own with path": { origin: `${SELF}/path` },
  "own with slash": { origin: `${SELF}/` },
  "own with credentials": { origin: "http://localhost:3000@evil.example" },
  "upper case": { origin: "HTTP://LOCALHOST:3000" },
  "not a URL": { origin: "nonsense" },
  "custom scheme": { origin: "myapp://home" },
  "relative": { origin: "/" },
};

const METADATA = {
  "cross-site navigation": { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
  "cross-site fetch": { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
  "same-origin": { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" },
  "same-origin navigation": { "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate" },
  "same-site navigation": { "sec-fetch-site": "same-site", "sec-fetch-mode": "navigate" },
  "none": { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" },
  "mode only": { "sec-fetch-mode": "navigate" },
  "destination only": { "sec-fetch-dest": "document" },
  "empty site": { "sec-fetch-site": "" },
};

const LOGIN = { email: "nobody@example.com", password: PASSWORD };

/** One cheap request on each kind of route. */
async function matrix(s, named) {
  for (const [label, headers] of Object.entries(named)) {
    await s.post("/sign-in/email", LOGIN, { headers, label: `login: ${label}` });
    await s.post("/sign-in/email", LOGIN, { headers: { ...headers, ...COOKIE }, label: `login, cookie: ${label}` });
    await s.post("/sign-out", {}, { headers, label: `plain: ${label}` });
    await s.post("/sign-out", {}, { headers: { ...headers, ...COOKIE }, label: `plain, cookie: ${label}` });
  }
}

export default [
  scenario("origins", {}, (s) => matrix(s, ORIGINS)),

  scenario("fetch metadata", {}, (s) => matrix(s, METADATA)),

  scenario("fetch metadata with origins", {}, async (s) => {
    const combined = {};
    for (const [name, headers] of Object.entries(METADATA)) {
      combined[`${name}, own origin`] = { ...headers, origin: SELF };
      combined[`${name}, null origin`] = { ...headers, origin: "null" };
    }
    await matrix(s, combined);
  }),

  scenario("order of checks", {}, async (s) => {
    const evil = { origin: "https://evil.example", ...COOKIE };
    await s.post("/sign-in/email", {}, { headers: evil, label: "bad body, foreign origin" });
    await s.post("/sign-in/email", {}, { headers: { origin: evil.origin }, label: "bad body, foreign origin, no cookie" });
    await s.post("/update-user", {}, { headers: evil, label: "no session, foreign origin" });
    await s.post("/nothing", {}, { headers: evil, label: "unknown path, foreign origin" });
    await s.get("/get-session", { headers: evil, label: "GET, foreign origin" });
    await s.request({ method: "OPTIONS", path: "/sign-in/email", headers: evil, label: "OPTIONS, foreign origin" });
    const broken = { rawBody: "{", type: "application/json" };
    await s.post("/sign-in/email", undefined, { ...broken, headers: evil, label: "broken JSON, foreign origin" });
    await s.post("/sign-in/email", undefined, { rawBody: "x", type: "text/plain", headers: evil, label: "415, foreign origin" });
  }),

  scenario(
    "trusted origins",
    {
      trustedOrigins: [
        "https://app.example.com", "https://*.wild.example", "*.bare.example", "http://127.0.0.*", "myapp://", "exp://host/path",
        "https://port.example:8443", "https://question?.example",
      ],
    },
    async (s) => {
      const origins = [
        "https://app.example.com", "http://app.example.com", "https://a.wild.example", "https://a.b.wild.example",
        "https://wild.example", "http://a.wild.example", "https://x.bare.example", "http://x.bare.example:1234",
        "https://bare.example", "http://127.0.0.9", "http://127.0.0.9.evil.example", "http://127.0.0.evil", "myapp://",
        "myapp://anything/here", "exp://host/path", "exp://host/path/below", "exp://host/pathology", "exp://host/path/../x",
        "exp://other/path", "https://port.example:8443", "https://port.example", "https://question1.example",
        "https://question12.example", "https://app.example.com:443", "https://a.wild.example:8443", "https://wild.example.evil",
      ];
      for (const origin of origins) await s.post("/sign-out", {}, { headers: { origin, ...COOKIE }, label: origin });
      const preflight = { origin: origins[0], "access-control-request-method": "POST" };
      await s.request({ method: "OPTIONS", path: "/sign-out", headers: preflight, label: "preflight" });
    },
  ),

  scenario("CSRF check off", { advanced: { disableCSRFCheck: true } }, async (s) => {
    const evil = { origin: "https://evil.example", ...COOKIE };
    await s.post("/sign-in/email", LOGIN, { headers: evil, label: "foreign origin" });
    const redirecting = { ...LOGIN, callbackURL: "https://evil.example" };
    await s.post("/sign-in/email", redirecting, { headers: evil, label: "foreign callback" });
    await s.post("/sign-in/email", LOGIN, { headers: METADATA["cross-site navigation"], label: "navigation" });
  }),

  scenario("origin check off", { advanced: { disableOriginCheck: true } }, async (s) => {
    const evil = { origin: "https://evil.example", ...COOKIE };
    await s.post("/sign-in/email", LOGIN, { headers: evil, label: "foreign origin" });
    const redirecting = { ...LOGIN, callbackURL: "https://evil.example" };
    await s.post("/sign-in/email", redirecting, { headers: evil, label: "foreign callback" });
    await s.post("/sign-in/email", LOGIN, { headers: METADATA["cross-site navigation"], label: "navigation" });
    await s.get("/reset-password/x", { query: { callbackURL: "https://evil.example" }, label: "foreign link" });
  }),

  scenario("origin check off, CSRF on", { advanced: { disableOriginCheck: true, disableCSRFCheck: false } }, async (s) => {
    const evil = { origin: "https://evil.example", ...COOKIE };
    await s.post("/sign-out", {}, { headers: evil, label: "foreign origin" });
    await s.post("/sign-in/email", LOGIN, { headers: METADATA["cross-site navigation"], label: "navigation" });
  }),

  scenario("origin check off for paths", { advanced: { disableOriginCheck: ["/sign-out", "/reset-password/"] } }, async (s) => {
    const evil = { origin: "https://evil.example", ...COOKIE };
    await s.post("/sign-out", {}, { headers: evil, label: "listed" });
    await s.post("/update-user", {}, { headers: evil, label: "not listed" });
    await s.get("/reset-password/x", { query: { callbackURL: "https://evil.example" }, label: "listed prefix" });
  }),
];
