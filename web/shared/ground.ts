import type { Words } from "./api";

/** The purpose under which people read their own data is the installation's word; this is the one that Zhili's own
 * policy brings along. */
const ownPurpose = "inform_subject";

export type Ground = { purpose: string; basis: string };

/** Under what people may read their own record: the policy's purpose for it first, then any that has a basis. */
export function ownGrounds(words: Words): Ground[] {
  const grounds = words.purposes.flatMap((purpose) =>
    words.bases
      .filter((basis) => basis.purposes.includes(purpose.id))
      .map((basis) => ({ purpose: purpose.id, basis: basis.id })),
  );
  return grounds.sort((a, b) => Number(b.purpose === ownPurpose) - Number(a.purpose === ownPurpose));
}
