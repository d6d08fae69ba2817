#!/usr/bin/env python3
"""replay.py PROGRAM DISTRICT CLOCK PROVIDER [STORE-URL]: what was sent once is sent again, and the clock jumps.

CLOCK is the library of clock_shift.cpp, PROVIDER the folder of the sign-on provider of the tests.
"""

import http.client
import mmap
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import unittest
from urllib.parse import parse_qs, quote, urlsplit

from installation import BASIS, CASE, PASSWORD, Installation, code_of, make_database

PROGRAM, DISTRICT, CLOCK, PROVIDER = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
STORE = sys.argv[5] if len(sys.argv) > 5 else None
MINUTE, HOUR, DAY = 60, 3600, 86400
LOOK = {"kind": "person", "by": "name", "value": "张三", **CASE}


def new_site(where, store):
    if store:
        make_database(store)
    site = Installation(PROGRAM, DISTRICT, where, store)
    site.account("admin", f"administrator:data:{site.root}", second_factor=True)
    site.account("clerk", f"window_clerk:hall:{site.root}")
    site.account("auditor", f"auditor:audit:{site.root}")
    return site


class Replays(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.site = new_site(pathlib.Path(cls.scratch.name) / "site", STORE)
        cls.provider = None
        if (PROVIDER / "node_modules/oidc-provider").exists() and shutil.which("node"):
            cls.start_provider()
        cls.site.start()

    @classmethod
    def tearDownClass(cls):
        cls.site.stop()
        if cls.provider:
            cls.provider.communicate("")  # It ends with its input.
        cls.scratch.cleanup()

    @classmethod
    def start_provider(cls):
        cls.provider = subprocess.Popen(["node", "provider.mjs"], cwd=PROVIDER, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        port = int(cls.provider.stdout.readline())
        (cls.site.where / "sign_on.yaml").write_text(
            f"version: 1\nissuer: http://127.0.0.1:{port}\nclient_id: zhili-rs\n"
            "redirect_uri: http://127.0.0.1:1/callback\nclaims: {login: preferred_username, name: name, posts: groups}\n"
            f"posts:\n  - {{value: clerks, role: window_clerk, department: hall, area: '{cls.site.root}'}}\n"
            "second_factor: [otp]\ncreate_accounts: true\n", encoding="utf-8")
        with (cls.site.where / "zhili.yaml").open("a") as file:
            file.write("sign_on: sign_on.yaml\n")

    def test_a_write_happens_once_and_is_answered_as_the_first_time(self):
        admin = self.site.signed_in("admin")
        make = lambda login, **headers: admin.post(  # noqa: E731
            "/api/v1/accounts", {"login": login, "name": "新人"}, Idempotency_Key="replayed-write", **headers)
        first = make("replayed")
        self.assertEqual(first.status, 201, first)
        again = make("replayed")
        self.assertEqual((again.status, again.body, again.headers["Idempotency-Replayed"]), (201, first.body, "true"))
        other = make("another")
        self.assertEqual((other.status, other.json["code"]), (422, "key-of-other-request"), other)
        elsewhere = admin.send("PUT", f"/api/v1/accounts/{first.json['id']}/state", {"state": "locked"},
                               {"Idempotency-Key": "replayed-write"})
        self.assertEqual((elsewhere.status, elsewhere.json["code"]), (422, "key-of-other-request"), elsewhere)
        # A server that was killed and came back knows too.
        self.site.stop(signal.SIGKILL)
        self.site.start()
        after = make("replayed")
        self.assertEqual((after.status, after.body, after.headers["Idempotency-Replayed"]), (201, first.body, "true"))
        # Who is not signed in gets nobody's answer.
        stranger = self.site.client().post("/api/v1/accounts", {"login": "replayed", "name": "新人"},
                                           Idempotency_Key="replayed-write")
        self.assertEqual(stranger.status, 401, stranger)
        logins = [account["login"] for account in admin.get("/api/v1/accounts").json["items"]]
        self.assertEqual((logins.count("replayed"), logins.count("another")), (1, 0))

    def test_a_proof_against_forgery_is_of_its_session_alone(self):
        one, two = self.site.sign_in("clerk"), self.site.sign_in("clerk")
        self.assertEqual(one.post("/api/v1/lookups", LOOK).status, 200)
        stolen = two.send("POST", "/api/v1/lookups", LOOK, {"X-CSRF-Token": one.csrf})
        self.assertEqual((stolen.status, stolen.json["code"]), (403, "forged"), stolen)
        # Without the cookie it proves nothing.
        alone = self.site.client().send("POST", "/api/v1/lookups", LOOK, {"X-CSRF-Token": one.csrf})
        self.assertEqual(alone.status, 401, alone)

    def test_a_session_that_ended_stays_ended(self):
        clerk = self.site.sign_in("clerk")
        kept, csrf = dict(clerk.cookies), clerk.csrf
        self.assertEqual(clerk.send("DELETE", "/api/v1/session").status, 204)
        clerk.cookies, clerk.csrf = kept, csrf
        self.assertEqual(clerk.get("/api/v1/session").status, 401)
        self.assertEqual(clerk.post("/api/v1/lookups", LOOK).status, 401)

    def learner(self, login):
        """An account that has set up a second factor by itself: its client, secret and recovery codes."""
        self.site.stop()
        self.site.account(login, f"window_clerk:hall:{self.site.root}")
        self.site.start()
        client = self.site.sign_in(login)
        secret = client.post("/api/v1/account/second-factor", {"password": PASSWORD}).json["secret"]
        codes = client.post("/api/v1/account/second-factor/confirmation", {"code": code_of(secret)}).json["recovery_codes"]
        return secret, codes

    def half_signed_in(self, login):
        client = self.site.client()
        answer = client.post("/api/v1/session", {"login": login, "password": PASSWORD})
        self.assertEqual(answer.json["stage"], "second_factor_needed", answer)
        return client

    def test_a_code_is_good_once(self):
        secret, recovery = self.learner("learner")
        code = code_of(secret, 1)  # That of now is used up.
        first, second = self.half_signed_in("learner"), self.half_signed_in("learner")
        waiting = dict(first.cookies)
        self.assertEqual(first.post("/api/v1/session/second-factor", {"code": code}).json["stage"], "two_factors")
        for used in (code, code_of(secret, 0), code_of(secret, 1)):
            again = second.post("/api/v1/session/second-factor", {"code": used})
            self.assertEqual((again.status, again.json["code"]), (401, "sign-in-refused"), again)
        # The token from before the second factor did not become a good one.
        stale = self.site.client()
        stale.cookies = waiting
        self.assertEqual(stale.get("/api/v1/session").status, 401)
        self.assertEqual(second.post("/api/v1/session/second-factor", {"code": recovery[0]}).json["stage"], "two_factors")
        third = self.half_signed_in("learner")
        again = third.post("/api/v1/session/second-factor", {"code": recovery[0]})
        self.assertEqual((again.status, again.json["code"]), (401, "sign-in-refused"), again)

    # Sign-on.

    def begun(self):
        """A browser that was sent to the provider: its client and the provider's URL."""
        if not self.provider:
            self.skipTest("needs tests/oidc/node_modules: tools/setup test installs them")
        client = self.site.client()
        self.assertTrue(client.get("/api/v1/installation").json["sign_on"])
        answer = client.get("/api/v1/sign-on")
        self.assertEqual(answer.status, 303, answer)
        return client, answer.headers["Location"]

    def consent(self, url):
        """What the provider sends the browser back with, once somebody has signed in there."""
        cookies = {}
        for _ in range(9):
            parts = urlsplit(url)
            if parts.port == 1:
                return parse_qs(parts.query)
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
            connection.request("GET", f"{parts.path}?{parts.query}",
                               headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())})
            answer = connection.getresponse()
            answer.read()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, value = cookie.split(";", 1)[0].split("=", 1)
                cookies[name] = value
            to = answer.headers["Location"]
            url = to if "://" in to else f"{parts.scheme}://{parts.netloc}{to}"
            connection.close()
        raise AssertionError("the provider leads in circles")

    def back(self, client, given):
        answer = client.send("GET", "/api/v1/sign-on/callback?" +
                             "&".join(f"{name}={quote(value, safe='')}" for name, values in given.items() for value in values))
        self.assertEqual(answer.status, 303, answer)
        return answer.headers["Location"]

    def test_a_providers_code_is_good_once_and_for_its_browser(self):
        client, url = self.begun()
        given = self.consent(url)
        ticket = dict(client.cookies)
        # Another browser, though it has begun as well; another state; another provider.
        thief, _ = self.begun()
        self.assertEqual(self.back(thief, given), "/sign-in?failed=provider_refused")
        bare = self.site.client()
        self.assertEqual(self.back(bare, given), "/sign-in?failed=provider_refused")
        for bent in ({"state": ["x"]}, {"iss": ["https://evil.example"]}):
            bare.cookies = dict(ticket)
            self.assertEqual(self.back(bare, {**given, **bent}), "/sign-in?failed=provider_refused")
        self.assertNotIn("zhili", {name for name, value in bare.cookies.items() if value})
        self.assertEqual(self.back(client, given), "/")
        session = client.get("/api/v1/session").json
        self.assertEqual((session["stage"], session["posts"][0]["role"]), ("two_factors", "window_clerk"), session)
        # All of it once more, as whoever had listened would: the ticket, the state and the code.
        replay = self.site.client()
        replay.cookies = dict(ticket)
        self.assertEqual(self.back(replay, given), "/sign-in?failed=provider_refused")
        self.assertEqual(replay.get("/api/v1/session").status, 401)

    def test_sql_and_nonsense_on_the_way_back(self):
        for name in ("code", "state", "iss", "error", "error_description", "session_state"):
            for attack in ("'", "' OR '1'='1", "\"; DROP TABLE account; --", "\x00", "x" * 4000, "%0d%0aSet-Cookie: zhili=x"):
                client, url = self.begun()
                given = {"state": [parse_qs(urlsplit(url).query)["state"][0]], "code": ["x"], name: [attack]}
                answer = client.send("GET", "/api/v1/sign-on/callback?" +
                                     "&".join(f"{one}={quote(values[0], safe='')}" for one, values in given.items()))
                self.assertIn(answer.status, (303, 400, 414), answer)
                self.assertNotIn("zhili", {one for one, value in client.cookies.items() if value})


class Jumps(unittest.TestCase):
    """The machine's clock is set while the server runs, and between its runs."""

    @classmethod
    def setUpClass(cls):
        if not pathlib.Path(CLOCK).exists():
            raise unittest.SkipTest("needs a program without sanitizers, whose clock can be set")
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        where = pathlib.Path(cls.scratch.name)
        cls.site = new_site(where / "site", STORE and STORE.replace("/serve_replay?", "/serve_jumps?"))
        cls.person = cls.site.people()[0]
        cls.key = cls.site.key("system", f"system:social:{cls.site.root}")
        (where / "clock").write_bytes(bytes(8))
        with (where / "clock").open("r+b") as clock:
            cls.clock = mmap.mmap(clock.fileno(), 8)
        cls.site.environment = {"LD_PRELOAD": CLOCK, "ZHILI_TEST_CLOCK": str(where / "clock")}
        cls.addClassCleanup(cls.site.stop, signal.SIGKILL)

    def setUp(self):
        self.set_clock(0)
        if self.site.process is None:
            self.site.start()

    def set_clock(self, seconds):
        self.clock[:] = struct.pack("<q", seconds * 1_000_000)

    def read(self):
        answer = self.site.client(self.key).get(f"/api/v1/entities/person/{self.person}", **CASE)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["entry"]

    def forget(self):
        """Whom the server remembers, it does for a second by a clock that no one sets; a sign-in ends that."""
        self.site.sign_in("auditor")

    def alive(self, client):
        self.forget()
        return client.get("/api/v1/session").status == 200

    def well(self):
        for _ in range(100):
            answer = self.site.client().get("/healthz")
            if answer.status == 200:
                return
        self.fail(answer)

    def test_forward_what_has_run_out_has_run_out(self):
        clerk = self.site.sign_in("clerk")
        self.set_clock(29 * MINUTE)
        self.assertTrue(self.alive(clerk))
        self.set_clock(12 * HOUR + MINUTE)
        self.assertFalse(self.alive(clerk))
        self.assertTrue(self.alive(self.site.sign_in("clerk")))
        self.read()
        self.set_clock(91 * DAY)
        self.forget()
        answer = self.site.client(self.key).get(f"/api/v1/entities/person/{self.person}", **CASE)
        self.assertEqual(answer.status, 401, answer)
        self.well()

    def test_back_nothing_outlasts_its_time(self):
        year = 365 * DAY
        self.set_clock(year)
        ahead = self.site.sign_in("clerk")
        self.assertTrue(self.alive(ahead))
        for _ in range(25):
            # Each wrong one is followed by a longer time to wait, whatever time this machine needs.
            guess = self.site.client().post("/api/v1/session", {"login": "admin", "password": "wrong wrong wrong wrong"})
            if guess.status == 429:
                break
        self.assertEqual(guess.status, 429, guess)
        self.set_clock(0)
        self.assertFalse(self.alive(ahead))
        guess = self.site.client().post("/api/v1/session", {"login": "admin", "password": "wrong wrong wrong wrong"})
        self.assertEqual(guess.status, 429, guess)
        self.assertLessEqual(int(guess.headers["Retry-After"]), 15 * MINUTE)
        self.set_clock(15 * MINUTE + 1)
        right = self.site.client().post("/api/v1/session", {"login": "admin", "password": PASSWORD})
        self.assertEqual(right.status, 201, right)
        fresh = self.site.sign_in("clerk")
        self.assertTrue(self.alive(fresh))
        self.assertEqual(fresh.post("/api/v1/lookups", LOOK).status, 200)

    def test_no_write_happens_twice_because_the_clock_jumped(self):
        admin = self.site.signed_in("admin")
        make = lambda: admin.post("/api/v1/accounts", {"login": "once", "name": "新人"}, Idempotency_Key="once-only")  # noqa: E731
        self.set_clock(20 * MINUTE)
        first = make()
        self.assertEqual(first.status, 201, first)
        # By so little, the session goes on.
        for moment in (25 * MINUTE, 20 * MINUTE - 4 * MINUTE, 40 * MINUTE):
            self.set_clock(moment)
            again = make()
            self.assertEqual((again.status, again.body, again.headers["Idempotency-Replayed"]), (201, first.body, "true"))

    def test_log_and_ledger_hold_over_jumps_and_kills(self):
        entries = []
        for moment in (0, 2 * DAY, -3 * DAY, 40 * DAY, 5):
            self.set_clock(moment)
            entries.append(self.read())
        # Killed while the clock was ahead, it holds a lease of then; it comes back in the present.
        self.set_clock(60 * DAY)
        entries.append(self.read())
        self.site.stop(signal.SIGKILL)
        self.set_clock(0)
        self.site.start()
        entries.append(self.read())
        auditor = self.site.sign_in("auditor")
        for entry in entries:
            for _ in range(20):
                # The files follow the store within a second or so.
                proof = auditor.get(f"/api/v1/audit/entries/{entry}/proof")
                if proof.status != 503:
                    break
            self.assertEqual(proof.status, 200, proof)
        listed = auditor.get("/api/v1/audit/entries", object=f"person:{self.person}").json["items"]
        told = [one["id"] for one in listed if one["id"] in entries]
        self.assertEqual(told, entries[::-1])  # By their places in the log, whatever their times say.
        lines = auditor.get(f"/api/v1/entities/person/{self.person}/disclosures", purpose="audit", basis=BASIS)
        self.assertLessEqual(set(entries), {line["entry"] for line in lines.json["items"]})
        self.well()
        self.assertEqual(self.site.stop(), 0)
        self.site.verified()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
