#!/usr/bin/env python3
"""attack.py PROGRAM DISTRICT [STORE-URL]: bad input and hostile callers, on the real server."""

import gzip
import json
import pathlib
import re
import socket
import sys
import tempfile
import time
import unittest
import zlib
from urllib.parse import quote

from installation import BASIS, CASE, OWN, PASSWORD, Installation, make_database

PROGRAM, DISTRICT = sys.argv[1], pathlib.Path(sys.argv[2])
STORE = sys.argv[3] if len(sys.argv) > 3 else None
INJECTIONS = ["'", "' OR '1'='1", "1; DROP TABLE account; --", "\\'; SELECT pg_sleep(9) --", "%27%20OR%201=1", "\"", "$1",
              "' UNION SELECT golden FROM vault_subject --", "\u0000", "Robert'); --", "${jndi:ldap://x}", "{{7*7}}", "../../keys/vault.key"]
LEAKS = re.compile(r"SELECT|sqlite|syntax error|no such table|pg_|golden|vault-key-1|libpq")


class Attacks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        if STORE:
            make_database(STORE)
        site = cls.site = Installation(PROGRAM, DISTRICT, pathlib.Path(cls.scratch.name) / "site", STORE)
        cls.person = site.people()[0]
        site.account("clerk", f"window_clerk:hall:{site.root}")
        site.account("grid", f"grid_worker:hall:{site.community}")
        site.account("resident", "resident", person=cls.person)
        site.account("admin", f"administrator:data:{site.root}", second_factor=True)
        site.account("local_admin", f"administrator:data:{site.community}", second_factor=True)
        site.account("auditor", f"auditor:audit:{site.root}", second_factor=True)
        cls.target = site.account("target", f"window_clerk:hall:{site.root}")
        cls.key = site.key("system", f"system:social:{site.root}")
        site.start("--log-requests")
        # Heads that never end, while everything else goes on.
        cls.slow = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(100)]
        for one in cls.slow:
            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: t\r\nX-Slow: ")

    @classmethod
    def tearDownClass(cls):
        for one in cls.slow:
            one.close()
        cls.site.stop()
        cls.scratch.cleanup()

    def of(self, person):
        return f"/api/v1/entities/person/{person}"

    def raw(self, message):
        """The status with which these bytes are answered, and all of the answer."""
        with socket.create_connection(("127.0.0.1", self.site.port), timeout=30) as one:
            one.sendall(message)
            answer = b""
            while piece := one.recv(65536):
                answer += piece
        return int(answer.split(b" ", 2)[1]), answer.decode()

    # SQL.

    def test_sql_in_every_parameter(self):
        """One parameter at a time, among others that are good, so that each comes to where its value is used."""
        contract = self.site.client().get("/api/v1/openapi.json").json
        admin, auditor = self.site.signed_in("admin"), self.site.signed_in("auditor")
        key = self.site.client(self.key)
        people = self.site.people()[:20]
        before = [key.get(self.of(person), **CASE).json["values"] for person in people]
        accounts = admin.get("/api/v1/accounts").json["items"]
        self.samples = {
            "kind": "person", "id": self.person, "account": self.target, "key": self.key.split(".")[0] + "x",
            "entry": auditor.get("/api/v1/audit/entries", limit=1).json["items"][0]["id"], "by": "name", "value": "张三",
            "action": "read", "resource": "person", "department": "hall", "area": self.site.root, "login": "sample",
            "name": "样例", "external_id": "x|y", "state": "locked", "password": "a wholly other sentence",
            "role": "window_clerk", "days": 1, "grade": 3, "current": "not the password", "new": PASSWORD + "!",
            "code": "123456", "until": "2030-01-01T00:00:00Z", **CASE,
            ("/api/v1/audit/entries", "action"): "disclose"}
        asked = {}
        for path, item in contract["paths"].items():
            for method in ("get", "put", "post", "delete"):
                if method not in item or path == "/metrics":
                    continue
                caller = auditor if path.startswith("/api/v1/audit") else key if path.startswith("/api/v1/entities") else admin
                if (method, path) == ("post", "/api/v1/session"):
                    caller = self.site.client(address="127.0.0.2")  # Whose failures are not everybody's.
                for place, name in self.parameters(item, item[method], contract):
                    for attack in INJECTIONS:
                        self.inject(caller, method.upper(), path, item, contract, place, name, attack)
                    asked[f"{method} {path} {name}"] = place
        self.assertGreater(len(asked), 70, sorted(asked))
        # Everything is as it was: nobody's values, nobody's account.
        self.assertEqual([key.get(self.of(person), **CASE).json["values"] for person in people], before)
        left = {account["id"]: account for account in admin.get("/api/v1/accounts").json["items"]}
        for account in accounts:
            if account["id"] != self.target:
                self.assertEqual(left.get(account["id"]), account)
        self.assertEqual(self.site.client().get("/healthz").json["status"], "ok")

    @staticmethod
    def resolved(thing, contract):
        while "$ref" in thing:
            place, name = thing["$ref"].rsplit("/", 2)[1:]
            thing = contract["components"][place][name]
        return thing

    def parameters(self, item, operation, contract):
        for parameter in item.get("parameters", []) + operation.get("parameters", []):
            parameter = self.resolved(parameter, contract)
            yield parameter["in"], parameter["name"]
        if "requestBody" in operation:
            body = self.resolved(operation["requestBody"], contract)
            schema = self.resolved(body["content"]["application/json"]["schema"], contract)
            for name in schema.get("properties", {}):
                yield "body", name

    def inject(self, client, method, path, item, contract, place, name, attack):
        operation = item[method.lower()]
        query, headers, body, where = {}, {}, None, path
        for other_place, other in self.parameters(item, operation, contract):
            value = self.samples.get((where, other), self.samples.get(other))
            if (other_place, other) == (place, name):
                value = attack
            if value is None:
                continue
            if other_place == "path":
                path = path.replace("{" + other + "}", quote(str(value), safe=""))
            elif other_place == "query":
                query[other] = value
            elif other_place == "header":
                headers[other] = value
            else:
                body = {**(body or {}), other: value}
        pairs = "&".join(f"{quote(one)}={quote(str(value), safe='')}" for one, value in query.items())
        try:
            answer = client.send(method, path + ("?" + pairs if pairs else ""), body, headers)
        except ValueError:
            return  # Python sends no such header.
        self.assertLess(answer.status, 500, (method, where, name, attack, answer))
        # What was given may be told again: this attack, and others that became names of accounts and keys.
        told = answer.body
        for given in sorted(INJECTIONS, key=len, reverse=True):
            told = told.replace(json.dumps(given)[1:-1], "")
        self.assertIsNone(LEAKS.search(told), (method, where, name, attack, answer))

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

    # Who one says one is.

    def test_forged_and_foreign_credentials(self):
        tokens = ["", "x", "A" * 43, "A" * 4000, "key_x.y", self.key[:-1] + ("A" if self.key[-1] != "A" else "B"),
                  self.key.split(".", 1)[0], self.key + "A", "eyJhbGciOiJub25lIn0.e30."]
        for token in tokens:
            answer = self.site.client().send("GET", self.of(self.person) + f"?purpose=handle_case&basis={BASIS}",
                                             headers={"Authorization": f"Bearer {token}"})
            self.assertEqual(answer.status, 401, (token[:20], answer))
            answer = self.site.client().send("GET", "/api/v1/session", headers={"Cookie": f"zhili={token}"})
            self.assertEqual(answer.status, 401, (token[:20], answer))

    def test_forged_and_foreign_cursors(self):
        admin, auditor = self.site.signed_in("admin"), self.site.signed_in("auditor")
        cursor = admin.get("/api/v1/accounts", limit=1).json["next"]
        self.assertEqual(admin.get("/api/v1/accounts", limit=1, cursor=cursor).status, 200)
        bent = cursor[:10] + ("A" if cursor[10] != "A" else "B") + cursor[11:]
        for who, path, given in ((admin, "/api/v1/accounts", bent), (admin, "/api/v1/accounts", cursor[:-1]),
                                 (admin, "/api/v1/areas", cursor), (auditor, "/api/v1/audit/entries", cursor)):
            answer = who.get(path, limit=1, cursor=given)
            self.assertEqual((answer.status, answer.json["code"]), (400, "bad-cursor"), answer)

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
        client, seen = self.site.client(address="127.0.0.3"), set()
        for login in ("clerk", "nobody-of-this-name"):
            for _ in range(12):
                # Each wrong one is followed by a longer time to wait, whatever time this machine needs.
                answer = client.post("/api/v1/session", {"login": login, "password": "wrong wrong wrong wrong"})
                seen.add((answer.status, answer.json["code"]))
                if answer.status == 429:
                    break
        self.assertEqual(seen, {(401, "sign-in-refused"), (429, "too-many-attempts")})
        self.assertTrue(answer.headers["Retry-After"])

    def test_half_signed_in_is_not_signed_in(self):
        client = self.site.client()
        self.assertEqual(client.post("/api/v1/session", {"login": "admin", "password": PASSWORD}).json["stage"],
                         "second_factor_needed")
        for path in ("/api/v1/accounts", "/api/v1/words", self.of(self.person) + f"?purpose=handle_case&basis={BASIS}"):
            self.assertEqual(client.send("GET", path).status, 401, path)
        refused = client.post("/api/v1/session/second-factor", {"code": "000000"})
        self.assertEqual(refused.status, 401, refused)

    # Another area's ids.

    def test_another_areas_people(self):
        grid, key = self.site.signed_in("grid"), self.site.client(self.key)
        visit = {"purpose": "visit", "basis": BASIS}
        outside = next(person for person in self.site.people()
                       if not key.get(self.of(person), **CASE).json["area"].startswith(self.site.community))
        name = next(value["value"] for value in key.get(self.of(outside), fields="name", **CASE).json["values"])
        for path in ("", "/reasons", "/disclosures"):
            answer = grid.get(self.of(outside) + path, **visit)
            self.assertEqual(answer.status, 403, (path, answer))
            self.assertNotIn(name, answer.body)
        # A look-up by value tells no one that there is somebody: not by its status, its body, or its headers.
        auditor = self.site.signed_in("auditor")
        answers = []
        for value in (name, "查无此人"):
            grew = auditor.get("/api/v1/audit/entries", limit=1).json["size"]
            answers.append(grid.post("/api/v1/lookups", {"kind": "person", "by": "name", "value": value, **visit}))
            self.assertEqual(auditor.get("/api/v1/audit/entries", limit=1).json["size"] - grew, 1)
        self.assertEqual([answer.status for answer in answers], [200, 200], answers)
        self.assertEqual(answers[0].json, {"items": [], "bounded": True, "more": False})
        self.assertEqual(answers[0].body, answers[1].body)
        passing = ("Date", "X-Request-Id", "Request-Id", "Traceparent", "Server-Timing")
        kept = [{name: text for name, text in answer.headers.items() if name.title() not in passing} for answer in answers]
        self.assertEqual(kept[0], kept[1])
        # That it was tried stands in the log, with how many there were, though not what was looked for.
        tried = auditor.get("/api/v1/audit/entries", limit=20).json["items"]
        entry = next(one for one in tried if json.loads(one["text"]).get("counts", {}).get("outside"))
        self.assertNotIn(name, entry["text"])
        # A resident: another one's values, reasons and ledger.
        resident = self.site.signed_in("resident")
        for path in ("", "/reasons", "/disclosures"):
            self.assertEqual(resident.get(self.of(outside) + path, **OWN).status, 403, path)

    def test_another_areas_accounts_and_keys(self):
        local, admin = self.site.signed_in("local_admin"), self.site.signed_in("admin")
        path = f"/api/v1/accounts/{self.target}"
        kept = admin.get(path).json
        wider = {"role": "window_clerk", "department": "hall", "area": self.site.root}
        asked = [("GET", path, None), ("PUT", path + "/state", {"state": "closed"}),
                 ("PUT", path + "/password", {"password": "a wholly other sentence"}),
                 ("DELETE", path + "/second-factor", None), ("POST", path + "/posts", {**wider, "area": self.site.community}),
                 ("DELETE", path + f"/posts?role=window_clerk&department=hall&area={self.site.root}", None),
                 ("DELETE", "/api/v1/keys/" + self.key.split(".")[0], None)]
        own = local.post("/api/v1/accounts", {"login": "helper", "name": "帮手"})
        self.assertEqual(own.status, 201, own)
        for area in (self.site.root, ""):
            post = {**wider, "area": area} if area else {"role": "auditor"}
            asked += [("POST", f"/api/v1/accounts/{own.json['id']}/posts", post),
                      ("POST", "/api/v1/keys", {"name": "x", "days": 1, **post})]
        for method, where, body in asked:
            answer = local.send(method, where, body)
            self.assertEqual(answer.status, 403, (method, where, body, answer))
        self.assertNotIn(self.target, local.get("/api/v1/accounts").body)
        self.assertNotIn(self.key.split(".")[0], local.get("/api/v1/keys").body)
        self.assertEqual(admin.get(path).json["posts"], kept["posts"])
        self.assertEqual(self.site.client(self.key).get(self.of(self.person), **CASE).status, 200)

    # What is not what it says.

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

    def posted(self, body, headers):
        """A clerk's look-up of this body, over a connection of its own."""
        clerk, client = self.site.signed_in("clerk"), self.site.client()
        client.cookies, client.csrf = dict(clerk.cookies), clerk.csrf
        return client.send("POST", "/api/v1/lookups", body, headers)

    def test_large_and_deep_bodies(self):
        deep = b'{"a":' * 5000 + b"1" + b"}" * 5000
        for body, statuses in ((deep, (400,)), (b'{"value":"' + b"a" * 3_000_000 + b'"}', (413,)), (b"{", (400,)),
                               (b'{"kind":1e999999}', (400,)), (b"\xff\xfe", (400,)), (b"[]", (400,)),
                               (b"[" * 900_000, (400,))):
            try:
                answer = self.posted(body, {"Content-Type": "application/json"})
                self.assertIn(answer.status, statuses, answer)
                self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
            except (BrokenPipeError, ConnectionResetError):
                self.assertIn(413, statuses)  # It was refused while we still sent.

    def test_bombs_and_multipart(self):
        look = json.dumps({"kind": "person", "by": "name", "value": "张三", **CASE}).encode()
        bomb = gzip.compress(b'{"value":"' + bytes(100_000_000) + b'"}', 9)
        for body, coding in ((bomb, "gzip"), (gzip.compress(look), "gzip"), (gzip.compress(bomb), "gzip, gzip"),
                             (zlib.compress(look), "deflate"), (look, "br"), (look, "x"), (look, "identity, gzip")):
            answer = self.posted(body, {"Content-Type": "application/json", "Content-Encoding": coding})
            self.assertEqual((answer.status, answer.json["code"]), (415, "unsupported-coding"), (coding, answer))
        part = b'--x\r\nContent-Disposition: form-data; name="a"; filename="../../x"\r\n\r\n' + look
        for body, kind in ((part + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"), (part, "multipart/form-data; boundary=x"),
                           (part, "multipart/form-data"), (b"--x" * 100_000, 'multipart/form-data; boundary="'),
                           (b"--x\r\n" * 10_000, "multipart/mixed; boundary=x"), (b"a=1", "application/x-www-form-urlencoded"),
                           (look, "application/json, multipart/form-data"), (look, "")):
            answer = self.posted(body, {"Content-Type": kind})
            self.assertEqual((answer.status, answer.json["code"]), (415, "unsupported-media-type"), (kind, answer))
        self.assertEqual(self.posted(look, {"Content-Type": "application/json"}).status, 200)

    def test_paths_with_tricks(self):
        secret = (self.site.where / "keys" / "vault.key").read_text()
        for path in ("/../keys/vault.key", "/log/../keys/vault.key", "/log/%2e%2e/keys/vault.key", "/log/..%2fkeys%2fvault.key",
                     "/log/..%5ckeys", "/log//etc/passwd", "/log/tile/../../keys/vault.key", "/log/tile/0/000/..",
                     "/log/%252e%252e/keys/vault.key", "/log/tile/0/000%00", "/log/checkpoint/../../zhili.yaml", "//etc/passwd",
                     "/api/v1/entities/person/..%2f..%2fkeys?purpose=handle_case&basis=x", "/%c0%ae%c0%ae/zhili.yaml",
                     "/log/zhili.db", "/zhili.yaml", "/keys/vault.key", "/log/audit.key", "/log/.lock", "http://t/log/checkpoint"):
            status, answer = self.raw(f"GET {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n".encode())
            self.assertIn(status, (400, 401, 404), (path, answer[:400]))
            self.assertNotIn(secret.split()[-1], answer, path)
            self.assertNotIn("root:", answer, path)

    def test_two_readings_of_one_message(self):
        smuggled = "GET /api/v1/openapi.json HTTP/1.1\r\nHost: t\r\n\r\n"
        for head in ("Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: xchunked", "Content-Length: +4",
                     "Content-Length: 4\r\nContent-Length: 5", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                     "Host: u\r\nContent-Length: 4", "X: a\r\n folded\r\nContent-Length: 4"):
            status, answer = self.raw(f"POST /api/v1/lookups HTTP/1.1\r\nHost: t\r\n{head}\r\n\r\n0\r\n\r\n{smuggled}".encode())
            self.assertIn(status, (400, 501), (head, answer[:300]))
            self.assertNotIn("3.1.0", answer, head)

    def test_zz_slow_clients_are_cut_and_hinder_nobody(self):
        self.assertEqual(self.site.client().get("/healthz").status, 200)
        for one in self.slow:
            one.settimeout(30)
            answer = one.recv(65536)
            self.assertTrue(answer.startswith(b"HTTP/1.1 408 "), answer)
            while one.recv(65536):
                pass


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
