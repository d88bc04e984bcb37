/** Wallets for tests: keys of secp256k1, signatures of EIP-191, addresses of ERC-55. */
import { createHash } from "node:crypto";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

function hashOf(text) {
  const bytes = utf8ToBytes(text);
  return keccak_256(concatBytes(utf8ToBytes(`\u0019Ethereum Signed Message:\n${bytes.length}`), bytes));
}

const addressOf = (point) => `0x${bytesToHex(keccak_256(point.slice(1)).slice(12))}`;

/** The wallet that follows from `seed`. */
export function walletOf(seed) {
  const secret = createHash("sha256").update(seed).digest();
  const sign = (text) => {
    const [recovery, ...scalars] = secp256k1.sign(hashOf(text), secret, { prehash: false, format: "recovered" });
    return `0x${bytesToHex(Uint8Array.from(scalars))}${(recovery + 27).toString(16)}`;
  };
  return { address: addressOf(secp256k1.getPublicKey(secret, false)), sign };
}

/** Whether the key of `address` has signed `message`; what the reference leaves to the application. */
export async function verifyMessage({ message, signature, address }) {
  try {
    const bytes = hexToBytes(signature.replace(/^0x/, ""));
    if (bytes.length !== 65) return false;
    const recovered = Uint8Array.from([bytes[64] >= 27 ? bytes[64] - 27 : bytes[64], ...bytes.slice(0, 64)]);
    const point = secp256k1.Signature.fromBytes(recovered, "recovered").recoverPublicKey(hashOf(message));
    return addressOf(point.toBytes(false)) === address.toLowerCase();
  } catch {
    // No hexadecimal digits, or no point of the curve.
    return false;
  }
}
