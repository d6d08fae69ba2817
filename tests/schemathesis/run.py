#!/usr/bin/env python3
"""run.py PROGRAM DISTRICT [EXAMPLES [URL]]: schemathesis holds the real server against its contract, as a system and as an
administrator: so many examples of each operation, on SQLite, or on the PostgreSQL of the URL."""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "serve"))
from installation import Installation, make_database  # noqa: E402

TOOL = HERE / ".venv" / "bin" / "schemathesis"
# Whether a well-formed request is also one that this caller may make, and finds something, can't be told from the contract.
CHECKS = ("not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
          "response_schema_conformance,negative_data_rejection,unsupported_method")
# These end the session that the rest needs, or make the caller wait for a provider; and the session's cookie has another
# name without TLS, so that a request without the contract's cookie is a good one.
LEFT_OUT = ("getSession", "signIn", "signOut", "changePassword", "startSignOn", "finishSignOn", "giveSecondFactor")


# One worker: with several, Python 3.11 now and then ends a thread that parses ("AST constructor recursion depth mismatch").
def check(site, headers, seed, examples, phases):
    words = [TOOL, "--config-file", HERE / "schemathesis.toml", "run", f"http://127.0.0.1:{site.port}/api/v1/openapi.json", "--checks", CHECKS, "--phases", phases,
             "--max-examples", str(examples), "--seed", str(seed), "--workers", "1", "--no-color",
             "--continue-on-failure", "--warnings", "off", "--suppress-health-check", "all"]
    for name, value in headers.items():
        words += ["--header", f"{name}: {value}"]
    for operation in LEFT_OUT:
        words += ["--exclude-operation-id", operation]
    return subprocess.run(list(map(str, words)), check=False, cwd=site.where).returncode


def main():
    if not TOOL.exists():
        print("tools/setup test installs schemathesis; it is not there")
        return 77
    examples = int(sys.argv[3]) if len(sys.argv) > 3 else 25
    store = sys.argv[4] if len(sys.argv) > 4 else None
    # Nearly all of the coverage phase are requests that are refused before they come to a store.
    phases = "fuzzing" if store else "coverage,fuzzing"
    if store:
        make_database(store)
    with tempfile.TemporaryDirectory() as scratch:
        site = Installation(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(scratch) / "site", store)
        site.account("admin", f"administrator:data:{site.root}", second_factor=True)
        key = site.key("system", f"system:social:{site.root}")
        site.start()
        try:
            admin = site.signed_in("admin")
            session = {"Cookie": f"zhili={admin.cookies['zhili']}", "X-CSRF-Token": admin.csrf}
            failed = [check(site, headers, seed, examples, phases)
                      for seed, headers in enumerate(({"Authorization": f"Bearer {key}"}, session), start=1)]
            return 1 if any(failed) or site.client().get("/healthz").status != 200 else 0
        finally:
            site.stop()


if __name__ == "__main__":
    sys.exit(main())
