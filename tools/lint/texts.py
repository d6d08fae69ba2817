"""Checks on text files of any kind."""

import json
import re

import files

TEXT_SUFFIXES = (".cpp", ".hpp", ".inc", ".py", ".sh", ".cmake", ".txt", ".md", ".yaml", ".yml", ".json", ".sql", ".lock",
                 ".html", ".css", ".js", ".ts", ".tsx", ".clang-format", ".clang-tidy", ".gitignore")
# Inputs of tests are wrong on purpose.
EXEMPT = re.compile(r"(^|/)(testdata|data)/")


def blanks(path):
    raw = files.content(path)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[:error.start].count(b"\n") + 1
        return [f"{path}:{line}: is not UTF-8: save the file as UTF-8"]
    findings = []
    if b"\r" in raw:
        findings.append(f"{path}:{raw[:raw.index(bytes([13]))].count(bytes([10])) + 1}: has CR line ends: use LF")
    for number, line in enumerate(raw.split(b"\n"), 1):
        if line.endswith((b" ", b"\t")) and not path.endswith(".md"):
            findings.append(f"{path}:{number}: ends with a blank: remove it")
        if line.startswith((b"<<<<<<< ", b">>>>>>> ")):
            findings.append(f"{path}:{number}: is left over from a merge: resolve it")
    if raw and not raw.endswith(b"\n"):
        findings.append(f"{path}:{len(files.lines(path))}: does not end with a line end: add one")
    return findings


def json_parses(path):
    try:
        json.loads(files.content(path))
    except ValueError as error:
        return [f"{path}:{getattr(error, 'lineno', 1)}: is not JSON: {error}"]
    return []


def links(path):
    """Links to files of the repository; anchors and other sites are not followed."""
    findings = []
    for number, line in enumerate(files.lines(path), 1):
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
            target = target.split("#")[0]
            if target and not re.match(r"[a-z]+:", target):
                if not (files.ROOT / path).parent.joinpath(target).exists():
                    findings.append(f"{path}:{number}: links to {target}, which does not exist: correct the link")
    return findings


def text(_jobs):
    findings = []
    for path in files.with_suffix(*TEXT_SUFFIXES):
        if not EXEMPT.search(path):
            findings += blanks(path)
    for path in files.with_suffix(".json"):
        if not EXEMPT.search(path):
            findings += json_parses(path)
    for path in files.with_suffix(".md"):
        findings += links(path)
    return findings
