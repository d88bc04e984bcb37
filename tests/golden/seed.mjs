/**
 * Fills one empty database with the help of the better-auth that is installed beside a copy of this file: its own migrations, then
 * users, sessions and rows of plugins through its own routes. Prints one line of JSON with what the tests must know.
 *
 *   node seed.mjs VARIANT FILE-OR-URL
 */
import { betterAuth } from "better-auth";
import { admin, organization, twoFactor, username } from "better-auth/plugins";
import Database from "better-sqlite3";
import { CamelCasePlugin, Kysely, PostgresDialect } from "kysely";
import mysql from "mysql2/promise";
import pg from "pg";
import { PASSWORD, SECRET, VARIANTS } from "./variants.mjs";

const [, , name, place] = process.argv;
const variant = VARIANTS[name];
const { getMigrations } = await import("better-auth/db/migration").catch(() => import("better-auth/db"));

const plugins = [
  username(),
  admin(),
  organization(),
  twoFactor({ skipVerificationOnEnable: true }),
  ...(await apiKey()),
];
const open = {
  sqlite: () => new Database(place),
  postgres: () => new pg.Pool({ connectionString: place }),
  // The reference writes and reads moments in UTC.
  mysql: () => mysql.createPool({ uri: place, timezone: "Z" }),
};
const database = open[variant.database]();
const snake = () => new Kysely({ dialect: new PostgresDialect({ pool: database }), plugins: [new CamelCasePlugin()] });
const options = {
  ...variant.options,
  baseURL: "http://localhost:3000",
  secret: SECRET,
  database: variant.snake ? { db: snake(), type: "postgres" } : database,
  plugins,
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false, storage: "database" },
  telemetry: { enabled: false },
};
await (await getMigrations(options)).runMigrations();
const auth = betterAuth(options);
const context = await auth.$context;

const people = {};
for (const person of ["ada", "bob", "carol", "dave"]) {
  const body = { name: person, email: `${person}@example.com`, password: PASSWORD, username: `${person}_x`, ...variant.signUp };
  people[person] = await call("/sign-up/email", body);
}
const cookie = (await call("/sign-in/email", { email: "ada@example.com", password: PASSWORD })).cookie;
await call("/organization/create", { name: "Engines", slug: "engines" }, cookie);
if (plugins.length > 4) await call("/api-key/create", { name: "mine" }, cookie);
await call("/two-factor/enable", { password: PASSWORD }, people.carol.cookie);
await context.internalAdapter.updateUser(people.ada.user.id, { role: "admin" });
await call("/admin/ban-user", { userId: people.dave.user.id, banReason: "spam" }, cookie);

// Sessions that outlive these files: no cookie may be told to live so long, but its signature does.
// MySQL's timestamps end in 2038.
const end = new Date(variant.database === "mysql" ? "2038-01-01T00:00:00Z" : "2099-01-01T00:00:00Z");
const sessions = await context.internalAdapter.listSessions(people.ada.user.id);
for (const { token } of sessions) {
  await context.internalAdapter.updateSession(token, { expiresAt: end });
}
await (variant.database === "sqlite" ? database.close() : database.end());
console.log(JSON.stringify({ cookie, user: String(people.ada.user.id) }));

async function call(path, body, session) {
  const headers = { "content-type": "application/json", origin: "http://localhost:3000" };
  if (session) headers.cookie = session;
  const request = new Request(`http://localhost:3000/api/auth${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const response = await auth.handler(request);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  const pairs = response.headers.getSetCookie().map((line) => line.split(";")[0]);
  const token = pairs.find((pair) => pair.startsWith("better-auth.session_token="));
  return { ...JSON.parse(text), cookie: token };
}

/** The plugin left the package with 1.5. */
async function apiKey() {
  const inside = await import("better-auth/plugins");
  if (inside.apiKey) return [inside.apiKey()];
  const beside = await import("@better-auth/api-key").catch(() => undefined);
  return beside ? [beside.apiKey()] : [];
}
