"""clang-tidy over every C++ file, two at a time, and only over what changed since it was last found clean."""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import files

TIDY = "clang-tidy-19"
BUILD = files.ROOT / "build"
OWN_BUILD = BUILD / "lint"
# The analyzer explores up to 225,000 states of a function by default, and tests built of macros take them all: a file
# took 25 s instead of 7 s, with the same findings.
ANALYZER = ["-Xclang", "-analyzer-config", "-Xclang", "max-nodes=20000"]
INCLUDE = re.compile(rb'^\s*#\s*include\s+"([a-z_0-9]+/[^"]+)"', re.M)


def clean_marks():
    """A folder that outlives the build: one empty file for each input that was found clean."""
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "zhili" / "tidy"


@functools.cache
def includes(path):
    """The project's own files that this one brings in, itself included."""
    seen = {path}
    waiting = [path]
    while waiting:
        for name in INCLUDE.findall(files.content(waiting.pop())):
            target = "src/" + name.decode()
            if target not in seen and (files.ROOT / target).is_file():
                seen.add(target)
                waiting.append(target)
    return sorted(seen)


@functools.cache
def surroundings():
    """What else decides the outcome: the checks, the checker and the packages that bring foreign headers."""
    packages = {line.split()[1] for line in files.lines("tools/packages") if line.strip() and not line.startswith("#")}
    versions = subprocess.run(["dpkg-query", "-W", *sorted(packages), "libstdc++-12-dev"], capture_output=True).stdout
    return b"\0".join([files.content(".clang-tidy"), versions, files.content("tools/parts.lock"),
                       files.content("tools/lint/tidy.py")])


def key(path, arguments):
    digest = hashlib.sha256(surroundings())
    digest.update(" ".join(arguments).replace(str(files.ROOT), "").encode())
    for name in includes(path):
        digest.update(name.encode() + b"\0" + hashlib.sha256(files.content(name)).digest())
    return digest.hexdigest()


def simplify(command):
    """Headers are reached through build/rooms/NAME when compiling; here through src/, the path that findings should show."""
    arguments, skip = [], False
    for argument in shlex.split(command):
        if skip or argument in ("-c", "-o"):
            skip = argument == "-o"
        elif argument.startswith(f"-I{BUILD}/rooms/"):
            if f"-I{files.ROOT}/src" not in arguments:
                arguments.append(f"-I{files.ROOT}/src")
        elif not argument.endswith("/ccache"):
            arguments.append(argument)
    return arguments


def commands():
    """Compile arguments of every C++ file. One that this build leaves out (fuzzers, benches) takes a neighbour's."""
    database = json.loads((BUILD / "compile_commands.json").read_bytes())
    known = {os.path.relpath(entry["file"], files.ROOT): simplify(entry["command"]) for entry in database}
    found = {}
    for path in files.with_suffix(".cpp"):
        if not path.startswith(("src/", "tests/", "bench/")):
            continue
        folder = os.path.dirname(path)
        lender = path if path in known else next((p for p in sorted(known, reverse=True) if os.path.dirname(p) == folder), None)
        if lender:
            lent = str(files.ROOT / lender)
            found[path] = [str(files.ROOT / path) if argument == lent else argument for argument in known[lender]]
    return found


def check(path):
    done = subprocess.run([TIDY, "-p", str(OWN_BUILD), "--quiet", "--use-color=false",
                           *(f"--extra-arg={argument}" for argument in ANALYZER), str(files.ROOT / path)],
                          cwd=files.ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        return []
    output = re.split(r"^(?=\S+:\d+:\d+: (?:error|warning):)", done.stdout.replace(f"{files.ROOT}/", ""), flags=re.M)
    return [finding.rstrip() for finding in output if finding.strip()] or [f"{path}:1: {TIDY} failed: {done.stderr.strip()[-400:]}"]


def tidy(jobs):
    all_commands = commands()
    OWN_BUILD.mkdir(parents=True, exist_ok=True)
    entries = [{"directory": str(BUILD), "file": str(files.ROOT / path), "arguments": arguments}
               for path, arguments in all_commands.items()]
    (OWN_BUILD / "compile_commands.json").write_text(json.dumps(entries))
    marks = clean_marks()
    marks.mkdir(parents=True, exist_ok=True)
    keys = {path: key(path, arguments) for path, arguments in all_commands.items()}
    todo = [path for path in all_commands if not (marks / keys[path]).exists()]
    print(f"lint tidy: {len(todo)} of {len(all_commands)} files changed since they were last found clean", flush=True)
    findings, done = {}, 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(check, path): path for path in todo}
        for future in concurrent.futures.as_completed(running):
            path, found = running[future], future.result()
            done += 1
            if sys.stdout.isatty():
                print(f"\r\033[K[{done}/{len(todo)}] {path}", end="" if done < len(todo) else "\n", flush=True)
            if not found:
                (marks / keys[path]).touch()
            findings.update(dict.fromkeys(found))  # Each header's finding once, though many files include it.
    return list(findings)
