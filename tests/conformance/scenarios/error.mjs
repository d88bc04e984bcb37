/** The error page. */
import { scenario } from "../scenario.mjs";

const QUERIES = [
  "", "?error=state_mismatch", "?error=a%20b", "?error=%3Cscript%3E", "?error=it's-ok_1", "?error=", "?error=a&error=b",
  "?error_description=Only%20text", "?error=x&error_description=%3Cb%3E%26%22'", "?error=%00", "?other=1",
];

async function visit(s) {
  for (const query of QUERIES) {
    await s.request({ method: "GET", absolute: `/api/auth/error${query}`, label: `error${query}` });
  }
  await s.request({ method: "GET", absolute: "/api/auth/error?error=<b>", label: "unescaped characters" });
  await s.post("/error", {}, { label: "POST" });
}

export default [
  scenario("production", {}, visit),
  scenario("own page", { onAPIError: { errorURL: "https://app.example.com/oops?lang=en#top" } }, visit),
  scenario("own relative page", { onAPIError: { errorURL: "/oops" } }, visit),
];
