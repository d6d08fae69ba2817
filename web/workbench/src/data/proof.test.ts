import { expect, test } from "vitest";
import type { AuditEntry } from "../../../shared/api";
import { type Bytes, hashLeaf, hashNode, parseCheckpoint, rootOf, saysTheSame, toBase64, verifyProof } from "./proof";

// The tree as RFC 9162 defines it, by recursion: slow, and plainly right.
async function treeRoot(leaves: Bytes[]): Promise<Bytes> {
  if (leaves.length === 1) return leaves[0] as Bytes;
  const half = split(leaves.length);
  return hashNode(await treeRoot(leaves.slice(0, half)), await treeRoot(leaves.slice(half)));
}

async function treePath(index: number, leaves: Bytes[]): Promise<Bytes[]> {
  if (leaves.length === 1) return [];
  const half = split(leaves.length);
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)];
  return index < half
    ? [...(await treePath(index, left)), await treeRoot(right)]
    : [...(await treePath(index - half, right)), await treeRoot(left)];
}

function split(count: number): number {
  let half = 1;
  while (half * 2 < count) half *= 2;
  return half;
}

function entryAt(index: number): AuditEntry {
  const said = {
    id: `01JABC${index}`,
    time: "2026-11-22T08:00:00.000000Z",
    action: "disclose",
    actor: "account:01JX",
    object: "person:01JY",
    counts: { rows: index, fields: 2 },
  };
  return { ...said, index, text: JSON.stringify({ ...said, v: 1 }) };
}

async function forest(size: number): Promise<{ entries: AuditEntry[]; leaves: Bytes[] }> {
  const entries = Array.from({ length: size }, (_, index) => entryAt(index));
  return { entries, leaves: await Promise.all(entries.map((entry) => hashLeaf(new TextEncoder().encode(entry.text)))) };
}

async function proofOf(index: number, leaves: Bytes[]) {
  const root = toBase64(await treeRoot(leaves));
  const path = (await treePath(index, leaves)).map(toBase64);
  const checkpoint = `test.example/audit\n${leaves.length}\n${root}\n\n— test.example/audit AAAA\n`;
  return { index, size: leaves.length, root, path, checkpoint, proof: "" };
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

test("the root of RFC 6962's known tree", async () => {
  // The digests of the empty leaf and of the leaf "\0" are those of Certificate Transparency's own test vectors.
  expect(hex(await hashLeaf(new Uint8Array()))).toBe(
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  );
  expect(hex(await hashLeaf(new Uint8Array([0])))).toBe(
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
  );
});

test("every entry of every small tree is proven, and no other entry by its path", async () => {
  for (let size = 1; size <= 20; ++size) {
    const { entries, leaves } = await forest(size);
    for (const entry of entries) {
      const proof = await proofOf(entry.index, leaves);
      expect((await verifyProof(entry, proof)).state).toBe("proven");
      const forged = { ...entry, action: "grant", text: entry.text.replace("disclose", "grant") };
      expect(await verifyProof(forged, proof)).toEqual({ state: "wrong", why: "root" });
      expect(await verifyProof({ ...entry, action: "grant" }, proof)).toEqual({ state: "wrong", why: "other_text" });
    }
  }
});

test("a path that is too short, too long or bent is refused", async () => {
  const { entries, leaves } = await forest(7);
  const proof = await proofOf(4, leaves);
  const entry = entries[4] as AuditEntry;
  const bent = proof.path.map((hash, at) => (at === 1 ? toBase64(new Uint8Array(32)) : hash));
  expect(await verifyProof(entry, { ...proof, path: proof.path.slice(1) })).toEqual({ state: "wrong", why: "path" });
  expect(await verifyProof(entry, { ...proof, path: [...proof.path, proof.root] })).toEqual({
    state: "wrong",
    why: "path",
  });
  expect(await verifyProof(entry, { ...proof, path: ["*"] })).toEqual({ state: "wrong", why: "path" });
  expect(await verifyProof(entry, { ...proof, path: bent })).toEqual({ state: "wrong", why: "root" });
});

test("a proof for another tree than the checkpoint's, or for another place, is refused", async () => {
  const { entries, leaves } = await forest(5);
  const proof = await proofOf(2, leaves);
  const entry = entries[2] as AuditEntry;
  expect(await verifyProof(entry, { ...proof, size: 4 })).toEqual({ state: "wrong", why: "other_tree" });
  expect(await verifyProof(entry, { ...proof, root: toBase64(new Uint8Array(32)) })).toEqual({
    state: "wrong",
    why: "other_tree",
  });
  expect(await verifyProof({ ...entry, index: 3 }, proof)).toEqual({ state: "wrong", why: "other_entry" });
  expect(await verifyProof(entry, { ...proof, checkpoint: "nothing" })).toEqual({ state: "wrong", why: "checkpoint" });
});

test("an index outside the tree leads nowhere", async () => {
  const { leaves } = await forest(1);
  for (const index of [-1, 1, 0.5, Number.NaN]) expect(await rootOf(leaves[0] as Bytes, index, 1, [])).toBeUndefined();
});

test("a tree over SM3 is left to the command line", async () => {
  const { entries, leaves } = await forest(2);
  const proof = await proofOf(1, leaves);
  const checkpoint = proof.checkpoint.replace("\n\n", "\nhash sm3\n\n");
  expect((await verifyProof(entries[1] as AuditEntry, { ...proof, checkpoint })).state).toBe("not_here");
});

test("what is shown must be what was logged, on every level and without anything added", () => {
  const entry = entryAt(3);
  expect(saysTheSame(entry)).toBe(true);
  expect(saysTheSame({ ...entry, actor_name: "named by the server beside the log" })).toBe(true);
  expect(saysTheSame({ ...entry, counts: { rows: 3, fields: 3 } })).toBe(false);
  expect(saysTheSame({ ...entry, purpose: "audit" })).toBe(false);
  expect(saysTheSame({ ...entry, object: undefined })).toBe(false);
  expect(saysTheSame({ ...entry, text: "{" })).toBe(false);
  expect(saysTheSame({ ...entry, text: "null" })).toBe(false);
});

test("a checkpoint's signers are told", () => {
  const note = "a.example/log\n12\nAAAA\n\n— a.example/log xx\n— witness.example yy\n";
  expect(parseCheckpoint(note)).toEqual({
    origin: "a.example/log",
    size: 12,
    root: "AAAA",
    hash: "sha256",
    signers: ["a.example/log", "witness.example"],
  });
});
