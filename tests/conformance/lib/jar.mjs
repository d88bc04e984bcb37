/**
 * A small cookie jar that treats cookies as a browser on the server's public
 * address would: it honours Max-Age, Expires, Domain, Path, Secure and the
 * `__Secure-` prefix.
 */

/** Splits one Set-Cookie value into its name, raw value and attributes in order. */
export function parseSetCookie(line) {
  const [pair, ...rest] = line.split(";").map((part) => part.trim());
  const equals = pair.indexOf("=");
  const attributes = rest.map((part) => {
    const at = part.indexOf("=");
    return at < 0 ? [part, true] : [part.slice(0, at), part.slice(at + 1)];
  });
  return { name: pair.slice(0, equals), value: pair.slice(equals + 1), attributes };
}

export class CookieJar {
  #base;
  #cookies = new Map();

  constructor(baseUrl) {
    this.#base = new URL(baseUrl);
  }

  /** Stores, replaces or removes what one response asks for. */
  receive(setCookies) {
    for (const line of setCookies) {
      const { name, value, attributes } = parseSetCookie(line);
      const at = Object.fromEntries(attributes.map(([k, v]) => [k.toLowerCase(), v]));
      if (!this.#accepts(name, at)) continue;
      if (isExpired(at)) this.#cookies.delete(name);
      else this.#cookies.set(name, { value, path: at.path ?? "/" });
    }
  }

  #accepts(name, at) {
    const https = this.#base.protocol === "https:";
    if (at.secure && !https) return false;
    if (name.startsWith("__Secure-") && !at.secure) return false;
    if (at.domain === undefined) return true;
    const domain = String(at.domain).replace(/^\./, "").toLowerCase();
    return this.#base.hostname === domain || this.#base.hostname.endsWith(`.${domain}`);
  }

  /** The Cookie header for a path, or `undefined` when no cookie applies. */
  header(path = "/") {
    const sent = [...this.#cookies].filter(([, c]) => path.startsWith(c.path));
    return sent.length === 0 ? undefined : sent.map(([name, c]) => `${name}=${c.value}`).join("; ");
  }

  /** Raw (still percent-encoded) value of a cookie. */
  get(name) {
    return this.#cookies.get(name)?.value;
  }

  set(name, value) {
    this.#cookies.set(name, { value, path: "/" });
  }

  delete(name) {
    this.#cookies.delete(name);
  }

  names() {
    return [...this.#cookies.keys()];
  }

  clear() {
    this.#cookies.clear();
  }
}

function isExpired(at) {
  if (at["max-age"] !== undefined) return Number(at["max-age"]) <= 0;
  return at.expires !== undefined && Date.parse(at.expires) <= Date.now();
}
