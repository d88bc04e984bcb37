/**
 * The reference and kernia on one database with one secret: each must honour
 * what the other made.
 *
 *   node interchange.mjs [--database sqlite|postgres|mariadb] [--secondary] [--reference-only] [--filter TEXT]
 *
 * Runs once on a schema made by the reference's migrations and once on a
 * schema made by kernia. --secondary gives both one part of Redis, where
 * sessions and one-time values then are. --reference-only puts a second
 * reference in kernia's place, which proves the checks themselves.
 */
import { parseArgs } from "node:util";
import { startKernia } from "./kernia.mjs";
import { freshPlace } from "./lib/backend.mjs";
import {
  bothWays, cacheChecks, defaultHashChecks, passkeyChecks, proxyChecks, storageChecks,
} from "./lib/interchange-checks.mjs";
import { completeOptions } from "./lib/options.mjs";
import { someProviders } from "./lib/providers.mjs";
import { pendingMigrations } from "./lib/storage.mjs";
import { startReference } from "./reference.mjs";
import { Session } from "./scenario.mjs";

const { values: flags } = parseArgs({
  options: {
    database: { type: "string", default: "sqlite" },
    secondary: { type: "boolean", default: false },
    "reference-only": { type: "boolean", default: false },
    filter: { type: "string" },
  },
});
const startOther = flags["reference-only"] ? startReference : startKernia;
const totals = { passed: 0, failed: 0 };

const OPTIONS = {
  emailAndPassword: { enabled: true, sendResetPassword: true },
  emailVerification: { sendVerificationEmail: true },
  user: {
    changeEmail: { enabled: true },
    deleteUser: { enabled: true, sendDeleteAccountVerification: true },
    additionalFields: {
      level: { type: "number", required: false },
      newsletter: { type: "boolean", required: false },
      birthday: { type: "date", required: false },
      nickname: { type: "string", required: false },
    },
  },
  session: { additionalFields: { theme: { type: "string", required: false, defaultValue: "light" } } },
  plugins: {
    anonymous: {},
    "device-authorization": {},
    "email-otp": { storeOTP: "encrypted" },
    jwt: {},
    "magic-link": {},
    "one-time-token": {},
    "phone-number": { signUpOnVerification: true },
    siwe: { domain: "app.example.com" },
    "two-factor": { otpOptions: { sendOTP: true }, totpOptions: { period: 3600, allowReuse: true } },
    username: {},
  },
};
/** What only kernia is told: the reference can verify nothing but scrypt. */
const SCRYPT = { emailAndPassword: { ...OPTIONS.emailAndPassword, password: { algorithm: "scrypt" } } };

for (const maker of ["reference", "kernia"]) {
  await world(`schema by ${maker}`, maker, OPTIONS, SCRYPT, [...bothWays, ...storageChecks]);
}
for (const strategy of ["compact", "jwt", "jwe"]) {
  const options = { ...OPTIONS, session: { cookieCache: { enabled: true, strategy } } };
  await world(`${strategy} cache`, "reference", options, SCRYPT, cacheChecks);
}
const keySigned = {
  ...OPTIONS,
  plugins: { ...OPTIONS.plugins, jwt: { sessionCookieCache: true } },
  session: { cookieCache: { enabled: true, strategy: "jwt" } },
};
await world("jwt cache signed with the keys", "reference", keySigned, SCRYPT, cacheChecks);
const proxied = { socialProviders: someProviders(["github", "google"]), plugins: { "oauth-proxy": { productionURL: "https://auth.example.com" } } };
await world("proxied sign-in", "reference", proxied, SCRYPT, proxyChecks);
for (const maker of ["reference", "kernia"]) {
  await world(`passkeys, schema by ${maker}`, maker, { plugins: { passkey: {} } }, SCRYPT, passkeyChecks);
}
await world("default password hash", "reference", OPTIONS, {}, defaultHashChecks);

console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);

/** Starts both servers on a fresh database, `maker` first, and runs the checks. */
async function world(name, maker, given, kerniaOnly, checks) {
  const { database, secondary, dispose } = await freshPlace(flags);
  const options = completeOptions(given);
  const extra = flags["reference-only"] ? {} : kerniaOnly;
  const starts = {
    reference: () => startReference(options, { database, secondary }),
    kernia: () => startOther({ ...options, ...extra }, { database, secondary }),
  };
  const servers = {};
  try {
    servers[maker] = await starts[maker]();
    await check(`${name}: nothing left to migrate`, async () => {
      const pending = await pendingMigrations(options, database, secondary);
      if (pending.length > 0) throw new Error(pending.join("; "));
    });
    const other = maker === "reference" ? "kernia" : "reference";
    servers[other] = await starts[other]();
    for (const { title, run } of checks) {
      const jars = new Map();
      const label = `${name}: ${title}`;
      const at = (side) => new Session(servers[side], label, options, jars);
      await check(label, () => run({ reference: at("reference"), kernia: at("kernia"), database, secondary }));
    }
  } catch (error) {
    await check(`${name}: servers run`, () => Promise.reject(error));
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
    await dispose();
  }
}

async function check(label, run) {
  if (flags.filter !== undefined && !label.includes(flags.filter)) return;
  try {
    await run();
    totals.passed += 1;
    console.log(`ok   ${label}`);
  } catch (error) {
    totals.failed += 1;
    console.log(`FAIL ${label}\n${error.stack.replace(/^/gm, "     ")}`);
  }
}
