/** Paths, methods, content types and bodies, before any route is reached. */
import { PASSWORD, scenario } from "../scenario.mjs";

const METHODS = ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"];

const TYPES = [
  "application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.api+json", "text/json",
  "application/jsonp", "xapplication/json", "text/plain", "text/html", "application/xml", "multipart/form-data",
  "multipart/form-data; boundary=x", "application/octet-stream", "application/x-www-form-urlencoded", "", "nonsense", ";",
  "application/json, text/plain",
];

/** The Node bridge drops a body without content type before the handler sees it. */
const WITHOUT_BRIDGE = { bridge: "fetch" };

export default [
  scenario("health", {}, async (s) => {
    await s.get("/ok");
    await s.get("/ok", { query: { a: "b" }, label: "with query" });
    await s.post("/ok", {}, { label: "POST" });
  }),

  scenario("unknown paths", {}, async (s) => {
    const paths = [
      "/", "/api", "/api/auth", "/api/auth/", "/api/auth/nothing", "/api/auth/ok/", "/api/auth//ok", "//api/auth/ok",
      "/api//auth/ok", "/api/auth/ok/more", "/api/auth/OK", "/API/auth/ok", "/api/auth/o%6b", "/api/auth%2Fok",
      "/api/auth/sign-in%2Femail", "/api/auth/./ok", "/api/auth/x/../ok", "/api/auth/%2e%2e/auth/ok", "/api/auth/ok;v=1",
      "/api/auth/ok%20", "/api/auth/ok%00", "/api/auth/ok?", "/api/auth/ok?/", "/api/auth/ok%3Fa", "/api/authx/ok", "/ok",
      "/api/auth/get-session/", "/api/auth/reset-password/", "/api/auth/reset-password/a/b", "/api/auth/sign-in",
      "/api/auth/*", "/api/auth/:id", "/api/auth/%zz", "/api/auth/%",
    ];
    for (const absolute of paths) await s.request({ method: "GET", absolute });
  }),

  scenario("path parameters", {}, async (s) => {
    const query = { callbackURL: "/reset" };
    for (const token of ["a%2Fb", "a%20b", "%E2%82%AC", "%zz", "..", "a.b", "~", "a+b", "%00"]) {
      await s.get(`/reset-password/${token}`, { query, label: `token ${token}` });
    }
  }),

  scenario("wrong methods", {}, async (s) => {
    await s.get("/sign-in/email", { label: "GET where POST" });
    await s.post("/list-sessions", {}, { label: "POST where GET" });
    for (const method of METHODS) {
      for (const path of ["/ok", "/sign-in/email", "/get-session"]) await s.request({ method, path });
    }
    const preflight = {
      origin: "https://app.example.com",
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    };
    await s.request({ method: "OPTIONS", path: "/sign-in/email", headers: preflight, label: "preflight" });
    await s.get("/ok", { headers: { origin: "https://app.example.com" }, label: "foreign origin on GET" });
  }),

  scenario(
    "content types",
    {},
    async (s) => {
      const body = JSON.stringify({ email: s.email("a"), password: PASSWORD });
      for (const type of TYPES) {
        const as = JSON.stringify(type);
        await s.post("/sign-in/email", undefined, { rawBody: body, type, label: `sign-in as ${as}` });
        await s.post("/request-password-reset", undefined, { rawBody: body, type, label: `reset as ${as}` });
      }
    },
    WITHOUT_BRIDGE,
  ),

  scenario("bodies", {}, async (s) => {
    const type = "application/json";
    const bodies = {
      "empty": "",
      "blank": "  ",
      "half": "{\"email\":",
      "trailing comma": "{\"email\":\"a@b.co\",}",
      "single quotes": "{'email':'a'}",
      "number": "5",
      "NaN": "NaN",
      "two values": "{}{}",
      "byte order mark": "\ufeff{}",
      "comment": "/* */{}",
      "deep": "[".repeat(200) + "]".repeat(200),
      "repeated key": "{\"email\":\"a\",\"email\":\"b@c.co\",\"password\":\"x\"}",
      "prototype": "{\"__proto__\":{\"email\":\"a@b.co\"},\"constructor\":1}",
      "escapes": "{\"email\":\"\\u0061@b.co\",\"password\":\"\\ud800\"}",
      "control character": "{\"email\":\"a\u0001\"}",
      "big number": "{\"email\":1e999,\"password\":123456789012345678901234567890}",
    };
    for (const [label, rawBody] of Object.entries(bodies)) {
      await s.post("/sign-in/email", undefined, { rawBody, type, label });
    }
    await s.post("/update-user", undefined, { rawBody: "{", type, label: "guarded route, broken body" });
    await s.post("/nothing", undefined, { rawBody: "{", type, label: "unknown path, broken body" });
    await s.post("/sign-out", undefined, { rawBody: "", type, label: "optional body, empty" });
    await s.post("/sign-out", undefined, { rawBody: "{", type, label: "optional body, broken" });
    await s.request({ method: "GET", path: "/ok", rawBody: "{", type, label: "GET with a body" });
  }),

  scenario(
    "body without content type",
    {},
    async (s) => {
      await s.post("/sign-in/email", undefined, { rawBody: "{}", label: "sign-in" });
      await s.post("/request-password-reset", undefined, { rawBody: "{}", label: "reset" });
      await s.post("/sign-out", undefined, { rawBody: "{}", label: "optional body" });
    },
    WITHOUT_BRIDGE,
  ),

  scenario("disabled paths", { disabledPaths: ["/sign-up/email", "/reset-password/abc", "/list-sessions/"] }, async (s) => {
    await s.signUp("nobody");
    await s.get("/sign-up/email", { label: "other method" });
    await s.request({ method: "POST", absolute: "/api/auth/sign-up/email/", body: {}, label: "trailing slash" });
    await s.get("/reset-password/abc", { label: "with parameter" });
    await s.get("/list-sessions", { label: "listed with a slash" });
    await s.get("/ok", { label: "others work" });
  }),

  scenario("trailing slashes skipped", { advanced: { skipTrailingSlashes: true } }, async (s) => {
    await s.get("/ok/");
    await s.request({ method: "GET", absolute: "/api/auth/ok//", label: "two slashes" });
    await s.request({ method: "GET", absolute: "/api/auth/", label: "base" });
    await s.post("/sign-in/email/", {}, { label: "POST" });
  }),

  scenario("other base path", { basePath: "/custom/auth" }, async (s) => {
    await s.get("/ok");
    await s.request({ method: "GET", absolute: "/api/auth/ok", label: "default base path" });
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice" });
    await s.get("/callback/github", { label: "redirect below the base path" });
  }),
];
