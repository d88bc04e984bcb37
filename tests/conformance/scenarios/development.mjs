/** What changes when the server runs in development mode. */
import { scenario } from "../scenario.mjs";

const development = { mode: "development" };

export default [
  scenario(
    "client address falls back to the loopback address",
    {},
    async (s) => {
      await s.signUp("alice", {}, { headers: { "x-forwarded-for": null } });
      await s.get("/get-session", { jar: "alice" });
      await s.signUp("bob");
      await s.get("/get-session", { jar: "bob", label: "forwarded" });
    },
    development,
  ),

  scenario(
    "origin checks stay on",
    {},
    async (s) => {
      const headers = { origin: "https://evil.example", cookie: "a=b" };
      await s.post("/sign-out", {}, { headers, label: "foreign origin" });
    },
    development,
  ),

  scenario(
    "no rate limit by default",
    { rateLimit: { enabled: undefined } },
    async (s) => {
      for (let i = 1; i <= 5; i += 1) await s.post("/sign-in/email", {}, { label: `sign-in ${i}` });
    },
    development,
  ),

  scenario(
    "error page",
    {},
    async (s) => {
      await s.get("/error", { query: { error: "state_mismatch", error_description: "<b>bold</b>" } });
      await s.get("/error", { query: { error: "<script>" }, label: "unusable code" });
    },
    development,
  ),
];
