#!/usr/bin/env python3
"""walk.py PROGRAM DISTRICT [STORE-URL|--sm]: what each user comes for, done through the API of the real server."""

import contextlib
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from data_hub import DataHubSteps
from exchange import ExchangeSteps
from installation import BASIS, CASE, OWN, PASSWORD, SOURCE, Installation, code_of, make_database, run
from library import LibrarySteps
from open_data import OpenDataSteps

PROGRAM, DISTRICT = sys.argv[1], pathlib.Path(sys.argv[2])
CHINESE = "--sm" in sys.argv  # SM2, SM3 and SM4.
STORE = sys.argv[3] if len(sys.argv) > 3 and not CHINESE else None


class Walk(DataHubSteps, ExchangeSteps, LibrarySteps, OpenDataSteps, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        if STORE:
            make_database(STORE)
        site = cls.site = Installation(PROGRAM, DISTRICT, pathlib.Path(cls.scratch.name) / "site", STORE,
                                      ["--sm"] if CHINESE else [], online=True)
        cls.resident_person = site.people()[0]
        cls.clerk = site.account("clerk", f"window_clerk:hall:{site.root}", second_factor=True)
        site.account("grid", f"grid_worker:hall:{site.community}")
        site.account("auditor", f"auditor:audit:{site.root}", second_factor=True)
        cls.admin = site.account("admin", f"administrator:data:{site.root}", second_factor=True)
        site.account("resident", "resident", person=cls.resident_person)
        site.account("keeper", f"base_keeper:data:{site.root}", second_factor=True)
        for department in ("police", "social"):
            site.account(department, f"data_officer:{department}:{site.root}", second_factor=True)
        cls.key = site.key("system", f"system:social:{site.root}")
        cls.prepare_exchange(site)
        site.start()

    @classmethod
    def tearDownClass(cls):
        cls.site.stop()
        cls.scratch.cleanup()

    def of(self, person):
        return f"/api/v1/entities/person/{person}"

    def values(self, answer):
        self.assertEqual(answer.status, 200, answer)
        return {value["field"]: value for value in answer.json["values"]}

    def test_a_clerk_looks_up_and_sees_sources_and_reasons(self):
        clerk = self.site.signed_in("clerk")
        name = self.values(clerk.get(self.of(self.resident_person), **CASE))["name"]["value"]
        found = clerk.post("/api/v1/lookups", {"kind": "person", "by": "name", "value": name, **CASE})
        self.assertEqual(found.status, 200, found)
        self.assertIn(self.resident_person, [item["id"] for item in found.json["items"]])
        for value in found.json["items"][0]["values"]:
            self.assertTrue(value["source"], value)
        reasons = clerk.get(self.of(self.resident_person) + "/reasons", **CASE).json
        self.assertGreaterEqual(len(reasons["records"]), 1)
        for link in reasons["links"]:
            self.assertLess(max(link["a"], link["b"]), len(reasons["records"]))
            self.assertTrue(link["parts"], link)

    def test_the_look_up_is_in_the_ledger_and_in_the_log_with_a_proof(self):
        entry = self.site.client(self.key).get(self.of(self.resident_person), **CASE).json["entry"]
        resident = self.site.signed_in("resident")
        session = resident.get("/api/v1/session").json
        self.assertEqual(session["subjects"], [{"kind": "person", "id": self.resident_person}])
        ledger = resident.get(self.of(self.resident_person) + "/disclosures", **OWN)
        told = {line["entry"]: line for line in ledger.json["items"]}
        self.assertIn(entry, told, ledger)
        auditor = self.site.signed_in("auditor")
        listed = auditor.get("/api/v1/audit/entries", object=f"person:{self.resident_person}").json["items"]
        logged = {one["id"]: one for one in listed}
        self.assertIn(entry, logged)
        # Both name the system beside its key's id.
        self.assertEqual([told[entry].get("actor_name"), logged[entry].get("actor_name")], ["system"] * 2)
        # Who acted can be asked for by name, by department and by what they did, and by nobody but those who read the log.
        actors = auditor.get("/api/v1/audit/actors", name="SYST").json["items"]
        self.assertEqual(actors, [{"ref": logged[entry]["actor"], "name": "system", "departments": ["social"]}])
        asked = {"actor": actors[0]["ref"], "department": "social", "action": "disclose"}
        found = auditor.get("/api/v1/audit/entries", object=f"person:{self.resident_person}", **asked).json["items"]
        self.assertIn(entry, [one["id"] for one in found])
        for other in ({"department": "hall"}, {"department": "nowhere"}, {"action": "grant"}):
            none = auditor.get("/api/v1/audit/entries", **{**asked, **other}).json["items"]
            self.assertEqual(none, [], other)
        self.assertEqual(auditor.get("/api/v1/audit/entries", action="sleep").status, 400)
        self.assertEqual(self.site.signed_in("clerk").get("/api/v1/audit/actors", name="s").status, 403)
        self.assertEqual(self.site.client().get("/api/v1/audit/actors", name="s").status, 401)
        proof = auditor.get(f"/api/v1/audit/entries/{entry}/proof")
        self.assertEqual(proof.status, 200, proof)
        # Checked offline, by the command that an outside auditor would use.
        self.assertEqual(self.site.verified()["hash"], "sm3" if CHINESE else "sha256")
        self.assertEqual(self.site.signed_in("clerk").get("/api/v1/audit/entries").status, 403)

    def test_who_is_bound_to_an_area_is_refused_outside_it(self):
        grid = self.site.signed_in("grid")
        visit = {"purpose": "visit", "basis": BASIS}
        inside = outside = None
        key = self.site.client(self.key)
        for person in self.site.people()[:400]:
            area = key.get(self.of(person), **CASE).json["area"]
            if area.startswith(self.site.community):
                inside = person
            else:
                outside = person
            if inside and outside:
                break
        self.assertTrue(inside and outside)
        seen = self.values(grid.get(self.of(inside), **visit))
        self.assertTrue(seen.get("id_number", {"masked": True})["masked"])
        refused = grid.get(self.of(outside), **visit)
        self.assertEqual((refused.status, refused.json["code"]), (403, "outside-area"), refused)
        self.assertEqual(refused.json["detail"], refused.json["zh"]["detail"])
        self.assertNotEqual(refused.json["zh"]["detail"], refused.json["en"]["detail"])
        unknown = grid.get(self.of("a00000000000"), **visit)
        same = ("status", "code", "detail", "rule")
        self.assertEqual([unknown.json.get(name) for name in same], [refused.json.get(name) for name in same])
        other_purpose = grid.get(self.of(inside), purpose="statistics", basis=BASIS)
        self.assertEqual(other_purpose.status, 403, other_purpose)

    def test_a_key_sees_masked_what_is_above_its_grade(self):
        seen = self.values(self.site.client(self.key).get(self.of(self.resident_person), **CASE))
        if "id_number" in seen:
            self.assertRegex(seen["id_number"]["value"], r"^\d{4}\*+\d{4}$|^\d{4}\*+\d{3}X$")
        self.assertFalse(seen["name"]["masked"])

    def test_a_resident_sees_their_own_record_and_no_other(self):
        resident = self.site.signed_in("resident")
        self.assertFalse(self.values(resident.get(self.of(self.resident_person), **OWN))["name"]["masked"])
        other = resident.get(self.of(self.site.people()[1]), **OWN)
        self.assertEqual((other.status, other.json["code"]), (403, "not-own"), other)

    def test_what_is_kept_of_secrets_shows_its_scheme(self):
        self.site.signed_in("clerk")
        # Sealed: 2 is SM4 with HMAC-SM3. Hashed: 33 bytes are a mark and SM3.
        version, length = ("02", 33) if CHINESE else ("01", 32)
        first = "substr(encode(totp, 'hex'), 1, 2)" if STORE else "substr(hex(totp), 1, 2)"
        self.assertEqual(set(self.stored(f"SELECT {first} FROM account WHERE totp IS NOT NULL")), {version})
        for table in ("session", "api_key"):
            self.assertEqual(set(self.stored(f"SELECT length(hash) FROM {table}")), {str(length)}, table)

    def test_accounts_live_and_end(self):
        admin = self.site.signed_in("admin")
        made = admin.post("/api/v1/accounts", {"login": "newcomer", "name": "新人"}, Idempotency_Key="make-newcomer")
        self.assertEqual(made.status, 201, made)
        again = admin.post("/api/v1/accounts", {"login": "newcomer", "name": "新人"}, Idempotency_Key="make-newcomer")
        self.assertEqual((again.status, again.json["id"]), (201, made.json["id"]))
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        other = admin.post("/api/v1/accounts", {"login": "other", "name": "别人"}, Idempotency_Key="make-newcomer")
        self.assertEqual(other.status, 422, other)
        path = f"/api/v1/accounts/{made.json['id']}"
        post = {"role": "window_clerk", "department": "hall", "area": self.site.root}
        given = admin.post(path + "/posts", post)
        self.assertEqual(given.json["posts"], [post], given)
        self.assertEqual(admin.send("PUT", path + "/password", {"password": PASSWORD}).status, 204)
        newcomer = self.site.signed_in("newcomer")
        self.assertEqual(newcomer.get("/api/v1/session").json["stage"], "one_factor")
        seen = admin.get(path)
        stale = admin.send("PUT", path + "/state", {"state": "locked"}, {"If-Match": '"stale"'})
        self.assertEqual(stale.status, 412, stale)
        locked = admin.send("PUT", path + "/state", {"state": "locked"}, {"If-Match": seen.headers["ETag"]})
        self.assertEqual((locked.status, locked.json["state"]), (200, "locked"), locked)
        self.assertEqual(newcomer.get("/api/v1/session").status, 401)
        self.assertEqual(self.site.client().post("/api/v1/session", {"login": "newcomer", "password": PASSWORD}).status,
                         403)
        own = admin.send("PUT", f"/api/v1/accounts/{self.admin}/state", {"state": "closed"})
        self.assertEqual((own.status, own.json["code"]), (403, "own-account"), own)
        self.assertEqual(self.site.signed_in("clerk").get("/api/v1/accounts").status, 403)

    def test_keys_are_issued_and_revoked(self):
        admin = self.site.signed_in("admin")
        made = admin.post("/api/v1/keys", {"name": "对接", "role": "system", "area": self.site.root, "days": 30},
                          Idempotency_Key="issue-one-key")
        self.assertEqual(made.status, 201, made)
        again = admin.post("/api/v1/keys", {"name": "对接", "role": "system", "area": self.site.root, "days": 30},
                           Idempotency_Key="issue-one-key")
        self.assertEqual(again.json, made.json)
        system = self.site.client(made.json["key"])
        self.assertEqual(system.get(self.of(self.resident_person), **CASE).status, 200)
        self.assertEqual(admin.send("DELETE", f"/api/v1/keys/{made.json['id']}").status, 204)
        self.assertEqual(system.get(self.of(self.resident_person), **CASE).status, 401)

    def test_own_password_and_second_factor(self):
        admin = self.site.signed_in("admin")
        made = admin.post("/api/v1/accounts", {"login": "learner", "name": "学员"})
        admin.send("PUT", f"/api/v1/accounts/{made.json['id']}/password", {"password": PASSWORD})
        learner = self.site.signed_in("learner")
        wrong = learner.post("/api/v1/account/second-factor", {"password": "not the password at all"})
        self.assertEqual(wrong.status, 403, wrong)
        begun = learner.post("/api/v1/account/second-factor", {"password": PASSWORD})
        self.assertEqual(begun.status, 201, begun)
        confirmed = learner.post("/api/v1/account/second-factor/confirmation", {"code": code_of(begun.json["secret"])})
        self.assertEqual(len(confirmed.json["recovery_codes"]), 10, confirmed)
        self.site.secrets["learner"] = begun.json["secret"]
        changed = self.site.signed_in("learner").send(
            "PUT", "/api/v1/account/password", {"current": PASSWORD, "new": "a wholly different sentence"})
        self.assertEqual(changed.status, 204, changed)
        refused = self.site.client().post("/api/v1/session", {"login": "learner", "password": PASSWORD})
        self.assertEqual((refused.status, refused.json["code"]), (401, "sign-in-refused"))

    def test_words_areas_and_jobs_are_there(self):
        resident = self.site.signed_in("resident")
        words = resident.get("/api/v1/words").json
        self.assertIn("person", [kind["id"] for kind in words["kinds"]])
        self.assertIn("handle_case", [purpose["id"] for purpose in words["purposes"]])
        page = resident.get("/api/v1/areas", limit=3).json
        areas = list(page["items"])
        while "next" in page:
            page = resident.get("/api/v1/areas", limit=3, cursor=page["next"]).json
            areas += page["items"]
        self.assertEqual([area["id"] for area in areas], sorted(area["id"] for area in self.site.areas))
        self.assertTrue(resident.get("/api/v1/areas.geojson").json["features"])
        self.assertEqual(len(resident.get("/api/v1/departments").json["items"]), 13)
        jobs = resident.get("/api/v1/jobs").json["items"]
        self.assertEqual((jobs[-1]["purpose"], jobs[-1]["basis"], jobs[-1]["state"]), ("build_base", BASIS, "done"))
        self.assertEqual(jobs[-1]["count"], len(self.site.people()))
        may = resident.post("/api/v1/permission-checks", {"action": "decide", "resource": "case"}).json
        self.assertEqual((may["allowed"], may["reason"]), (False, "not_granted"))

    def test_anyone_learns_whose_installation_it_is_and_no_more(self):
        answer = self.site.client().get("/api/v1/installation")
        self.assertEqual((answer.status, answer.json), (200, {"name": {"zh": "试验区", "en": "Zhili"}, "sign_on": False}),
                         answer)

    def test_health_figures_and_the_contract(self):
        client = self.site.client()
        self.assertEqual(client.get("/healthz").json["status"], "ok")
        self.assertIn("zhili_http_requests_total", client.get("/metrics").body)
        contract = client.get("/api/v1/openapi.json").json
        self.assertEqual(contract["openapi"], "3.1.0")
        self.assertTrue(client.get("/log/checkpoint").body.startswith("test.invalid/audit\n"))

    def test_keys_change_while_the_values_stay(self):
        key = self.site.client(self.key)
        people = self.site.people()[:20]
        before = [self.values(key.get(self.of(person), **CASE)) for person in people]
        self.site.stop()
        self.assertEqual(self.data_keys(), [2 if CHINESE else 1])
        counts = run(PROGRAM, "vault", "rotate", self.site.where)
        self.assertEqual((counts["subjects"], counts["key"]), (self.subjects(), 2), counts)
        self.assertEqual(self.data_keys(), [2 if CHINESE else 1])
        # A new master key before the old one; then the old one is not needed any more.
        keys = self.site.where / "keys"
        run(PROGRAM, "vault", "key", keys / "new.key")
        old = (keys / "vault.key").read_text()
        with (keys / "new.key").open("a") as file:
            file.write(old)
        (keys / "new.key").replace(keys / "vault.key")
        self.assertEqual(run(PROGRAM, "vault", "rotate", self.site.where, "--master"), {"wrapped": 1})
        written = (keys / "vault.key").read_text()
        (keys / "vault.key").write_text(written[:-len(old)])
        self.site.start()
        self.assertEqual([self.values(key.get(self.of(person), **CASE)) for person in people], before)
        name = before[0]["name"]["value"]
        found = key.post("/api/v1/lookups", {"kind": "person", "by": "name", "value": name, **CASE})
        self.assertIn(people[0], [item["id"] for item in found.json["items"]], found)
        self.site.verified()

    def data_keys(self):
        """The ciphers of the vault's data keys."""
        return [int(cipher) for cipher in self.stored("SELECT cipher FROM vault_key")]

    def subjects(self):
        """How many there are now: batches add some, and take some away."""
        return int(self.stored("SELECT count(*) FROM vault_subject")[0])

    def stored(self, asked):
        """A column of the store, which is SQLite's file or the database at STORE."""
        if STORE:
            return subprocess.run(["psql", STORE, "-Atqc", asked], check=True, capture_output=True, text=True).stdout.split()
        with contextlib.closing(sqlite3.connect(self.site.where / "zhili.db")) as database:
            return [str(row[0]) for row in database.execute(asked)]

    def test_loading_again_changes_nothing(self):
        self.site.stop()
        try:
            with self.assertRaisesRegex(RuntimeError, "kept online"):
                self.site.load()
            made = self.site.district / "household"
            if not made.exists():
                run(PROGRAM, "fuse", "run", SOURCE / "packs/population/entities/household.yaml", "--data",
                    self.site.district / "district", "--out", made, "--members")
            words = [made if word == self.site.district / "person" else "household" if word == "person" else word
                     for word in self.site.load_words()]
            run(PROGRAM, *words)
            counts = run(PROGRAM, *words)
        finally:
            self.site.start()
        self.assertGreater(counts["unchanged"], 100)
        self.assertEqual((counts["added"], counts["changed"], counts["removed"]), (0, 0, 0), counts)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
