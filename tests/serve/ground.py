#!/usr/bin/env python3
"""ground.py PROGRAM DISTRICT: crashes, full disks and lost databases under the real server, on both stores."""

import contextlib
import http.client
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from installation import AUDIT, CASE, SOURCE, Installation, run

PROGRAM, DISTRICT = sys.argv[1], pathlib.Path(sys.argv[2])
ROUNDS = int(os.environ.get("ZHILI_KILL_ROUNDS", "12"))
SERVER = SOURCE / "tests/postgres/server"


class BrokenGround(unittest.TestCase):
    """Crashes, full disks, lost databases: what was answered holds, and what was not leaves nothing half."""

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.where = pathlib.Path(self.scratch.name)
        self.where.chmod(0o755)  # The database runs as another user.

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
        lines, page = [], auditor.get(f"/api/v1/entities/person/{person}/disclosures", **AUDIT)
        while True:
            self.assertEqual(page.status, 200, page)
            lines += [line["entry"] for line in page.json["items"]]
            if "next" not in page.json:
                return set(lines)
            page = auditor.get(f"/api/v1/entities/person/{person}/disclosures", **AUDIT,
                               cursor=page.json["next"])

    def postgres(self, action, place):
        subprocess.run([SERVER, action, str(place), str(os.getpid())], check=True, capture_output=True)

    def logged(self, site, person):
        """Entries of the audit log about a person."""
        auditor = site.signed_in("auditor")
        entries, more = set(), {}
        while True:
            page = auditor.get("/api/v1/audit/entries", object=f"person:{person}", limit=1000, **more)
            self.assertEqual(page.status, 200, page)
            entries |= {entry["id"] for entry in page.json["items"]}
            if "next" not in page.json:
                return entries
            more = {"cursor": page.json["next"]}

    def kill_and_count(self, site, rounds):
        """Kills the server at a random moment under load, again and again; then looks for all that it had answered."""
        seed = int(os.environ.get("ZHILI_KILL_SEED", time.time_ns() % 1_000_000))
        print(f"seed {seed}: repeat with ZHILI_KILL_SEED")
        moments = random.Random(seed)
        people = site.people()[:3]
        done = []
        for _ in range(rounds):
            site.start()
            readers = [threading.Thread(target=self.read_all, args=(site, people, 30, done)) for _ in range(4)]
            for reader in readers:
                reader.start()
            time.sleep(moments.uniform(0.02, 0.4))
            site.stop(signal.SIGKILL)
            for reader in readers:
                reader.join()
        self.assertGreater(len(done), rounds)
        site.start()
        for person in people:
            entries = {entry for read, entry in done if read == person}
            self.assertLessEqual(entries, self.ledger(site, person))
            self.assertLessEqual(entries, self.logged(site, person))
        self.assertEqual(site.stop(), 0)
        site.verified()
        print(f"{rounds} rounds, {len(done)} acknowledged disclosures, all in the ledgers and in the log")

    def test_killed_under_load_it_has_lost_nothing_that_it_answered(self):
        self.kill_and_count(self.site(self.where / "site"), ROUNDS)

    def test_killed_under_load_on_postgres(self):
        place = self.where / "pg"
        self.postgres("start", place)
        try:
            site = self.site(self.where / "site", f"postgresql://zhili@/postgres?host={place}")
            self.kill_and_count(site, ROUNDS // 2)
        finally:
            self.postgres("stop", place)

    def test_a_load_that_was_killed_can_be_run_again(self):
        for store in (None, f"postgresql://zhili@/postgres?host={self.where}/pg"):
            if store:
                self.postgres("start", self.where / "pg")
            try:
                self.load_killed(self.site(self.where / ("two" if store else "one"), store), store is not None)
            finally:
                if store:
                    self.postgres("stop", self.where / "pg")

    def load_killed(self, site, shared):
        people = run(PROGRAM, "vault", "jobs", site.where)["jobs"][0]["added"]
        loading = None
        for _ in range(100):
            # Until one is caught at work.
            loading = site.load_process()
            while loading.poll() is None and not self.job_runs(site, shared):
                time.sleep(0.002)
            loading.kill()
            loading.wait()
            if run(PROGRAM, "vault", "jobs", site.where)["jobs"][0]["state"] != "done":
                break
        self.assertEqual(loading.returncode, -signal.SIGKILL)
        if shared:
            # It may run on another machine. Whoever comes is told what to do, and when.
            with self.assertRaisesRegex(RuntimeError, r"begin again in \d+ s"):
                site.load()
            return
        counts = site.load()
        self.assertEqual(counts["unchanged"] + counts["added"], people, counts)
        states = [job["state"] for job in run(PROGRAM, "vault", "jobs", site.where)["jobs"]]
        self.assertEqual(states[:2], ["done", "broken_off"])

    def job_runs(self, site, shared):
        """Whether a load is at work, seen without opening the installation."""
        if shared:
            asked = subprocess.run(["psql", f"postgresql://zhili@/postgres?host={self.where}/pg", "-Atqc",
                                    "SELECT count(*) FROM vault_job WHERE state = 'running'"], check=True, capture_output=True)
            return asked.stdout.strip() != b"0"
        with contextlib.closing(sqlite3.connect(f"file:{site.where}/zhili.db?mode=ro", uri=True)) as database:
            return database.execute("SELECT count(*) FROM vault_job WHERE state = 'running'").fetchone()[0] > 0

    def fill(self, directory):
        """Takes what is left of a disk; gives the file that does."""
        ballast = directory / "ballast"
        with ballast.open("wb") as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
                    file.flush()
            except OSError:
                pass
        return ballast

    def until(self, status, ask):
        for _ in range(3000):
            answer = ask()
            if answer.status == status:
                return answer
            self.assertIn(answer.status, (200, 503), answer)
            time.sleep(0.01 if status == 200 else 0)
        self.fail(f"never answered {status}: {answer}")
        return answer

    def small_disk(self, megabytes):
        small = self.where / "small"
        small.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(small)],
                                 check=False, capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("needs the right to mount")
        self.addCleanup(subprocess.run, ["umount", "-l", str(small)], check=False)
        return small

    def disk_fills(self, site, small, freed=lambda: None):
        try:
            site.start()
            client, path = site.client(self.key), f"/api/v1/entities/person/{site.people()[0]}"
            ask = lambda: client.get(path, **CASE)  # noqa: E731
            self.assertEqual(ask().status, 200)
            ballast = self.fill(small)
            refused = self.until(503, ask)
            self.assertNotIn("values", refused.json)
            ballast.unlink()
            freed()
            answered = {self.until(200, ask).json["entry"] for _ in range(3)}
            self.assertLessEqual(answered, self.ledger(site, site.people()[0]))
            self.assertEqual(site.stop(), 0)
            site.verified()
        finally:
            if site.process:
                site.stop(signal.SIGKILL)

    def test_a_full_disk_shows_no_value_and_passes(self):
        small = self.small_disk(96)
        self.disk_fills(self.site(small / "site"), small)

    def test_a_databases_full_disk_shows_no_value_and_passes(self):
        small = self.small_disk(180)
        place = small / "pg"
        self.postgres("start", place)
        try:
            # A database whose log finds no place ends; whoever keeps it starts it again.
            self.disk_fills(self.site(self.where / "site", f"postgresql://zhili@/postgres?host={place}"), small,
                            lambda: self.postgres("start", place))
        finally:
            self.postgres("stop", place)

    def test_a_database_that_goes_and_comes_back(self):
        place = self.where / "pg"
        self.postgres("start", place)
        try:
            site = self.site(self.where / "site", f"postgresql://zhili@/postgres?host={place}").start()
            client = site.client(self.key)
            path = f"/api/v1/entities/person/{site.people()[0]}"
            self.assertEqual(client.get(path, **CASE).status, 200)
            self.postgres("crash", place)
            gone = client.get(path, **CASE)
            self.assertEqual(gone.status, 503, gone)
            self.assertTrue(gone.headers["Retry-After"])
            self.assertNotIn("values", gone.json)
            self.assertEqual(site.client().get("/healthz").status, 503)
            self.postgres("start", place)
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
            self.postgres("stop", place)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
