/**
 * Turns a recording into values that must be equal on both servers.
 *
 * Volatile values become placeholders that keep their format and their
 * identity: the first 32-character id seen is `<alnum32:1>` wherever it occurs
 * again, in bodies, cookies, links and tokens alike. A value of the wrong
 * format is left as it is and shows up as a difference. Times become their
 * distance from the moment of the exchange, so a wrong lifetime shows too.
 */
import { ENCRYPTED_IN_TEXT, SEALED_IN_TEXT, openCompact, openEncrypted, openSealed, openSigned } from "./lib/cookies.mjs";
import { parseSetCookie } from "./lib/jar.mjs";

const HEADERS = new Set([
  "content-type", "location", "cache-control", "pragma", "x-retry-after", "retry-after", "set-auth-jwt", "set-auth-token", "set-ott", "vary", "allow",
  "www-authenticate",
]);
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const RANDOM_IN_TEXT = /(?:(?<=^temp-)|(?<![A-Za-z0-9_-]))(?:[A-Za-z0-9]{32}|[A-Za-z0-9]{24})(?![A-Za-z0-9_-])/g;
/** A session's token with its signature, in a page or a link: pieces of the signature may look like ids. */
const SIGNED_IN_TEXT = /(?<![A-Za-z0-9_-])[A-Za-z0-9]{32}\.(?:[A-Za-z0-9+/]|%2[BF]){43}(?:=|%3D)/g;
/** OAuth state, nonce and code challenge, as parameters of a URL. */
const RANDOM_PARAMETER = /(?<=[?&](?:state|nonce|code_challenge)=)[A-Za-z0-9_-]{32,43}/g;
/** Names of second factors in cookies, and their keys and codes in answers. */
const SECOND_FACTOR = [
  [/(?<![\w-])2fa-[\w-]{20}(?![\w-])/g, "challenge"],
  [/[\w-]{43}!trust-device-[\w-]{32}(?![\w-])/g, "trusted"],
  [/(?<=[?&]secret=)[A-Z2-7]{52}/g, "key"],
  [/^[A-Za-z0-9]{5}-[A-Za-z0-9]{3,5}$/g, "backup"],
];
/** Codes of the device flow, under the names that it gives them. */
const CODES = { device_code: /^[A-Za-z0-9]{24,40}$/, user_code: /^[A-Za-z0-9 -]{7,14}$/ };
const CODE_PARAMETER = /(?<=[?&]user_code=)[A-HJ-NP-Z2-9]{8,12}/g;
const VERIFIER = /^[A-Za-z0-9_-]{128}$/;
const YEAR = 31_557_600_000;
/** 32 bytes in base64url, where they are random: the challenge of an authenticator, and the handle of whoever has it. */
const RANDOM_BYTES = /^[A-Za-z0-9_-]{43}$/;
const RANDOM_MEMBERS = new Set(["challenge", "id"]);
/** A cookie whose value may look like an id or not. */
const TOKEN_COOKIE = /\bpasskey$/;
const HANDING_ON = "/one-time-token/generate";
const HANDED = /^[A-Za-z0-9_-]{32}$/;
/** Lists that the reference gives in whatever order its database keeps the rows. */
const UNORDERED = new Set(["/list-accounts", "/list-sessions", "/passkey/list-user-passkeys"]);
/** Claims that count seconds; every other epoch number counts milliseconds. */
const SECONDS = new Set(["iat", "exp", "nbf"]);
/** The numbers of a public key (RFC 7518 section 6). */
const KEY_NUMBERS = new Set(["x", "y", "n"]);

/** Normalizes the steps of one run. One call is one numbering. */
export async function normalizeRecording(steps) {
  const normalizer = new Normalizer();
  const result = [];
  for (const step of steps) result.push(await normalizer.step(step));
  return result;
}

class Normalizer {
  #names = new Map();
  #counts = new Map();
  #now = 0;

  async step({ label, at, method, route, response, value }) {
    this.#now = at;
    if (response === undefined) return { label, content: { value: await this.#value(value) } };
    // A state may look like an id: its place in a URL tells what it is, before it is met in a cookie.
    for (const text of [response.headers.location ?? "", response.text]) {
      for (const found of text.match(RANDOM_PARAMETER) ?? []) this.#named(found, `state${found.length}`);
    }
    // A token by which a session is handed on may look like an id or not: where it is met tells what it is.
    for (const token of [route === HANDING_ON && response.json?.token, response.headers["set-ott"]]) {
      if (HANDED.test(token || "")) this.#named(token, "handed32");
    }
    const content = {
      status: response.status,
      headers: await this.#headers(response.headers),
      cookies: await this.#cookies(response.setCookies),
      body: response.json === undefined ? await this.#text(response.text) : await this.#value(inOrder(route, response.json)),
    };
    return { label, method, route, content };
  }

  async #headers(headers) {
    const result = {};
    for (const name of Object.keys(headers).sort()) {
      if (!HEADERS.has(name) && !name.startsWith("access-control-")) continue;
      const value = String(headers[name]);
      // Seconds left in a window that started within this scenario.
      result[name] = name.endsWith("retry-after") ? String(Math.ceil(Number(value) / 10) * 10) : await this.#text(value);
    }
    return result;
  }

  /** By name, and those of one name in the order sent: it decides which of them wins. */
  async #cookies(lines) {
    const sent = lines.map(parseSetCookie).map((cookie) => ({ ...cookie, name: this.#cookieName(cookie) }));
    const parsed = sent.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
    const result = [];
    for (const { name, value, attributes } of parsed) {
      const text = attributes.map(([k, v]) => (v === true ? k : `${k}=${v}`)).join("; ");
      result.push({ name, value: await this.#cookieValue(name, value, parsed), attributes: text });
    }
    return result;
  }

  /** A session's own cookie is named after its token, in small letters. */
  #cookieName({ name, value }) {
    const [, prefix, small] = /^(.*_multi-)([a-z0-9]{32})$/.exec(name) ?? [];
    if (!prefix) return name;
    const token = value.split(".")[0];
    if (token) this.#named(token, shapeOf(token));
    const known = [...this.#names].find(([text]) => text.toLowerCase() === small);
    return `${prefix}${known?.[1] ?? small}`;
  }

  async #cookieValue(name, value, all) {
    const token = TOKEN_COOKIE.test(name) ? openSigned(value)?.value : undefined;
    if (token !== undefined) this.#named(token, `state${token.length}`);
    const chunk = /^(.*)\.(\d+)$/.exec(name);
    if (!chunk || value === "") return this.#text(value);
    if (chunk[2] !== "0") return `<chunk of ${value.length}>`;
    const parts = all.filter((c) => c.value !== "" && c.name.startsWith(`${chunk[1]}.`));
    const whole = await this.#text(parts.map((c) => c.value).join(""));
    return { chunk: value.length, whole };
  }

  async #value(value, key) {
    if (typeof value === "string" && KEY_NUMBERS.has(key) && /^[\w-]{40,}$/.test(value)) return `<key of ${value.length}>`;
    // The hash of an access token that is random.
    if (key === "at_hash") return `<${value.length} characters>`;
    if (typeof value === "string" && key in CODES) return CODES[key].test(value) ? this.#named(value, key) : value;
    if (RANDOM_MEMBERS.has(key) && RANDOM_BYTES.test(value)) return this.#named(value, "bytes32");
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "number") return this.#number(value, key);
    if (Array.isArray(value)) {
      const items = [];
      for (const item of value) items.push(await this.#value(item));
      return items;
    }
    if (typeof value !== "object" || value === null) return value;
    // Numbering must not depend on key order, the result keeps it.
    const done = new Map();
    for (const name of Object.keys(value).sort()) done.set(name, await this.#value(value[name], name));
    return Object.fromEntries(Object.keys(value).map((name) => [name, done.get(name)]));
  }

  #number(value, key) {
    // What is left of a session that began a moment ago.
    if (key === "expires_in" && value > 3600) return Math.ceil(value / 60) * 60;
    // A moment years away was not counted from now.
    if (SECONDS.has(key) && Math.abs(value * 1000 - this.#now) < YEAR) return `<seconds ${this.#distance(value * 1000)}>`;
    return Number.isInteger(value) && value > 1e12 && value < 1e13 ? `<ms ${this.#distance(value)}>` : value;
  }

  async #text(text) {
    if (ISO_DATE.test(text)) return `<date ${this.#distance(Date.parse(text))}>`;
    if (UUID.test(text)) return this.#named(text, "uuid");
    const opened = (await openSealed(text)) ?? openCompact(text) ?? openEncrypted(text);
    if (opened) return this.#value(opened);
    const signed = openSigned(text);
    if (signed) {
      const inner = await this.#text(signed.value);
      return `<${signed.encoded ? "encoded " : ""}${signed.valid ? "signed" : "BADLY SIGNED"} ${inner}>`;
    }
    if (this.#names.has(text)) return this.#names.get(text);
    if (VERIFIER.test(text)) return this.#named(text, "verifier");
    return this.#randomParts(await this.#sealedParts(text));
  }

  async #sealedParts(text) {
    let result = text;
    for (const found of text.match(SEALED_IN_TEXT) ?? []) {
      const opened = await openSealed(found);
      if (opened) result = result.replace(found, `<${JSON.stringify(sorted(await this.#value(opened)))}>`);
    }
    for (const found of result.match(SIGNED_IN_TEXT) ?? []) {
      if (openSigned(found)) result = result.replace(found, await this.#text(found));
    }
    // What is in them is compared where a scenario takes them out.
    return result.replace(ENCRYPTED_IN_TEXT, (found) => {
      const opened = openEncrypted(found);
      return opened ? `<encrypted ${opened.encrypted}>` : found;
    });
  }

  #randomParts(text) {
    let known = text.replace(CODE_PARAMETER, (found) => this.#named(found, "user_code"));
    known = known.replace(RANDOM_PARAMETER, (found) => this.#named(found, `state${found.length}`));
    for (const [pattern, shape] of SECOND_FACTOR) known = known.replace(pattern, (found) => this.#named(found, shape));
    return known.replace(RANDOM_IN_TEXT, (found) => this.#named(found, shapeOf(found)));
  }

  #named(value, shape) {
    if (!this.#names.has(value)) {
      const count = (this.#counts.get(shape) ?? 0) + 1;
      this.#counts.set(shape, count);
      this.#names.set(value, `<${shape}:${count}>`);
    }
    return this.#names.get(value);
  }

  /**
   * Distance from the exchange, rounded up to whole minutes: a value computed
   * a moment ago to lie 300 s ahead lies a little less ahead by now.
   */
  #distance(ms) {
    const minutes = Math.ceil((ms - this.#now) / 60_000);
    if (minutes === 0) return "now";
    return `now${minutes > 0 ? "+" : ""}${minutes * 60}s`;
  }
}

/** A list without a promised order, the oldest entry first. */
function inOrder(route, body) {
  if (!UNORDERED.has(route) || !Array.isArray(body)) return body;
  return [...body].sort((a, b) => String(a?.createdAt).localeCompare(String(b?.createdAt)));
}

function shapeOf(value) {
  const alphabet = /^[0-9a-z]+$/.test(value) ? "lower" : "alnum";
  return `${alphabet}${value.length}`;
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}
