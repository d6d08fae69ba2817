#!/usr/bin/env python3
"""attack.py PROGRAM DISTRICT: bad input, hostile callers and broken ground, on the real server."""

import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from urllib.parse import quote

from installation import BASIS, CASE, PASSWORD, SOURCE, Installation

PROGRAM, DISTRICT = sys.argv[1], pathlib.Path(sys.argv[2])
INJECTIONS = ["'", "' OR '1'='1", "1; DROP TABLE account; --", "\\'; SELECT pg_sleep(9) --", "%27%20OR%201=1", "\"", "$1",
              "' UNION SELECT golden FROM vault_subject --", "\u0000", "Robert'); --", "${jndi:ldap://x}", "{{7*7}}", "../../keys/vault.key"]


class Attacks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        site = cls.site = Installation(PROGRAM, DISTRICT, pathlib.Path(cls.scratch.name) / "site")
        cls.person = site.people()[0]
        site.account("clerk", f"window_clerk:hall:{site.root}")
        site.account("admin", f"administrator:data:{site.root}", second_factor=True)
        cls.key = site.key("system", f"system:social:{site.root}")
        site.start("--log-requests")

    @classmethod
    def tearDownClass(cls):
        cls.site.stop()
        cls.scratch.cleanup()

    def of(self, person):
        return f"/api/v1/entities/person/{person}"

    def test_sql_in_every_parameter(self):
        contract = self.site.client().get("/api/v1/openapi.json").json
        clients = [self.site.signed_in("clerk"), self.site.signed_in("admin"), self.site.client(self.key)]
        asked = 0
        for path, item in contract["paths"].items():
            for method in ("get", "put", "post", "delete"):
                if method not in item or path in ("/api/v1/session", "/metrics"):
                    continue
                for attack in INJECTIONS:
                    client = clients[asked % len(clients)]
                    answer = self.attack(client, method.upper(), path, item, item[method], contract, attack)
                    self.assertLess(answer.status, 500, (method, path, attack, answer))
                    for leak in ("SELECT", "sqlite", "syntax error", "no such table", "pg_", "golden"):
                        self.assertNotIn(leak, answer.body.replace(json.dumps(attack)[1:-1], ""), (method, path, attack))
                    asked += 1
        self.assertGreater(asked, 300)
        # Everything is as it was: the person is read, accounts are there, nobody new is.
        self.assertEqual(self.site.client(self.key).get(self.of(self.person), **CASE).status, 200)
        self.assertEqual(self.site.client().get("/healthz").json["status"], "ok")

    def attack(self, client, method, path, item, operation, contract, attack):
        query = {}
        for parameter in item.get("parameters", []) + operation.get("parameters", []):
            if "$ref" in parameter:
                parameter = contract["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
            if parameter["in"] == "path":
                path = path.replace("{" + parameter["name"] + "}", quote(attack, safe=""))
            elif parameter["in"] == "query":
                query[parameter["name"]] = attack
        body = None
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            if "$ref" in schema:
                schema = contract["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
            body = {name: attack for name in schema["properties"]}
        pairs = "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in query.items())
        return client.send(method, path + ("?" + pairs if pairs else ""), body)

    def test_sql_in_values_that_the_contract_lets_through(self):
        clerk = self.site.signed_in("clerk")
        for by in ("name", "id_number", "phone"):
            for attack in INJECTIONS:
                answer = clerk.post("/api/v1/lookups", {"kind": "person", "by": by, "value": attack, **CASE})
                self.assertIn(answer.status, (200, 400, 422), answer)
                if answer.status == 200:
                    self.assertEqual(answer.json["items"], [], (by, attack))
        admin = self.site.signed_in("admin")
        for attack in INJECTIONS[:4]:
            made = admin.post("/api/v1/accounts", {"login": attack, "name": attack})
            self.assertIn(made.status, (400, 422), made)
        named = admin.post("/api/v1/accounts", {"login": "bobby", "name": "Robert'); DROP TABLE account;--"})
        self.assertEqual((named.status, named.json["name"]), (201, "Robert'); DROP TABLE account;--"), named)

    def test_forged_and_foreign_credentials(self):
        tokens = ["", "x", "A" * 43, "A" * 4000, "key_x.y", self.key[:-1] + ("A" if self.key[-1] != "A" else "B"),
                  self.key.split(".", 1)[0], self.key + "A", "eyJhbGciOiJub25lIn0.e30."]
        for token in tokens:
            answer = self.site.client().send("GET", self.of(self.person) + f"?purpose=handle_case&basis={BASIS}",
                                             headers={"Authorization": f"Bearer {token}"})
            self.assertEqual(answer.status, 401, (token[:20], answer))
            answer = self.site.client().send("GET", "/api/v1/session", headers={"Cookie": f"zhili={token}"})
            self.assertEqual(answer.status, 401, (token[:20], answer))

    def test_writes_from_other_pages_are_refused(self):
        clerk = self.site.signed_in("clerk")
        look = {"kind": "person", "by": "name", "value": "张三", **CASE}
        forged = [{"X-CSRF-Token": ""}, {"X-CSRF-Token": "A" * 43}, {"Origin": "https://evil.example"},
                  {"Sec-Fetch-Site": "cross-site"}]
        for headers in forged:
            answer = clerk.send("POST", "/api/v1/lookups", look, headers)
            self.assertEqual(answer.status, 403, (headers, answer))
        plain = clerk.send("POST", "/api/v1/lookups", json.dumps(look).encode(), {"Content-Type": "text/plain"})
        self.assertIn(plain.status, (400, 415), plain)

    def test_guessing_is_slowed_down_and_tells_nothing(self):
        client, seen = self.site.client(), set()
        for login in ("clerk", "nobody-of-this-name"):
            for _ in range(7):
                answer = client.post("/api/v1/session", {"login": login, "password": "wrong wrong wrong wrong"})
                seen.add((answer.status, answer.json["code"]))
        self.assertEqual(seen, {(401, "sign-in-refused"), (429, "too-many-attempts")})
        self.assertTrue(answer.headers["Retry-After"])

    def test_a_code_is_good_once(self):
        self.site.signed_in("admin")
        client = self.site.client()
        self.assertEqual(client.post("/api/v1/session", {"login": "admin", "password": PASSWORD}).json["stage"],
                         "second_factor_needed")
        half = client.get(self.of(self.person), **CASE)
        self.assertEqual(half.status, 401, half)
        refused = client.post("/api/v1/session/second-factor", {"code": "000000"})
        self.assertEqual(refused.status, 401, refused)

    def test_nothing_personal_is_logged(self):
        clerk = self.site.signed_in("clerk")
        number = next(value["value"] for person in self.site.people()
                      for value in clerk.get(self.of(person), fields="id_number", **CASE).json["values"])
        self.assertEqual(clerk.post("/api/v1/lookups", {"kind": "person", "by": "id_number", "value": number,
                                                        **CASE}).status, 200)
        time.sleep(1.5)
        log = (self.site.where / "serve.err").read_text(encoding="utf-8")
        self.assertIn('"operation":"lookUp"', log)
        for secret in (number, PASSWORD, self.key.split(".")[1]):
            self.assertNotIn(secret, log)
        for path in self.site.where.rglob("*"):
            if path.is_file() and path.parent.name != "keys":
                self.assertNotIn(number.encode(), path.read_bytes(), path)

    def test_large_and_deep_bodies(self):
        clerk = self.site.signed_in("clerk")
        deep = b'{"a":' * 5000 + b"1" + b"}" * 5000
        for body, statuses in ((deep, (400,)), (b'{"value":"' + b"a" * 3_000_000 + b'"}', (413,)), (b"{", (400,)),
                               (b'{"kind":1e999999}', (400,)), (b"\xff\xfe", (400,)), (b"[]", (400,))):
            client = self.site.client()
            client.cookies, client.csrf = dict(clerk.cookies), clerk.csrf
            try:
                answer = client.send("POST", "/api/v1/lookups", body, {"Content-Type": "application/json"})
                self.assertIn(answer.status, statuses, answer)
                self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
            except (BrokenPipeError, ConnectionResetError):
                self.assertIn(413, statuses)  # It was refused while we still sent.


class BrokenGround(unittest.TestCase):
    """Crashes, full disks, lost databases: what was answered holds, and what was not leaves nothing half."""

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.where = pathlib.Path(self.scratch.name)
        self.where.chmod(0o755)  # The database runs as another user.

    def tearDown(self):
        self.scratch.cleanup()

    def site(self, where, store=None):
        site = Installation(PROGRAM, DISTRICT, where, store)
        site.account("auditor", f"auditor:audit:{site.root}")
        self.key = site.key("system", f"system:social:{site.root}")
        return site

    def read_all(self, site, people, seconds, done):
        """Reads until the server is gone; notes each answer's entry."""
        end = time.time() + seconds
        client = site.client(self.key)
        while time.time() < end:
            for person in people:
                try:
                    answer = client.get(f"/api/v1/entities/person/{person}", **CASE)
                except (OSError, http.client.HTTPException):
                    return
                if answer.status == 200:
                    done.append((person, answer.json["entry"]))

    def ledger(self, site, person):
        auditor = site.signed_in("auditor")
        lines, page = [], auditor.get(f"/api/v1/entities/person/{person}/disclosures", purpose="audit", basis=BASIS)
        while True:
            self.assertEqual(page.status, 200, page)
            lines += [line["entry"] for line in page.json["items"]]
            if "next" not in page.json:
                return set(lines)
            page = auditor.get(f"/api/v1/entities/person/{person}/disclosures", purpose="audit", basis=BASIS,
                               cursor=page.json["next"])

    def test_killed_under_load_it_has_lost_nothing_that_it_answered(self):
        site = self.site(self.where / "site")
        people = site.people()[:3]
        done = []
        for _ in range(5):
            site.start()
            readers = [threading.Thread(target=self.read_all, args=(site, people, 5, done)) for _ in range(8)]
            for reader in readers:
                reader.start()
            time.sleep(0.4)
            site.stop(signal.SIGKILL)
            for reader in readers:
                reader.join()
        self.assertGreater(len(done), 50)
        site.start()
        for person in people:
            entries = {entry for read, entry in done if read == person}
            self.assertLessEqual(entries, self.ledger(site, person))
        self.assertEqual(site.stop(), 0)
        verified = subprocess.run([PROGRAM, "audit", "verify", str(site.where / "audit"), "--key",
                                   (site.where / "audit.vkey").read_text().strip(), "--json"], capture_output=True,
                                  text=True, check=False)
        self.assertEqual(verified.returncode, 0, verified.stderr)

    def test_a_full_disk_shows_no_value_and_passes(self):
        small = self.where / "small"
        small.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(small)], check=False,
                                 capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("needs the right to mount")
        try:
            site = self.site(small / "site").start()
            client = site.client(self.key)
            person = site.people()[0]
            self.assertEqual(client.get(f"/api/v1/entities/person/{person}", **CASE).status, 200)
            ballast = small / "ballast"
            with ballast.open("wb") as file:
                try:
                    while True:
                        file.write(bytes(1 << 16))
                        file.flush()
                except OSError:
                    pass
            refused = None
            for _ in range(3000):
                refused = client.get(f"/api/v1/entities/person/{person}", **CASE)
                if refused.status != 200:
                    break
            self.assertEqual(refused.status, 503, refused)
            self.assertNotIn("values", refused.json)
            ballast.unlink()
            for _ in range(50):
                answer = client.get(f"/api/v1/entities/person/{person}", **CASE)
                if answer.status == 200:
                    break
                time.sleep(0.1)
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(site.stop(), 0)
        finally:
            if site.process:
                site.stop(signal.SIGKILL)
            subprocess.run(["umount", "-l", str(small)], check=False)

    def test_a_database_that_goes_and_comes_back(self):
        server = SOURCE / "tests/postgres/server"
        place = self.where / "pg"
        me = str(os.getpid())
        subprocess.run([server, "start", str(place), me], check=True, capture_output=True)
        try:
            site = self.site(self.where / "site", f"postgresql://zhili@/postgres?host={place}").start()
            client = site.client(self.key)
            path = f"/api/v1/entities/person/{site.people()[0]}"
            self.assertEqual(client.get(path, **CASE).status, 200)
            subprocess.run([server, "crash", str(place)], check=True, capture_output=True)
            gone = client.get(path, **CASE)
            self.assertEqual(gone.status, 503, gone)
            self.assertTrue(gone.headers["Retry-After"])
            self.assertNotIn("values", gone.json)
            self.assertEqual(site.client().get("/healthz").status, 503)
            subprocess.run([server, "start", str(place), me], check=True, capture_output=True)
            for _ in range(100):
                back = client.get(path, **CASE)
                if back.status == 200:
                    break
                time.sleep(0.1)
            self.assertEqual(back.status, 200, back)
            for _ in range(100):
                # The log's files follow once a second.
                health = site.client().get("/healthz")
                if health.status == 200:
                    break
                time.sleep(0.1)
            self.assertEqual(health.status, 200, health)
            self.assertEqual(site.stop(), 0)
        finally:
            subprocess.run([server, "stop", str(place), me], check=False, capture_output=True)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
