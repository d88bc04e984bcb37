/**
 * Makes the golden databases again: installs each release into a folder of its own, lets it migrate and fill a database, and
 * writes that as SQL beside this file.
 *
 *   node make.mjs FOLDER [VARIANT]…      FOLDER keeps the installed releases
 *
 * Others than SQLite's need a server in KERNIA_TEST_POSTGRES or KERNIA_TEST_MYSQL (tests/servers starts them), and its clients.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PASSWORD, RELEASES, SECRET, VARIANTS } from "./variants.mjs";

const [, , folder, ...wanted] = process.argv;
if (!folder) throw new Error("usage: node make.mjs FOLDER [VARIANT]…");
const here = import.meta.dirname;
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 28 });

for (const name of wanted.length > 0 ? wanted : Object.keys(VARIANTS)) {
  const variant = VARIANTS[name];
  const place = install(variant.release);
  const { sql, facts } = { sqlite, postgres, mysql }[variant.database](name, place);
  const head = [
    `-- A database of better-auth ${variant.release}, made by make.mjs. Passwords, secrets and keys in it are of test data.`,
    ...Object.entries({ ...facts, password: PASSWORD, secret: SECRET }).map(([key, value]) => `-- ${key}: ${value}`),
  ];
  writeFileSync(join(here, `${name}.sql`), `${head.join("\n")}\n\n${sql.trim()}\n`);
  console.log(`${name}.sql`);
}

function install(release) {
  const place = join(folder, release);
  if (!existsSync(join(place, "node_modules"))) {
    mkdirSync(place, { recursive: true });
    const manifest = { private: true, type: "module", dependencies: RELEASES[release] };
    writeFileSync(join(place, "package.json"), JSON.stringify(manifest));
    run("npm", ["install", "--legacy-peer-deps", "--no-audit", "--no-fund"], place);
  }
  for (const file of ["seed.mjs", "variants.mjs"]) copyFileSync(join(here, file), join(place, file));
  return place;
}

function seed(name, place, database) {
  return JSON.parse(run("node", ["seed.mjs", name, database], place).trim().split("\n").at(-1));
}

function sqlite(name, place) {
  const directory = mkdtempSync(join(tmpdir(), "golden-"));
  try {
    const file = join(directory, "golden.db");
    const facts = seed(name, place, file);
    const Database = createRequire(join(place, "package.json"))("better-sqlite3");
    const database = new Database(file);
    const lines = [];
    const things = database.prepare("select type, name, sql from sqlite_schema where sql is not null order by type = 'index', rowid").all();
    for (const { type, name: table, sql } of things) {
      lines.push(`${sql};`);
      if (type !== "table") continue;
      for (const row of database.prepare(`select * from "${table}" order by rowid`).raw().all()) {
        lines.push(`insert into "${table}" values (${row.map(literal).join(", ")});`);
      }
    }
    database.close();
    return { sql: lines.join("\n"), facts };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function literal(value) {
  if (value === null) return "null";
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}

function postgres(name, place) {
  const server = process.env.KERNIA_TEST_POSTGRES;
  if (!server) throw new Error("KERNIA_TEST_POSTGRES names no server");
  const database = `golden_${process.pid}`;
  const url = new URL(server);
  url.pathname = database;
  run("psql", ["-q", server, "-c", `create database ${database}`]);
  try {
    const facts = seed(name, place, url.href);
    const dump = run("pg_dump", ["--inserts", "--no-owner", "--no-privileges", "--no-comments", url.href]);
    return { sql: portable(dump), facts };
  } finally {
    run("psql", ["-q", server, "-c", `drop database ${database}`]);
  }
}

function mysql(name, place) {
  const server = process.env.KERNIA_TEST_MYSQL;
  if (!server) throw new Error("KERNIA_TEST_MYSQL names no server");
  const database = `golden_${process.pid}`;
  const url = new URL(server);
  url.pathname = database;
  const login = ["--no-defaults", "-h", url.hostname, "-P", url.port, "-u", url.username, `-p${url.password}`];
  run("mariadb", [...login, "-e", `create database ${database}`]);
  try {
    const facts = seed(name, place, url.href);
    const dump = run("mariadb-dump", [...login, "--compact", "--skip-extended-insert", "--skip-set-charset", database]);
    const lines = dump.split("\n").filter((line) => !line.startsWith("/*"));
    return { sql: `SET foreign_key_checks = 0;\nSET time_zone = '+00:00';\n${lines.join("\n")}`, facts };
  } finally {
    run("mariadb", [...login, "-e", `drop database ${database}`]);
  }
}

/** Without what only this version of PostgreSQL understands, and without the schema, so that it loads into any. */
function portable(dump) {
  const noise = /^(--|SET |SELECT pg_catalog\.set_config|\\(un)?restrict)/;
  const lines = dump.split("\n").filter((line) => !noise.test(line));
  return lines.join("\n").replaceAll("public.", "").replace(/\n{2,}/g, "\n\n");
}
