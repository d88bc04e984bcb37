/** The rate limiter. Every scenario comes from an address of its own. */
import { PASSWORD, scenario } from "../scenario.mjs";

const on = (more = {}) => ({ rateLimit: { enabled: true, ...more } });
const from = (address) => ({ headers: { "x-forwarded-for": address } });

/** Sends the same request `count` times. */
async function repeat(count, send) {
  for (let i = 1; i <= count; i += 1) await send(i);
}

const login = (s, headers, label) =>
  s.post("/sign-in/email", { email: "nobody@example.com", password: PASSWORD }, { ...headers, label });

async function limits(s) {
  await repeat(5, (i) => login(s, from("203.0.113.1"), `sign-in ${i}`));
  await login(s, from("203.0.113.2"), "another address");
  await repeat(4, (i) => s.post("/request-password-reset", {}, { ...from("203.0.113.3"), label: `reset ${i}` }));
  await repeat(4, (i) => s.post("/sign-up/email", {}, { ...from("203.0.113.4"), label: `sign-up ${i}` }));
  await repeat(4, (i) => s.post("/change-password", {}, { ...from("203.0.113.5"), label: `change password ${i}` }));
  await repeat(4, (i) => s.post("/sign-in/nothing", {}, { ...from("203.0.113.6"), label: `unknown path ${i}` }));
  await repeat(4, (i) => s.get("/sign-in/email", { ...from("203.0.113.7"), label: `wrong method ${i}` }));
  await repeat(4, (i) => s.get(`/verify-email?token=${i}`, { ...from("203.0.113.8"), label: `query is not counted ${i}` }));
  await repeat(4, (i) => login(s, from(`2001:db8::${i}`), `one IPv6 network ${i}`));
  await repeat(4, (i) => login(s, from(`203.0.113.9, 198.51.100.${i}`), `several hops ${i}`));
  const evil = { headers: { "x-forwarded-for": "203.0.113.10", origin: "https://evil.example", cookie: "a=b" } };
  await repeat(4, (i) => login(s, evil, `before the origin check ${i}`));
}

export default [
  scenario("built-in rules, memory", on(), limits),

  scenario("built-in rules, database", on({ storage: "database" }), limits),

  scenario("on by default in production", { rateLimit: { enabled: undefined } }, async (s) => {
    await repeat(4, (i) => login(s, from("203.0.113.20"), `sign-in ${i}`));
  }),

  scenario("without an address", on(), async (s) => {
    await repeat(4, (i) => s.post("/change-email", {}, { ...from(null), label: `shared bucket ${i}` }));
  }),

  scenario("general rule", on({ window: 60, max: 2 }), async (s) => {
    await repeat(3, (i) => s.get("/get-session", { ...from("203.0.113.30"), label: `general ${i}` }));
    await repeat(4, (i) => login(s, from("203.0.113.30"), `sign-in keeps its rule ${i}`));
  }),

  scenario(
    "own rules",
    on({
      customRules: {
        "/sign-in/email": { window: 20, max: 1 },
        "/sign-up/*": false,
        "/list-*": { window: 30, max: 2 },
      },
    }),
    async (s) => {
      await repeat(2, (i) => login(s, from("203.0.113.40"), `own rule ${i}`));
      await repeat(5, (i) => s.post("/sign-up/email", {}, { ...from("203.0.113.40"), label: `no rule ${i}` }));
      await repeat(3, (i) => s.get("/list-accounts", { ...from("203.0.113.40"), label: `pattern ${i}` }));
    },
  ),

  scenario(
    "own rules that overlap",
    on({
      customRules: {
        "/sign-in/email": { window: 20, max: 1 },
        "/sign-in/*": { window: 20, max: 2 },
        "/sign-up/*": false,
        "/sign-up/email": { window: 20, max: 1 },
      },
    }),
    async (s) => {
      await repeat(2, (i) => login(s, from("203.0.113.45"), `the first counts ${i}`));
      await repeat(3, (i) => s.post("/sign-in/nothing", {}, { ...from("203.0.113.45"), label: `the second ${i}` }));
      await repeat(3, (i) => s.post("/sign-up/email", {}, { ...from("203.0.113.45"), label: `lifted first ${i}` }));
    },
  ),

  scenario("window passes", on({ customRules: { "/sign-in/email": { window: 2, max: 1 } } }), async (s) => {
    await login(s, from("203.0.113.50"), "first");
    await login(s, from("203.0.113.50"), "blocked");
    const again = { method: "POST", path: "/sign-in/email", body: {}, ...from("203.0.113.50"), label: "allowed again" };
    await s.until(again, (r) => r.status !== 429);
  }),

  scenario("no tracking, no limit", { ...on(), advanced: { ipAddress: { disableIpTracking: true } } }, async (s) => {
    await repeat(5, (i) => login(s, from("203.0.113.60"), `sign-in ${i}`));
  }),

  scenario("disabled paths are not counted", { ...on(), disabledPaths: ["/sign-in/email"] }, async (s) => {
    await repeat(5, (i) => login(s, from("203.0.113.70"), `disabled ${i}`));
  }),
];
