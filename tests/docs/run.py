#!/usr/bin/env python3
"""run.py ZHILI DOCUMENT.md [--update]: does what a document says and compares.

A block ```yaml file=NAME (or csv, …) is laid down as a file. A block ```console holds commands behind '$ ', each
followed by what it prints; they run in one directory, in order. A line '…' stands for any lines. --update writes what
the commands print into the document instead.
"""

import os
import re
import subprocess
import sys
import tempfile

TIMEOUT_SECONDS = 120
FENCE = re.compile(r"^```(\S*) *(?:file=(\S+))?$")


def blocks_of(lines):
    """Yields (language, file name or None, first line, line behind the last) of each fenced block."""
    at = 0
    while at < len(lines):
        opened = FENCE.match(lines[at])
        at += 1
        if not opened:
            continue
        first = at
        while lines[at] != "```":
            at += 1
        yield opened.group(1), opened.group(2), first, at
        at += 1


def run(command, directory, zhili):
    environment = dict(os.environ, PATH=os.path.dirname(zhili) + os.pathsep + os.environ["PATH"], LC_ALL="C.UTF-8")
    done = subprocess.run(["bash", "-c", command], cwd=directory, env=environment, encoding="utf-8",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_SECONDS, check=False)
    return [line.rstrip() for line in done.stdout.rstrip("\n").split("\n")] if done.stdout else []


def alike(expected, found):
    pattern = "\n".join(r"(?:.*\n)*?.*" if line == "…" else re.escape(line) for line in expected)
    return re.fullmatch(pattern, "\n".join(found)) is not None


def console(lines, directory, zhili):
    """Yields (command, what the document says it prints, what it prints)."""
    at = 0
    while at < len(lines):
        command = lines[at].removeprefix("$ ")
        end = at + 1
        while end < len(lines) and not lines[end].startswith("$ "):
            end += 1
        said = [line for line in lines[at + 1:end]]
        yield command, said, run(command, directory, zhili)
        at = end


def main():
    zhili, path, update = os.path.abspath(sys.argv[1]), sys.argv[2], "--update" in sys.argv
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    out, copied, faults, commands = [], 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="zhili_docs_") as directory:
        for language, name, first, end in blocks_of(lines):
            out += lines[copied:first]
            copied = first
            if name:
                with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                    file.write("\n".join(lines[first:end]) + "\n")
            if language != "console":
                continue
            for command, said, found in console(lines[first:end], directory, zhili):
                commands += 1
                good = alike(said, found)
                out += ["$ " + command] + (said if good else found)
                if not good and not update:
                    faults += 1
                    print(f"{path}:{first + 1}: {command} prints:\n" + "\n".join(found) + "\nand not:\n" + "\n".join(said))
            copied = end
    if update:
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(out + lines[copied:]))
    print(f"{commands - faults} of {commands} commands print what the document says")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
