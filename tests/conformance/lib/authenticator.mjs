/**
 * A software authenticator and the browser in front of it (WebAuthn Level 3, sections 5 and 6). It answers as asked, also wrongly.
 *
 * Authenticators of one name have the same keys and credential ids, however many there are: so both servers of a comparison see the
 * same.
 */
import { createHash, generateKeyPairSync, sign } from "node:crypto";

const UP = 0x01;
const UV = 0x04;
const BE = 0x08;
const BS = 0x10;
const AT = 0x40;
const ED = 0x80;

/** What a COSE algorithm is made of (RFC 9053; RFC 8812 for RSA). */
const KINDS = {
  [-7]: { make: () => generateKeyPairSync("ec", { namedCurve: "P-256" }), cose: ecKey, digest: "sha256" },
  [-8]: { make: () => generateKeyPairSync("ed25519"), cose: edKey, digest: null },
  [-257]: { make: () => generateKeyPairSync("rsa", { modulusLength: 2048 }), cose: rsaKey, digest: "sha256" },
};

const keys = new Map();

function keyOf(name, algorithm) {
  const label = `${name} ${algorithm}`;
  if (!keys.has(label)) keys.set(label, KINDS[algorithm].make());
  return keys.get(label);
}

export class Authenticator {
  /**
   * `name` decides key and credential id. `algorithm` is a COSE number; `counter` is the next value sent, `null` for an authenticator
   * that does not count; `flags` are added to user presence and verification.
   */
  constructor(name, { algorithm = -7, counter = 1, synced = false, aaguid = "00112233-4455-6677-8899-aabbccddeeff" } = {}) {
    this.name = name;
    this.algorithm = algorithm;
    this.counter = counter;
    this.synced = synced;
    this.aaguid = aaguid;
    this.id = sha256(name).subarray(0, 20);
  }

  /** The answer to `navigator.credentials.create` with `options`, as the official client sends it. `wrong` overrides what is right. */
  create(options, { origin, ...wrong }) {
    const clientData = this.#clientData("webauthn.create", options, origin, wrong);
    const credential = this.#credential(wrong);
    const authData = this.#authData(options.rp?.id, { ...wrong, credential });
    const statement = this.#statement(wrong.attestation ?? "none", authData, clientData);
    const object = cborMap([["fmt", statement.fmt], ["attStmt", statement.attStmt], ["authData", authData]]);
    return this.#response(wrong, {
      clientDataJSON: b64(clientData),
      attestationObject: b64(Buffer.concat([object, wrong.afterObject ?? Buffer.alloc(0)])),
      ...("transports" in wrong ? wrong.transports && { transports: wrong.transports } : { transports: ["internal", "hybrid"] }),
    });
  }

  /** The answer to `navigator.credentials.get`, likewise. */
  get(options, { origin, ...wrong }) {
    const clientData = this.#clientData("webauthn.get", options, origin, wrong);
    const authData = this.#authData(options.rpId, wrong);
    const signature = wrong.signature ?? this.#sign(Buffer.concat([authData, sha256(clientData)]));
    return this.#response(wrong, {
      clientDataJSON: b64(clientData),
      authenticatorData: b64(authData),
      signature: b64(signature),
      userHandle: b64(Buffer.from("whoever")),
    });
  }

  #clientData(type, { challenge }, origin, wrong) {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...wrong.clientData }));
  }

  #credential(wrong) {
    const id = wrong.credentialId ?? this.id;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const aaguid = Buffer.from(this.aaguid.replaceAll("-", ""), "hex");
    return Buffer.concat([aaguid, length, id, wrong.publicKey ?? this.publicKey()]);
  }

  /** The COSE form of the public key (RFC 9052 section 7). */
  publicKey() {
    const jwk = keyOf(this.name, this.algorithm).publicKey.export({ format: "jwk" });
    return KINDS[this.algorithm].cose(jwk);
  }

  #authData(rpId, { flags, counter, credential, extensions, rpId: other, afterData }) {
    const usual = UP | UV | (this.synced ? BE | BS : 0);
    const all = (flags ?? usual) | (credential ? AT : 0) | (extensions ? ED : 0);
    const head = Buffer.alloc(5);
    head.writeUInt8(all, 0);
    head.writeUInt32BE(counter ?? this.counter ?? 0, 1);
    if (counter === undefined && this.counter !== null) this.counter += 1;
    const rest = [credential, extensions && cborMap(Object.entries(extensions)), afterData].filter(Boolean);
    return Buffer.concat([sha256(other ?? rpId ?? ""), head, ...rest]);
  }

  #statement(fmt, authData, clientData) {
    if (fmt !== "packed") return { fmt, attStmt: cborMap([]) };
    const sig = this.#sign(Buffer.concat([authData, sha256(clientData)]));
    return { fmt, attStmt: cborMap([["alg", this.algorithm], ["sig", sig]]) };
  }

  #sign(data) {
    return sign(KINDS[this.algorithm].digest, data, keyOf(this.name, this.algorithm).privateKey);
  }

  #response(wrong, response) {
    const id = b64(wrong.credentialId ?? this.id);
    const whole = { id, rawId: id, response, type: "public-key", authenticatorAttachment: "platform" };
    return { ...whole, ...wrong.response, response: { ...response, ...wrong.response?.response } };
  }
}

const b64 = (bytes) => Buffer.from(bytes).toString("base64url");
const sha256 = (data) => createHash("sha256").update(data).digest();
const bytes = (text) => Buffer.from(text, "base64url");

function ecKey({ x, y }) {
  return cborMap([[1, 2], [3, -7], [-1, 1], [-2, bytes(x)], [-3, bytes(y)]]);
}

function edKey({ x }) {
  return cborMap([[1, 1], [3, -8], [-1, 6], [-2, bytes(x)]]);
}

function rsaKey({ n, e }) {
  return cborMap([[1, 3], [3, -257], [-1, bytes(n)], [-2, bytes(e)]]);
}

/** A CBOR map (RFC 8949) of numbers, texts, byte strings, booleans, and what is CBOR already. */
export function cborMap(entries) {
  const items = entries.flatMap(([key, value]) => [cbor(key), cbor(value)]);
  return Object.assign(Buffer.concat([head(5, entries.length), ...items]), { isCbor: true });
}

function cbor(value) {
  if (value?.isCbor) return value;
  if (typeof value === "boolean") return Buffer.from([value ? 0xf5 : 0xf4]);
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  return Buffer.concat([head(2, value.length), value]);
}

function head(major, argument) {
  const type = major << 5;
  if (argument < 24) return Buffer.from([type | argument]);
  if (argument < 0x100) return Buffer.from([type | 24, argument]);
  return Buffer.from([type | 25, argument >> 8, argument & 0xff]);
}
