import type { AuditEntry } from "../../../shared/api";

// The tree of RFC 6962: a leaf's digest begins with a zero byte, a node's with a one, so that no node can be shown as
// a leaf.
const leafPrefix = 0;
const nodePrefix = 1;
const digestBytes = 32;

export type Proof = { index: number; size: number; root: string; path: string[]; checkpoint: string; proof: string };

export type Bytes = Uint8Array<ArrayBuffer>;

export function fromBase64(text: string): Bytes {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; ++at) bytes[at] = raw.charCodeAt(at);
  return bytes;
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

async function digest(prefix: number, ...parts: Uint8Array[]): Promise<Bytes> {
  const whole = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0));
  whole[0] = prefix;
  let at = 1;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

export function hashLeaf(entry: Uint8Array): Promise<Bytes> {
  return digest(leafPrefix, entry);
}

export function hashNode(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return digest(nodePrefix, left, right);
}

/** The root that leaf and path lead to (RFC 9162, 2.1.3.2), or nothing where the path does not fit index and size. */
export async function rootOf(leaf: Bytes, index: number, size: number, path: Bytes[]): Promise<Bytes | undefined> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return undefined;
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0 || sibling.length !== digestBytes) return undefined;
    if (node % 2 === 1 || node === last) {
      hash = await hashNode(sibling, hash);
      // A last node without a sibling goes up as it is.
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = await hashNode(hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : undefined;
}

function sameValue(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), b as Record<string, unknown>];
  return left.length === Object.keys(b).length && left.every(([key, value]) => sameValue(value, right[key]));
}

/** Whether what is on the screen is what was logged: else the proof would be of something beside it. */
export function saysTheSame(entry: AuditEntry): boolean {
  const { index: _index, actor_name: _name, text, ...shown } = entry;
  try {
    return sameValue({ v: 1, ...shown }, JSON.parse(text));
  } catch {
    return false;
  }
}

export type Checkpoint = { origin: string; size: number; root: string; hash: "sha256" | "sm3"; signers: string[] };

/** What a signed note says (c2sp.org/tlog-checkpoint). */
export function parseCheckpoint(note: string): Checkpoint | undefined {
  const cut = note.indexOf("\n\n");
  if (cut < 0) return undefined;
  const [origin, size, root, ...extensions] = note.slice(0, cut).split("\n");
  if (!origin || !size || !root || !/^(0|[1-9][0-9]*)$/.test(size)) return undefined;
  const signers = note
    .slice(cut + 2)
    .split("\n")
    .map((line) => /^— (\S+) /.exec(line)?.[1])
    .filter((name) => name !== undefined);
  return { origin, size: Number(size), root, hash: extensions[0] === "hash sm3" ? "sm3" : "sha256", signers };
}

export type Verdict =
  | { state: "proven"; checkpoint: Checkpoint; leaf: string; steps: number }
  | { state: "wrong"; why: "checkpoint" | "other_tree" | "other_entry" | "other_text" | "path" | "root" }
  | { state: "not_here"; checkpoint: Checkpoint };

/** Whether the entry is in the tree that the checkpoint names. The checkpoint's signature is not checked: the browser
 * has no key of the log, and one that this server gave it would prove nothing. */
export async function verifyProof(entry: AuditEntry, proof: Proof): Promise<Verdict> {
  const checkpoint = parseCheckpoint(proof.checkpoint);
  if (!checkpoint) return { state: "wrong", why: "checkpoint" };
  if (checkpoint.hash === "sm3") return { state: "not_here", checkpoint };
  if (checkpoint.size !== proof.size || checkpoint.root !== proof.root) return { state: "wrong", why: "other_tree" };
  if (entry.index !== proof.index) return { state: "wrong", why: "other_entry" };
  if (!saysTheSame(entry)) return { state: "wrong", why: "other_text" };
  const leaf = await hashLeaf(new TextEncoder().encode(entry.text));
  let path: Bytes[];
  try {
    path = proof.path.map(fromBase64);
  } catch {
    return { state: "wrong", why: "path" };
  }
  const root = await rootOf(leaf, proof.index, proof.size, path);
  if (!root) return { state: "wrong", why: "path" };
  if (toBase64(root) !== checkpoint.root) return { state: "wrong", why: "root" };
  return { state: "proven", checkpoint, leaf: toBase64(leaf), steps: path.length };
}
