/**
 * Looks into a SQLite file behind both servers' backs.
 */
import { getMigrations } from "better-auth/db/migration";
import { bearer } from "better-auth/plugins/bearer";
import { username } from "better-auth/plugins/username";
import Database from "better-sqlite3";
import { SECRET } from "./options.mjs";

const PLUGINS = { bearer, username };

/** What the reference's own migrations would still change, as readable lines. */
export async function pendingMigrations(options, file) {
  const database = new Database(file, { readonly: true });
  const plugins = Object.entries(options.plugins ?? {}).map(([id, given]) => PLUGINS[id](given));
  const quiet = { secret: SECRET, logger: { disabled: true } };
  const config = { ...options, ...quiet, emailAndPassword: { enabled: true }, database, plugins };
  try {
    const { toBeCreated, toBeAdded } = await getMigrations(config);
    const line = (verb) => ({ table, fields }) => `${verb} ${table}(${Object.keys(fields).join(", ")})`;
    return [...toBeCreated.map(line("create")), ...toBeAdded.map(line("add to"))];
  } finally {
    database.close();
  }
}

/**
 * How the newest row of each table that satisfies `where` is encoded: for each
 * column its storage class, and for text the shape of the text.
 */
export function encodings(file, table, where, parameter) {
  const database = new Database(file, { readonly: true });
  try {
    const row = database.prepare(`select * from "${table}" where ${where} order by rowid desc limit 1`).get(parameter);
    if (!row) throw new Error(`no row in ${table} where ${where} (${parameter})`);
    return Object.fromEntries(Object.keys(row).sort().map((column) => [column, encoding(row[column])]));
  } finally {
    database.close();
  }
}

function encoding(value) {
  if (typeof value !== "string") return value === null ? "null" : `${typeof value}`;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) return "ISO date with milliseconds";
  if (/^[0-9a-f]{32}:[0-9a-f]{128}$/.test(value)) return "scrypt hash";
  if (/^[A-Za-z0-9]{32}$/.test(value)) return "32 letters and digits";
  if (/^(.+):[A-Za-z0-9]{24}$/.test(value)) return value.replace(/[A-Za-z0-9]{24}$/, "<24 letters and digits>");
  return "text";
}
