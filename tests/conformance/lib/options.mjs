/**
 * One options object drives both servers. It is written the way the reference
 * documents its options; this file merges the defaults and renders the TOML
 * that `kernia serve` reads.
 */

/** The secret both servers share. Long and mixed, so that no entropy warning is printed. */
export const SECRET = "kN3r-1a.conformance.S3cret/with+enough=entropy_0123456789abcdef";

/** A secret that two servers may share besides. */
export const PROXY_SECRET = "xW8z-2b.conformance.pr0xy/with+enough=entropy_fedcba9876543210";

/** The public address both servers believe they have; the real port differs. */
export const BASE_URL = "http://localhost:3000";

const DEFAULTS = {
  baseURL: BASE_URL,
  emailAndPassword: { enabled: true },
  // Production switches the limiter on; only the scenarios about it want that.
  rateLimit: { enabled: false },
};

/** Scenario options over `common` ones over the defaults. Objects merge, everything else replaces. */
export function completeOptions(options = {}, common = {}) {
  return merge(merge(DEFAULTS, common), options);
}

function merge(base, over) {
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    result[key] = isTable(value) && isTable(base[key]) ? merge(base[key], value) : value;
  }
  return result;
}

const isTable = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** The address clients use: the configured one, where it is one address. */
export function publicUrl({ baseURL }) {
  return typeof baseURL === "string" ? baseURL : BASE_URL;
}

/** The path below which all routes live. A path in the base URL replaces `basePath`. */
export function basePathOf(options) {
  const { pathname } = new URL(publicUrl(options));
  return pathname === "/" ? (options.basePath ?? "/api/auth") : pathname;
}

/** `baseURL` to `base_url`, `disableCSRFCheck` to `disable_csrf_check`. */
export function snakeCase(name) {
  return name
    .replace("OAuth", "Oauth")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
}

/** Tables whose keys are data (field names, paths, cookie keys), not option names. */
const DATA_KEYED = new Set([
  "additionalFields", "fields", "customRules", "cookies", "authorizationUrlParams", "tokenUrlParams", "refreshTokenParams",
  "discoveryHeaders", "authorizationHeaders", "extensions", "extensions",
]);

/** Plugins that call other servers. */
const CALLERS = ["captcha", "generic-oauth", "have-i-been-pwned"];

/** Whether a server with these options calls other servers, which a fake then has to play. */
export const callsOthers = ({ socialProviders, plugins = {} }) => Boolean(socialProviders) || CALLERS.some((id) => id in plugins);

/** Renders `options` plus kernia's own tables as the text of a `kernia.toml`. */
export function kerniaToml(options, { port, database, secondary, outbox, mode, fake }) {
  const { plugins = {}, ...rest } = options;
  const document = {
    mode,
    secret: "env:BETTER_AUTH_SECRET",
    ...snakeKeys(rest),
    server: { listen: `127.0.0.1:${port}` },
    database: { url: databaseUrl(database) },
    delivery: { kind: "file", path: outbox },
  };
  if (fake) {
    const resolve = Object.fromEntries(fake.hosts.map((host) => [host, `127.0.0.1:${fake.port}`]));
    document.http_client = { extra_roots: fake.ca, resolve };
  }
  if (secondary) document.secondary_storage = { url: secondary.url, key_prefix: secondary.prefix };
  if (Object.keys(plugins).length > 0) document.plugins = snakeKeys(inSeconds(plugins));
  return tomlTable(document, []);
}

/** The device flow's spans are texts in the reference (`30m`), and seconds here as everywhere. */
function inSeconds({ "device-authorization": device, ...plugins }) {
  const units = { s: 1, m: 60, h: 3600 };
  const seconds = (value) => (/^\d+[smh]$/.test(value) ? parseInt(value, 10) * units[value.at(-1)] : value);
  return device ? { ...plugins, "device-authorization": mapValues(device, seconds) } : plugins;
}

function databaseUrl(database) {
  if (!database) return "memory:";
  return database.includes("://") ? database : `sqlite:${database}`;
}

function snakeKeys(table) {
  const result = {};
  for (const [key, value] of Object.entries(table)) {
    // What is below has names of its own at every level.
    if (key === "translations") result[snakeCase(key)] = value;
    else if (Array.isArray(value)) result[snakeCase(key)] = value.map((item) => (isTable(item) ? snakeKeys(item) : item));
    else if (!isTable(value)) result[snakeCase(key)] = value;
    else if (DATA_KEYED.has(key)) result[snakeCase(key)] = mapValues(value, (v) => (isTable(v) ? snakeKeys(v) : v));
    else result[snakeCase(key)] = snakeKeys(value);
  }
  return result;
}

const mapValues = (table, f) => Object.fromEntries(Object.entries(table).map(([k, v]) => [k, f(v)]));

/** Scalars before sub-tables, as TOML wants it. */
function tomlTable(table, path) {
  const present = Object.entries(table).filter(([, v]) => v !== undefined && v !== null);
  const lines = present.filter(([, v]) => !isTable(v)).map(([k, v]) => `${tomlKey(k)} = ${tomlValue(v)}`);
  for (const [key, value] of present.filter(([, v]) => isTable(v))) {
    const here = [...path, tomlKey(key)];
    lines.push("", `[${here.join(".")}]`, tomlTable(value, here));
  }
  return lines.join("\n");
}

const tomlKey = (key) => (/^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key));

function tomlValue(value) {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (isTable(value)) {
    const members = Object.entries(value).filter(([, v]) => v !== undefined && v !== null);
    return `{ ${members.map(([k, v]) => `${tomlKey(k)} = ${tomlValue(v)}`).join(", ")} }`;
  }
  // A JSON string is a valid TOML basic string.
  return JSON.stringify(value);
}
