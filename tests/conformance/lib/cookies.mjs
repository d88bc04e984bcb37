/**
 * Opens the values the servers seal: signed cookies, the three forms of the
 * session cache, and tokens. Everything is verified with the shared secret, so
 * a value that merely looks right is shown as invalid.
 */
import { createHash, createHmac, hkdfSync } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { compactDecrypt, compactVerify, decodeJwt, decodeProtectedHeader } from "jose";
import { cookieSignature } from "./forge.mjs";
import { PROXY_SECRET, SECRET } from "./options.mjs";

const SEALED = /^eyJ[\w-]*(?:\.[\w-]*){2}(?:(?:\.[\w-]*){2})?$/;
/** Finds JWTs and JWEs inside longer text, such as a link in a message. */
export const SEALED_IN_TEXT = /eyJ[\w-]*(?:\.[\w-]*){4}|eyJ[\w-]*(?:\.[\w-]*){2}/g;

/** What tokens are signed with that only a key pair makes. */
const ASYMMETRIC = new Set(["EdDSA", "ES256", "ES512", "PS256", "RS256"]);

/** Finds encrypted values inside longer text, such as a parameter of a URL. */
export const ENCRYPTED_IN_TEXT = /(?<![0-9a-f])(?:[0-9a-f]{2}){41,}(?![0-9a-f])/g;

/** What the reference derives keys of encrypted values for. */
const PURPOSES = [
  "oauth-state-cookie", "oauth-link-session-token", "oauth-proxy-state", "oauth-proxy-package", "oauth-proxy-profile",
];
const KEYS = [SECRET, PROXY_SECRET].flatMap((secret) => [undefined, ...PURPOSES].map((purpose) => [secret, purpose]));
const PURPOSE_SALT = "better-auth:oauth-encryption:v1";

const KEY_INFO = "BetterAuth.js Generated Encryption Key";
const SALTS = ["better-auth-session", "better-auth-account"];

/** `{ value, valid }` of `value.signature`, encoded or not; `undefined` for anything else. */
export function openSigned(text) {
  const decoded = decode(text);
  const match = /^(.*)\.([A-Za-z0-9+/]{43}=)$/s.exec(decoded);
  if (!match) return undefined;
  return { value: match[1], valid: cookieSignature(match[1]) === match[2], encoded: decoded !== text };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A JWT or JWE as `{ kind, header, claims }`; `undefined` for anything else. */
export async function openSealed(text) {
  if (!SEALED.test(text)) return undefined;
  return text.split(".").length === 3 ? openJwt(text) : openJwe(text);
}

async function openJwt(text) {
  try {
    const key = new TextEncoder().encode(SECRET);
    const { payload, protectedHeader } = await compactVerify(text, key);
    return { kind: "jwt", header: protectedHeader, claims: parse(payload) };
  } catch (error) {
    return openUnverified(text) ?? { kind: "invalid jwt", header: error.code ?? error.name };
  }
}

/** A token signed with a key pair; scenarios verify it with the keys that the server publishes. */
function openUnverified(text) {
  try {
    const header = decodeProtectedHeader(text);
    if (!ASYMMETRIC.has(header.alg)) return undefined;
    return { kind: "signed with a key pair", header, claims: decodeJwt(text) };
  } catch {
    return undefined;
  }
}

async function openJwe(text) {
  for (const salt of SALTS) {
    try {
      const key = new Uint8Array(hkdfSync("sha256", SECRET, salt, KEY_INFO, 64));
      const { plaintext } = await compactDecrypt(text, key);
      return { kind: `jwe ${salt}`, header: decodeProtectedHeader(text), claims: parse(plaintext) };
    } catch {
      // The other salt may fit.
    }
  }
  return { kind: "invalid jwe" };
}

const parse = (bytes) => JSON.parse(Buffer.from(bytes).toString("utf8"));

/** The compact session cache as `{ session, expiresAt, signature }`; `undefined` for anything else. */
export function openCompact(text) {
  if (!/^eyJ[\w-]+$/.test(text)) return undefined;
  let parsed;
  try {
    parsed = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
  const { session, expiresAt, signature } = parsed;
  const signed = JSON.stringify({ ...session, expiresAt });
  const expected = createHmac("sha256", SECRET).update(signed).digest("base64url");
  return { ...parsed, signature: signature === expected ? "valid" : "INVALID" };
}

/** A value encrypted with the shared secret, or with a key made from it for one purpose; `undefined` for anything else. */
export function openEncrypted(text) {
  if (!/^(?:[0-9a-f]{2}){41,}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "hex");
  for (const [secret, purpose] of KEYS) {
    const key = createHash("sha256").update(purpose === undefined ? secret : purposeSecret(secret, purpose)).digest();
    try {
      const plain = Buffer.from(xchacha20poly1305(key, bytes.subarray(0, 24)).decrypt(bytes.subarray(24))).toString("utf8");
      const own = secret === SECRET ? "" : " by a secret of its own";
      return { encrypted: `${purpose ?? "secret"}${own}`, value: plain.startsWith("{") ? JSON.parse(plain) : plain };
    } catch {
      // Another key may fit.
    }
  }
  return undefined;
}

function purposeSecret(secret, purpose) {
  return Buffer.from(hkdfSync("sha256", secret, PURPOSE_SALT, `better-auth:${purpose}:v1`, 32)).toString("hex");
}
