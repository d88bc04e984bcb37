/**
 * Where servers keep their data: a fresh place for each, in one of the
 * databases that `tests/servers` starts.
 *
 * A place is `{ database, secondary, dispose() }`. `database` is a SQLite file
 * or the URL of a database of its own; absent, each server takes its own
 * memory. `secondary` is `{ url, prefix }`, a part of Redis, or absent.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Redis from "ioredis";
import mysql from "mysql2/promise";
import pg from "pg";

/** The databases that servers can be given, and how a fresh one is made. */
const DATABASES = { memory: async () => ({}), sqlite, postgres, mariadb };

/** What may stand after `--database`. */
export const DATABASE_NAMES = Object.keys(DATABASES);

/** A fresh database called by one of `DATABASE_NAMES`, and a part of Redis when `secondary` is set. */
export async function freshPlace({ database = "memory", secondary = false } = {}) {
  const make = DATABASES[database];
  if (!make) throw new Error(`no such database: ${database}; there are ${DATABASE_NAMES.join(", ")}`);
  const name = `kernia_${randomBytes(6).toString("hex")}`;
  const made = await make(name);
  const cache = secondary ? redisPart(name) : {};
  const dispose = async () => {
    await made.dispose?.();
    await cache.dispose?.();
  };
  return { database: made.database, secondary: cache.secondary, dispose };
}

/** The kind of database that `place` names, as the dialects are called. */
export function dialectOf(place) {
  if (place.startsWith("postgres")) return "postgres";
  return place.startsWith("mysql") ? "mysql" : "sqlite";
}

async function sqlite() {
  const directory = mkdtempSync(join(tmpdir(), "conformance-sqlite-"));
  const dispose = () => rmSync(directory, { recursive: true, force: true });
  return { database: join(directory, "shared.db"), dispose };
}

async function postgres(name) {
  const server = requireServer("KERNIA_TEST_POSTGRES");
  await postgresCommand(server, `create database ${name}`);
  const dispose = () => postgresCommand(server, `drop database if exists ${name} with (force)`);
  return { database: withPath(server, name), dispose };
}

async function postgresCommand(connectionString, text) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

async function mariadb(name) {
  const server = requireServer("KERNIA_TEST_MYSQL");
  await mysqlCommand(server, `create database ${name}`);
  return { database: withPath(server, name), dispose: () => mysqlCommand(server, `drop database if exists ${name}`) };
}

async function mysqlCommand(url, text) {
  const client = await mysql.createConnection(url);
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

function redisPart(name) {
  const secondary = { url: requireServer("KERNIA_TEST_REDIS"), prefix: `${name}:` };
  return { secondary, dispose: () => removeKeys(secondary) };
}

async function removeKeys({ url, prefix }) {
  const client = new Redis(url);
  try {
    for await (const keys of client.scanStream({ match: `${prefix}*`, count: 500 })) {
      if (keys.length > 0) await client.del(keys);
    }
  } finally {
    client.disconnect();
  }
}

function withPath(url, name) {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function requireServer(variable) {
  const url = process.env[variable];
  if (!url) throw new Error(`${variable} is not set: run ../servers start FOLDER and source FOLDER/env`);
  return url;
}
