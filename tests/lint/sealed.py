#!/usr/bin/env python3
"""Shows that the check on the vault's door finds each kind of offence, and finds none in what is allowed."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "lint"))

import sealed  # noqa: E402

SEALER = (ROOT / "src/vault/sealer.hpp").read_text(encoding="utf-8")

# Path, text, and whether it is an offence.
CASES = [
    ("src/http/people.cpp", 'store.query("SELECT golden FROM vault_subject")', True),
    ("src/http/people.cpp", 'store.query("SELECT digest FROM vault_index")', True),
    ("packs/any/indicators/count.sql", "SELECT count(*) FROM vault_subject", True),
    ("web/src/page.ts", "const table = 'vault_key';", True),
    ("src/cli/export.cpp", '#include "vault/sealer.hpp"', True),
    ("src/http/people.cpp", "door.disclose(std::move(ask), done);", False),
    ("tests/serve/attack.py", "rows('vault_subject')", False),
    ("docs/vault.md", "The table vault_subject holds sealed values.", False),
    ("src/vault/jobs.cpp", "sealer.open(keys, context, sealed)", True),
    ("src/vault/intake.cpp", "auto opened = sealer_.open(keys, context, sealed);", True),
    ("src/vault/door.cpp", "decode_values(opened)", True),
    ("src/vault/intake.cpp", '"SELECT version, "\n    "golden FROM vault_subject WHERE area_id = $1"', True),
    ("src/vault/bindings.cpp", '"SELECT * FROM vault_subject"', True),
    ("src/vault/intake.cpp", '"DELETE FROM vault_subject WHERE area_id = $1 RETURNING golden"', True),
    ("src/http/people.cpp", 'store.query("SELECT count(*) FROM vault_record")', True),
    ("src/exchange/use.cpp", 'store.query("SELECT digest FROM vault_record_index")', True),
    ("src/exchange/lines.cpp", 'store.query("SELECT entry_id FROM vault_record_line")', False),
    ("src/vault/records.cpp", "decode_row(opened)", True),
    ("src/vault/record_intake.cpp", '"SELECT row_sealed FROM vault_record"', True),
    ("src/vault/records.cpp", '"SELECT r.* FROM vault_record"', True),
    ("src/vault/intake.cpp", '{"area_id", "golden", "provenance"}', False),
    ("src/vault/door_room.cpp", 'sealer_.open(keys, context, sealed); "SELECT s.golden FROM vault_subject s"', False),
    ("src/vault/door_test.cpp", 'rows("vault_subject")', False),
    ("src/http/people.cpp", "auto aead = crypto::Aead::create(kind, key, mac);", True),
    ("src/vault/intake.cpp", "crypto::Aead aead;", True),
    ("src/identity/seal.cpp", "crypto::Aead aead;", False),
    ("src/crypto/cipher_test.cpp", "Aead aead;", False),
    ("src/vault/sealer.hpp", SEALER, False),
    ("src/vault/sealer.hpp", SEALER.replace("friend class DoorRoom;", "friend class Export;"), True),
    ("src/vault/sealer.hpp", SEALER.replace(" private:", " public:"), True),
]


def main():
    wrong = [(path, text[:60], offence) for path, text, offence in CASES if bool(sealed.check({path: text})) != offence]
    for path, text, offence in wrong:
        print(f"{path}: {text!r} should be {'found' if offence else 'allowed'}")
    print(f"{len(CASES) - len(wrong)} of {len(CASES)} cases are as they should be")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
