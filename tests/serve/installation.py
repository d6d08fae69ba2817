"""The real server on a made-up district, for the suites in this folder."""

import base64
import csv
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import signal
import struct
import subprocess
import time
from urllib.parse import urlencode

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PASSWORD = "nobody lives in this district"
BASIS = "pipl-13-1-3"
CASE = {"purpose": "handle_case", "basis": BASIS}
OWN = {"purpose": "inform_subject", "basis": "pipl-44-46"}
AUDIT = {"purpose": "audit", "basis": BASIS}


def run(program, *words, given=None):
    """One command of the program; what it prints as JSON."""
    done = subprocess.run([program, *map(str, words), "--json", "--quiet"], input=given, text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}: {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout) if done.stdout.strip() else None


def make_district(program, where, people):
    """Registers and their fusing."""
    run(program, "twin", "--people", people, "--seed", 7, "--out", where / "district")
    run(program, "fuse", "run", SOURCE / "packs/population/entities/person.yaml", "--data", where / "district",
        "--out", where / "person", "--members")


def make_database(url):
    """An empty database of the name in the URL."""
    name = url.split("/")[3].split("?")[0]
    for command in (f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}"):
        subprocess.run(["psql", url.replace(f"/{name}?", "/postgres?"), "-qc", command], check=True)


def code_of(secret, steps=0):
    """What a telephone's app shows now, or so many steps of 30 seconds later."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + steps), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1_000_000:06d}"


class Installation:
    """An installation with the district's base library, and its server."""

    def __init__(self, program, district, where, store=None, options=(), online=False):
        self.environment = {}  # More of it, for the server.
        self.program, self.district, self.where = program, district, where
        self.process, self.port, self.secrets, self.sessions = None, 0, {}, {}
        with (district / "district" / "areas.csv").open(encoding="utf-8") as lines:
            self.areas = list(csv.DictReader(lines))
        self.root, self.community = self.area("county"), self.area("community")
        land = district / "district"
        run(program, "init", where, "--packs", SOURCE / "packs", "--zh", "试验区", "--origin", "test.invalid/audit",
            "--areas", land / "areas.csv", "--shapes", land / "divisions.geojson", "--departments",
            land / "departments.csv", "--listen", "127.0.0.1:0", *(["--store", store] if store else []), *options)
        if online:
            run(program, "catalog", "declare", where, SOURCE / "packs/population/registers/police.residents.yaml")
        self.load(*(["--online"] if online else []))

    def area(self, level):
        return next(area["id"] for area in self.areas if area["level"] == level)

    def load_words(self):
        land = self.district / "district"
        return ["base", "load", self.where, self.district / "person", "--kind", "person", "--purpose", "build_base",
                "--basis", BASIS, "--divisions", land / "divisions.csv", "--located",
                f"{land / 'buildings.csv'}:address:grid_code", "--elsewhere", self.root]

    def load(self, *more):
        return run(self.program, *self.load_words(), *more)

    def load_process(self):
        """A load that has just begun."""
        return subprocess.Popen([self.program, *map(str, self.load_words()), "--json", "--quiet"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def account(self, login, *posts, second_factor=False, person=None):
        words = ["account", "create", self.where, login, "--name", f"名字{login}"]
        for post in posts:
            words += ["--post", post]
        if second_factor:
            words.append("--second-factor")
        if person:
            words += ["--is", f"person:{person}"]
        made = run(self.program, *words, given=PASSWORD + "\n")
        self.secrets[login] = made.get("second_factor")
        return made["id"]

    def key(self, name, post):
        return run(self.program, "account", "key", self.where, name, "--post", post)["key"]

    def people(self):
        """Ids of the base library's people."""
        with (self.district / "person" / "links.csv").open(encoding="utf-8") as lines:
            return sorted({row["entity_id"] for row in csv.DictReader(lines)})

    def start(self, *options):
        with (self.where / "serve.err").open("ab") as errors:
            self.process = subprocess.Popen([self.program, "serve", str(self.where), "--json", "--quiet", *options],
                                            stdout=subprocess.PIPE, stderr=errors, text=True,
                                            env={**os.environ, **self.environment})
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the server does not start: " + (self.where / "serve.err").read_text())
        self.port = int(json.loads(line)["url"].rsplit(":", 1)[1])
        return self

    def stop(self, how=signal.SIGTERM):
        """Its exit code."""
        if self.process is None:
            return None
        self.process.send_signal(how)
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        self.process = None
        return code

    def verified(self):
        """What the command that an outside auditor would use finds in the log's files: nothing wrong."""
        return run(self.program, "audit", "verify", self.where / "audit", "--key",
                   (self.where / "audit.vkey").read_text().strip())

    def client(self, key=None, address="127.0.0.1"):
        return Client(lambda: self.port, key, address)

    def signed_in(self, login):
        """The login's client. A second factor's code is good once, so that one session serves a whole suite."""
        if login not in self.sessions:
            self.sessions[login] = self.sign_in(login)
        return self.sessions[login]

    def sign_in(self, login):
        client = self.client()
        answer = client.post("/api/v1/session", {"login": login, "password": PASSWORD})
        if answer.status == 201 and answer.json["stage"] == "second_factor_needed":
            # The account's first code may be used up already, by the command that made it.
            for steps in (0, 1):
                answer = client.post("/api/v1/session/second-factor", {"code": code_of(self.secrets[login], steps)})
                if answer.status == 201:
                    break
        if answer.status != 201:
            raise RuntimeError(f"{login}: {answer}")
        return client


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:600]!r}"


class Client:
    """A browser with its cookies and CSRF token, or a system with its key."""

    def __init__(self, port, key=None, address="127.0.0.1"):
        self.port, self.key, self.cookies, self.csrf, self.address = port, key, {}, None, address
        self.connect()

    def connect(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port(), timeout=30, source_address=(self.address, 0))

    def __del__(self):
        self.connection.close()

    def send(self, method, path, body=None, headers=None):
        sent = {"Accept-Language": "zh-CN", **(headers or {})}
        if self.key:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        if self.cookies:
            sent.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if method not in ("GET", "HEAD") and self.csrf:
            sent.setdefault("X-CSRF-Token", self.csrf)
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        response = self.exchange(method, path, body, sent)
        answer = Answer(response.status, response.headers, response.read().decode())
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";", 1)[0].split("=", 1)
            self.cookies[name] = value
        if answer.body.startswith('{"stage"'):
            self.csrf = answer.json["csrf"]
        return answer

    def exchange(self, method, path, body, headers):
        if self.connection.port != self.port():
            # The server was started anew and listens elsewhere.
            self.connection.close()
            self.connect()
        try:
            self.connection.request(method, path, body, headers)
            return self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # The server closes a connection that lay idle; a read may simply be sent again.
            self.connection.close()
            if method not in ("GET", "HEAD"):
                raise
            self.connection.request(method, path, body, headers)
            return self.connection.getresponse()

    def get(self, path, **query):
        return self.send("GET", path + ("?" + urlencode(query) if query else ""))

    def post(self, path, body, **headers):
        return self.send("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})
