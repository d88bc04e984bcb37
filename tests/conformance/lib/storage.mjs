/**
 * Databases as the reference opens them, and a look into one behind both
 * servers' backs.
 */
import { getMigrations } from "better-auth/db/migration";
import Database from "better-sqlite3";
import Redis from "ioredis";
import mysql from "mysql2/promise";
import pg from "pg";
import { dialectOf } from "./backend.mjs";
import { SECRET } from "./options.mjs";
import { pluginsOf } from "./plugins.mjs";

/** What the reference takes as its `database` for a SQLite file or the URL of another. */
export function openForReference(place) {
  switch (dialectOf(place)) {
    case "postgres":
      return new pg.Pool({ connectionString: place });
    case "mysql":
      // The reference writes and reads moments in UTC.
      return mysql.createPool({ uri: place, timezone: "Z" });
    default:
      return new Database(place);
  }
}

const close = (database) => (database instanceof Database ? database.close() : database.end());

/**
 * What the reference's own migrations would still change, as readable lines.
 * With `secondary` storage it needs no tables for what is kept there.
 */
export async function pendingMigrations(options, place, secondary) {
  const database = openForReference(place);
  const quiet = { secret: SECRET, logger: { disabled: true } };
  const plugins = await pluginsOf(options);
  const config = { ...options, ...quiet, emailAndPassword: { enabled: true }, database, plugins };
  if (secondary) config.secondaryStorage = { get: () => null, set: () => {}, delete: () => {} };
  try {
    const { toBeCreated, toBeAdded } = await getMigrations(config);
    const line = (verb) => ({ table, fields }) => `${verb} ${table}(${Object.keys(fields).join(", ")})`;
    return [...toBeCreated.map(line("create")), ...toBeAdded.map(line("add to"))];
  } finally {
    await close(database);
  }
}

/**
 * How the newest row of `table` whose `column` is `value` is encoded: for each
 * column its storage class, and for text the shape of the text.
 */
export async function encodings(place, table, column, value) {
  const row = await newest(place, table, column, value);
  if (!row) throw new Error(`no row in ${table} where ${column} is ${value}`);
  return Object.fromEntries(Object.keys(row).sort().map((name) => [name, encoding(row[name])]));
}

async function newest(place, table, column, value) {
  const database = openForReference(place);
  try {
    switch (dialectOf(place)) {
      case "postgres": {
        // Each column as the server writes it, beside the type it says it has.
        const text = `select to_jsonb(t) as row from "${table}" t where "${column}" = $1 order by "createdAt" desc limit 1`;
        return (await database.query(text, [value])).rows[0]?.row;
      }
      case "mysql": {
        const text = `select * from \`${table}\` where \`${column}\` = ? order by createdAt desc limit 1`;
        return (await database.query({ sql: text, dateStrings: true }, [value]))[0][0];
      }
      default:
        return database.prepare(`select * from "${table}" where "${column}" = ? order by rowid desc limit 1`).get(value);
    }
  } finally {
    await close(database);
  }
}

/** How a session is encoded in a part of Redis: its value, and the index of its user's sessions. */
export async function secondaryEncodings({ url, prefix }, { token, userId }) {
  const client = new Redis(url);
  try {
    const read = async (key) => JSON.parse(await client.get(`${prefix}${key}`));
    return shape({ value: await read(token), index: await read(`active-sessions-${userId}`) });
  } finally {
    client.disconnect();
  }
}

/** The structure of a JSON document, with each value's encoding in its place. */
function shape(value) {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== "object" || value === null) return encoding(value);
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, shape(value[key])]));
}

function encoding(value) {
  if (typeof value !== "string") return value === null ? "null" : `${typeof value}`;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) return "ISO date with milliseconds";
  // Databases with a type for moments leave out trailing zeros.
  if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,3})?(\+00:00)?$/.test(value)) return "moment to the millisecond";
  if (/^[0-9a-f]{32}:[0-9a-f]{128}$/.test(value)) return "scrypt hash";
  if (/^[A-Za-z0-9]{32}$/.test(value)) return "32 letters and digits";
  if (/^(.+):[A-Za-z0-9]{24}$/.test(value)) return value.replace(/[A-Za-z0-9]{24}$/, "<24 letters and digits>");
  return "text";
}
