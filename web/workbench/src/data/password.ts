// No signs that are mistaken for each other when a password is read out or copied by hand.
const signs = "abcdefghijkmnpqrstuvwxyz23456789";

/** A password of 100 bits in groups of five: easy to read out, hopeless to guess. */
export function makePassword(): string {
  const random = crypto.getRandomValues(new Uint8Array(20));
  const text = [...random].map((byte) => signs[byte % signs.length]).join("");
  return text.replace(/(.{5})(?=.)/g, "$1-");
}
