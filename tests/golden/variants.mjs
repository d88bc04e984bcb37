/** The golden databases: which release makes each, where, and with which options. */

/** Of test data only. */
export const SECRET = "golden-kN3r-1a-S3cret/with+enough=entropy_0123456789";
export const PASSWORD = "correct horse battery";

const drivers = { "better-sqlite3": "12.11.1", mysql2: "3.24.6", pg: "8.23.1" };
const release = (version, apiKey) => ({
  ...drivers,
  "better-auth": version,
  "@better-auth/core": version,
  ...(apiKey && { "@better-auth/api-key": version }),
});

/** What is installed for each release. The last one cannot be installed beside its API keys. */
export const RELEASES = {
  "1.4.22": release("1.4.22", false),
  "1.6.33": release("1.6.33", true),
  "1.7.1": release("1.7.1", true),
  "1.7.25": release("1.7.25", false),
};

const own = {
  user: {
    additionalFields: {
      lang: { type: "string", required: false },
      plan: { type: "string", required: true, defaultValue: "free", input: false },
      logins: { type: "number", required: false },
    },
  },
};
/** Names that the application gave to each table and column itself. */
const named = {
  user: {
    modelName: "people",
    fields: { name: "full_name", email: "mail", emailVerified: "mail_verified", createdAt: "created_at", updatedAt: "updated_at" },
  },
  session: {
    modelName: "logins",
    fields: {
      expiresAt: "expires_at",
      createdAt: "created_at",
      updatedAt: "updated_at",
      ipAddress: "ip_address",
      userAgent: "user_agent",
      userId: "user_id",
    },
  },
};
const ids = (generateId) => ({ advanced: { database: { generateId } } });

export const VARIANTS = {
  "1.4.22-sqlite": { release: "1.4.22", database: "sqlite", options: own, signUp: { lang: "en" } },
  "1.4.22-postgres": { release: "1.4.22", database: "postgres", options: {} },
  "1.6.33-sqlite": { release: "1.6.33", database: "sqlite", options: named },
  "1.6.33-postgres": { release: "1.6.33", database: "postgres", options: ids("uuid"), snake: true },
  "1.7.1-sqlite": { release: "1.7.1", database: "sqlite", options: {} },
  "1.7.1-postgres": { release: "1.7.1", database: "postgres", options: ids("serial") },
  "1.7.25-sqlite": { release: "1.7.25", database: "sqlite", options: ids("serial") },
  "1.7.25-mysql": { release: "1.7.25", database: "mysql", options: {} },
  "1.7.25-postgres": { release: "1.7.25", database: "postgres", options: own, signUp: { lang: "en" } },
};
