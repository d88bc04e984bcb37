/**
 * A scenario is `{ name, options, mode?, bridge?, run(s) }`. The same `run` is
 * executed once against each server; `s` (a `Session`) performs steps and
 * records each of them. Recordings are compared afterwards.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { boundClient } from "./lib/client.mjs";
import { CookieJar } from "./lib/jar.mjs";
import { alterCache, cookieSignature, forgeJwt, signCookie } from "./lib/forge.mjs";
import { basePathOf, publicUrl } from "./lib/options.mjs";
import { poll } from "./lib/process.mjs";
import { exchange } from "./lib/transport.mjs";

/** A password that every default policy accepts. */
export const PASSWORD = "correct horse battery";

/** Where requests claim to come from, unless a step says otherwise. */
const CLIENT = "192.0.2.1";

/** Declares a scenario. */
export function scenario(name, options, run, extra = {}) {
  return { name, options, run, ...extra };
}

export class Session {
  /** Compared steps, in order. */
  steps = [];
  sign = signCookie;
  signature = cookieSignature;
  forgeJwt = forgeJwt;
  alterCache = alterCache;

  #server;
  #name;
  #jars;
  #outboxRead = 0;

  /**
   * `server` is a started server; `options` are its complete options. Two
   * sessions given the same `jars` act for the same browsers.
   */
  constructor(server, name, options, jars = new Map()) {
    this.#server = server;
    this.#name = name;
    this.#jars = jars;
    this.baseUrl = publicUrl(options);
    this.basePath = basePathOf(options);
  }

  /** An address that no other scenario on the same server uses. */
  email(who) {
    return `${who}.${this.slug}@example.com`;
  }

  /** A short name for this scenario, safe in addresses and usernames. */
  get slug() {
    return `s${createHash("sha256").update(this.#name).digest("hex").slice(0, 7)}`;
  }

  /** A phone number that no other scenario on the same server uses. */
  phone(who) {
    return `+1${digits(this.#name, 8)}${digits(who, 3)}`;
  }

  /** The named cookie jar; created empty on first use. */
  jar(name = "main") {
    if (!this.#jars.has(name)) this.#jars.set(name, new CookieJar(this.baseUrl));
    return this.#jars.get(name);
  }

  /**
   * Performs and records one exchange.
   *
   * - `path` is taken below the base path; `absolute` is sent as it is.
   * - `body` is sent as JSON; `form` url-encoded; `rawBody` as it is.
   * - `jar` names a cookie jar. Its cookies are sent, and received ones kept.
   *   With cookies, the server's own origin is sent unless `headers.origin`
   *   says otherwise (`null` sends none).
   * - `headers` add to and replace the usual ones; `null` leaves one out.
   * - `label` names the step in reports and in docs/differences.md.
   */
  async request(step) {
    const result = await this.#perform(step);
    this.#record(step, result);
    return result;
  }

  get(path, step = {}) {
    return this.request({ method: "GET", path, ...step });
  }

  post(path, body, step = {}) {
    return this.request({ method: "POST", path, body, ...step });
  }

  /** Registers `who` and keeps the session in the jar of the same name. */
  signUp(who, extra = {}, step = {}) {
    const body = { name: who, email: this.email(who), password: PASSWORD, ...extra };
    return this.post("/sign-up/email", body, { jar: who, label: `sign up ${who}`, ...step });
  }

  /** Signs `who` in, with the session in the jar named `jar`. */
  signIn(who, jar = who, extra = {}, step = {}) {
    const body = { email: this.email(who), password: PASSWORD, ...extra };
    return this.post("/sign-in/email", body, { jar, label: `sign in ${who}`, ...step });
  }

  /** Repeats an exchange until `done(result)`; only the last one is recorded. */
  async until(step, done) {
    const attempt = async () => {
      const result = await this.#perform(step);
      return done(result) ? result : undefined;
    };
    const result = await poll(attempt, { what: step.label ?? step.path, everyMs: 100, timeoutMs: 8000 });
    this.#record(step, result);
    return result;
  }

  /** Waits for the next message in the outbox, records and returns it. */
  async message(label = "message") {
    const take = () => this.#outboxLines()[this.#outboxRead];
    const message = readMessage(await poll(take, { what: "a message in the outbox" }));
    this.#outboxRead += 1;
    this.note(label, shown(message));
    return message;
  }

  /** Records what the server has asked others about the people of this scenario, or about what `text` is part of. */
  asked(label = "asked", text = `.${this.slug}@`) {
    this.note(label, this.#server.asked(text));
  }

  /** Records any value as a compared step of its own. */
  note(label, value) {
    this.steps.push({ label, at: Date.now(), value });
  }

  /** Messages nobody asked for are a difference too; called when the run ends. */
  async finish() {
    // A server may send behind its answer's back; one more exchange lets it.
    await this.#perform({ method: "GET", path: "/ok" });
    const unread = this.#outboxLines().slice(this.#outboxRead).map(readMessage).map(shown);
    if (unread.length > 0) this.note("unread messages", unread);
  }

  /** The official client, bound to a jar; its calls are recorded on the wire. */
  client(config = {}, jar = "main") {
    return boundClient(this, config, jar);
  }

  async #perform(step) {
    const jar = step.jar === undefined ? undefined : this.jar(step.jar);
    const path = step.absolute ?? `${this.basePath}${step.path}${queryString(step.query)}`;
    const { body, type } = bodyOf(step);
    const cookie = jar?.header(path);
    const given = { host: new URL(this.baseUrl).host, "x-forwarded-for": CLIENT };
    if (type !== undefined) given["content-type"] = type;
    if (cookie !== undefined) given.cookie = cookie;
    if (cookie !== undefined && step.method !== "GET") given.origin = new URL(this.baseUrl).origin;
    const headers = withoutNulls({ ...given, ...step.headers });
    const response = await exchange({ port: this.#server.port, method: step.method, path, headers, body });
    jar?.receive(response.setCookies);
    return { ...response, path, json: parseJson(response.text) };
  }

  #record(step, result) {
    const path = result.path.split("?")[0];
    const route = path.startsWith(`${this.basePath}/`) ? path.slice(this.basePath.length) : path;
    const label = step.label ?? `${step.method} ${step.absolute ?? step.path}`;
    this.steps.push({ label, at: Date.now(), method: step.method, route, response: result });
  }

  /** Messages to this scenario's addresses; others may still be on their way. */
  #outboxLines() {
    const lines = readFileSync(this.#server.outbox, "utf8").split("\n").slice(0, -1);
    const own = [`.${this.slug}@`, `+1${digits(this.#name, 8)}`];
    return lines.filter((line) => own.some((part) => line.toLowerCase().includes(part)));
  }
}

/** The members both servers write; kernia's messages carry more for its own templates. */
function readMessage(line) {
  const { kind, channel, to, url, token, otp, metadata } = JSON.parse(line);
  return { kind, channel, to, url, token, otp, metadata };
}

/** So many digits that say what `text` is. */
function digits(text, count) {
  const number = createHash("sha256").update(text).digest().readUInt32BE();
  return String(number).padStart(count, "0").slice(-count);
}

/** A message as it is compared: two servers make up different codes of the same length. */
function shown(message) {
  return { ...message, otp: message.otp?.replaceAll(/\d/g, "0") };
}

function bodyOf(step) {
  const json = "application/json";
  if (step.rawBody !== undefined) return { body: step.rawBody, type: step.type };
  if (step.form !== undefined) {
    return { body: new URLSearchParams(step.form).toString(), type: "application/x-www-form-urlencoded" };
  }
  if (step.body !== undefined) return { body: JSON.stringify(step.body), type: step.type ?? json };
  return { body: undefined, type: step.type };
}

function queryString(query) {
  return query === undefined ? "" : `?${new URLSearchParams(query)}`;
}

function withoutNulls(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== null && value !== undefined));
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
