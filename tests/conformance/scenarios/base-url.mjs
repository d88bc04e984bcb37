/** Where the server believes it is reached. */
import { scenario } from "../scenario.mjs";

const RESET = { emailAndPassword: { sendResetPassword: true } };

/** The Node bridge believes x-forwarded-proto from anyone; the handler does not. */
const WITHOUT_BRIDGE = { bridge: "fetch" };

/** Shows the address in a link, in a redirect and in the origin check. */
async function tour(s, headers, label) {
  const email = s.email("alice");
  await s.post("/request-password-reset", { email }, { headers, label: `${label}: ask` });
  await s.message(`${label}: link`);
  await s.get("/callback/github", { headers, label: `${label}: redirect` });
  const self = `https://${headers.host ?? "localhost:3000"}`;
  for (const origin of [self, self.replace("https", "http"), "http://localhost:3000"]) {
    await s.post("/sign-out", {}, { headers: { ...headers, origin, cookie: "a=b" }, label: `${label}: ${origin}` });
  }
}

export default [
  scenario("path in the base URL", { baseURL: "http://localhost:3000/accounts/v2", ...RESET }, async (s) => {
    await s.signUp("alice");
    await s.get("/get-session", { jar: "alice" });
    await tour(s, {}, "own");
    await s.request({ method: "GET", absolute: "/api/auth/ok", label: "default base path" });
  }),

  scenario("slash after the base URL", { baseURL: "http://localhost:3000/", ...RESET }, async (s) => {
    await s.signUp("alice");
    await tour(s, {}, "own");
  }),

  scenario(
    "not configured",
    { baseURL: undefined, ...RESET },
    async (s) => {
      await s.signUp("alice");
      const cookie = `__Secure-better-auth.session_token=${s.sign("x")}`;
      await s.get("/get-session", { headers: { cookie }, label: "prefix" });
      await tour(s, {}, "own host");
      await tour(s, { host: "other.example.com" }, "other host");
      await tour(s, { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" }, "forwarded, not trusted");
    },
    WITHOUT_BRIDGE,
  ),

  scenario(
    "not configured, proxy trusted",
    { baseURL: undefined, advanced: { trustedProxyHeaders: true }, ...RESET },
    async (s) => {
      await s.signUp("alice");
      await tour(s, { "x-forwarded-host": "front.example.com", "x-forwarded-proto": "https" }, "forwarded");
      await tour(s, { "x-forwarded-host": "bad host", "x-forwarded-proto": "gopher" }, "nonsense");
    },
    WITHOUT_BRIDGE,
  ),

  scenario(
    "several hosts",
    { baseURL: { allowedHosts: ["a.example.com", "*.b.example.com", "localhost:*"], protocol: "https" }, ...RESET },
    async (s) => {
      await s.signUp("alice");
      await tour(s, { host: "a.example.com" }, "listed");
      await tour(s, { host: "x.b.example.com" }, "pattern");
    },
  ),

  scenario(
    "several hosts and a fallback",
    { baseURL: { allowedHosts: ["a.example.com", "127.0.0.1:*"], fallback: "https://main.example.com" }, ...RESET },
    async (s) => {
      await s.signUp("alice");
      await tour(s, { host: "a.example.com" }, "listed");
      await tour(s, { host: "evil.example.com" }, "unknown host");
    },
  ),
];
