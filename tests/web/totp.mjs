// The code of a telephone's app (RFC 6238): SHA-1, six digits, 30 seconds.
import { createHmac } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function fromBase32(text) {
  let [bits, held] = [0, 0];
  const bytes = [];
  for (const sign of text.toUpperCase().replace(/[\s=]/g, "")) {
    bits = (bits << 5) | alphabet.indexOf(sign);
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes.push((bits >> held) & 255);
      bits &= (1 << held) - 1;
    }
  }
  return Buffer.from(bytes);
}

export function codeOf(secret, milliseconds) {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(milliseconds / 30_000)));
  const digest = createHmac("sha1", fromBase32(secret)).update(step).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
