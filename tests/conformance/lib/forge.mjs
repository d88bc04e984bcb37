/**
 * Values that only someone with the shared secret can make, and their checks.
 */
import { createHmac } from "node:crypto";
import { SECRET } from "./options.mjs";

/** Text of a signed cookie: percent-encoded `value.signature`. */
export function signCookie(value, secret = SECRET) {
  return encodeURIComponent(`${value}.${cookieSignature(value, secret)}`);
}

/** Standard padded base64 of HMAC-SHA256. */
export function cookieSignature(value, secret = SECRET) {
  return createHmac("sha256", secret).update(value).digest("base64");
}

/** An HS256 JWT. `iat` and `exp` are given in seconds relative to now. */
export function forgeJwt(claims, { expiresIn = 3600, secret = SECRET, header = { alg: "HS256" } } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const payload = { ...claims, iat: now, exp: now + expiresIn };
  const signed = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/**
 * A compact session cache, changed by `change(parsed)` and signed again.
 * `parsed` is `{ session: { session, user, updatedAt, version }, expiresAt }`.
 */
export function alterCache(text, change) {
  const parsed = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  change(parsed);
  const { session, expiresAt } = parsed;
  const signed = JSON.stringify({ ...session, expiresAt });
  const signature = createHmac("sha256", SECRET).update(signed).digest("base64url");
  return Buffer.from(JSON.stringify({ session, expiresAt, signature })).toString("base64url");
}
