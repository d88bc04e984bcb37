/** Names and attributes of cookies. */
import { scenario } from "../scenario.mjs";

/** Everything that sets or clears a session cookie. */
async function tour(s) {
  await s.signUp("alice");
  await s.get("/get-session", { jar: "alice" });
  await s.signIn("alice", "forgetful", { rememberMe: false });
  await s.post("/update-user", { name: "New" }, { jar: "forgetful" });
  await s.post("/sign-out", {}, { jar: "alice" });
  await s.post("/sign-out", {}, { jar: "forgetful", label: "sign out, forgetful" });
}

export default [
  scenario("https base URL", { baseURL: "https://auth.example.com" }, tour),
  scenario("https base URL, secure off", { baseURL: "https://auth.example.com", advanced: { useSecureCookies: false } }, tour),
  scenario("secure asked for on http", { advanced: { useSecureCookies: true } }, async (s) => {
    await s.signUp("alice");
    const cookie = `__Secure-better-auth.session_token=${s.sign("unknown")}`;
    await s.get("/get-session", { headers: { cookie }, label: "unknown session" });
    await s.post("/sign-out", {}, { label: "sign out" });
  }),
  scenario("own prefix", { advanced: { cookiePrefix: "my-app" } }, tour),
  scenario(
    "across subdomains",
    { baseURL: "https://auth.example.com", advanced: { crossSubDomainCookies: { enabled: true, domain: "example.com" } } },
    tour,
  ),
  scenario(
    "across subdomains, domain from the base URL",
    { baseURL: "https://auth.example.com", advanced: { crossSubDomainCookies: { enabled: true } } },
    tour,
  ),
  scenario(
    "own attributes for all",
    {
      advanced: {
        defaultCookieAttributes: { sameSite: "none", secure: true, path: "/api", partitioned: true, httpOnly: false },
      },
    },
    async (s) => {
      await s.signUp("alice");
      await s.post("/sign-out", {}, { label: "sign out" });
    },
  ),
  scenario(
    "own names and attributes",
    {
      advanced: {
        cookies: {
          session_token: { name: "sid", attributes: { sameSite: "strict", path: "/api" } },
          dont_remember: { name: "forget", attributes: { httpOnly: false } },
        },
      },
    },
    tour,
  ),
  scenario("own lifetime", { session: { expiresIn: 7200 } }, tour),
];
