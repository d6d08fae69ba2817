"""The check that personal values leave by one door: who names the vault's sealed columns, and who opens them."""

import re

import files

# What holds sealed values, or leads to them. Documents may speak of them; tests look whether anything leaks.
TABLES = re.compile(r"\bvault_(subject|index|key|file_key|record|record_index)\b")
# Files of the room that open what is sealed: the door, the change of keys, the lake's keys, the keys themselves.
OPENERS = {"door_room", "row_room", "rotation", "personal_lake", "key_ring", "file_keys", "sealed_file"}
FRIENDS = {"DoorRoom", "RowRoom", "Rotation", "PersonalLake", "KeyRing", "FileKeys", "FileKey", "SealedFile",
           "SealerProbe"}
# Files that read the sealed columns. Intake writes them, and reads none.
READERS = {"door_room", "row_room", "rotation"}
OPENING = re.compile(r"\bsealer\w*(?:\.|->)open\(|\bSealer::open\b|\bprobe\w*\.open\(")
DECODING = re.compile(r"\bdecode_(?:values|provenance|row)\(")
READING = re.compile(r"SELECT\b[^;]*?\b(?:golden|provenance|row_sealed)\b[^;]*?\bFROM\b|RETURNING\b[^;\"]*\b(?:golden|provenance|row_sealed)\b|"
                     r"SELECT\s+(?:\w+\.)?\*[^;]*?\bFROM\s+vault_(?:subject|record)\b", re.S)
# Whoever has an Aead and a key opens what the key sealed, past the Sealer.
AEAD = re.compile(r"\bAead\b")
# test_sealing.hpp seals what tests and benches of fuse make up, under a key of its own.
AEAD_USERS = {"src/vault/sealer.cpp", "src/identity/seal.cpp", "src/fuse/test_sealing.hpp"}
FRIEND = re.compile(r"\bfriend\s+(?:class|struct)\s+(\w+)")
TESTS = re.compile(r"(_test|_fuzz|_bench)\.cpp$|(^|/)test_\w+\.hpp$")
ROOM = "src/vault/"
THIS = "tools/lint/sealed.py"


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def joined(text):
    """Literals that stand beside each other as one, lines kept by what stands between them."""
    return re.sub(r'"(\s*)"', lambda gap: gap[1], text)


def outside(path, text):
    for found in TABLES.finditer(text):
        yield f"{path}:{line_of(text, found.start())}: names {found[0]}, which the vault alone may: ask vault::Door"
    if path.endswith((".cpp", ".hpp")):
        for found in re.finditer(r'#include "vault/(sealer|door_room|row_room|blind_index|tables)\.hpp"', text):
            # The vault's own header brings the sealer; nobody else needs it.
            yield f"{path}:{line_of(text, found.start())}: includes what is the vault's own: ask vault::Door"


def inside(path, text):
    name = path[len(ROOM):].rsplit(".", 1)[0]
    if name not in OPENERS and name != "sealer":
        for found in OPENING.finditer(text):
            yield f"{path}:{line_of(text, found.start())}: opens what is sealed: only {', '.join(sorted(OPENERS))} may"
    if name not in READERS | {"subject"}:
        for found in DECODING.finditer(text):
            yield f"{path}:{line_of(text, found.start())}: reads an opened document: only {', '.join(sorted(READERS))} may"
    if name not in READERS:
        for found in READING.finditer(joined(text)):
            yield f"{path}:{line_of(joined(text), found.start())}: reads sealed columns: only {', '.join(sorted(READERS))} may"
    for found in FRIEND.finditer(text):
        if name == "sealer" and found[1] not in FRIENDS:
            yield f"{path}:{line_of(text, found.start())}: {found[1]} may not be a friend of Sealer: it would open all"
    if name == "sealer" and path.endswith(".hpp"):
        before = text.split("Result<std::string> open(")[0]
        if "private:" not in before:
            yield f"{path}:1: Sealer::open is to be private"


def ciphers(path, text):
    for found in AEAD.finditer(text):
        yield f"{path}:{line_of(text, found.start())}: names Aead: only {', '.join(sorted(AEAD_USERS))} may"


def check(texts):
    """The findings in files that are given as path and text."""
    findings = []
    for path, text in sorted(texts.items()):
        if path.endswith((".cpp", ".hpp")) and not path.startswith("src/crypto/") and path not in AEAD_USERS:
            findings += ciphers(path, text)
        if path.startswith(ROOM) and path.endswith((".cpp", ".hpp")) and not TESTS.search(path):
            findings += inside(path, text)
        elif not path.startswith((ROOM, "tests/")) and not path.endswith(".md") and path != THIS:
            findings += outside(path, text)
    return findings


def sealed(_jobs):
    return check({path: files.content(path).decode("utf-8", "replace")
                  for path in files.all_files() if not files.is_binary(path)})
