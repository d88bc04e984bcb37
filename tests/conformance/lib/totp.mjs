/** What an authenticator app shows. */
import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code of an `otpauth://totp/` address, now or so many steps away. */
export function totp(uri, steps = 0) {
  const { searchParams } = new URL(uri);
  const number = (name) => Number(searchParams.get(name));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / number("period")) + steps));
  const tag = createHmac("sha1", base32(searchParams.get("secret"))).update(counter).digest();
  const chosen = tag.readUInt32BE(tag.at(-1) & 15) & 0x7fffffff;
  return String(chosen % 10 ** number("digits")).padStart(number("digits"), "0");
}

/** A code that the app shows at no moment that counts. */
export function wrongTotp(uri) {
  const shown = [-1, 0, 1].map((steps) => totp(uri, steps));
  const digits = shown[0].length;
  for (let number = 0; ; number += 1) {
    const code = String(number).padStart(digits, "0");
    if (!shown.includes(code)) return code;
  }
}

function base32(text) {
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}
