#!/usr/bin/env python3
"""run.py ZHILI DOCUMENT.md [--update]: does what a document says and compares.

A block ```yaml file=NAME (or csv, …) is laid down as a file. A block ```console holds commands behind '$ ', each
followed by what it prints; they run in one directory, in order, with the repository's packs/ in it. A line '…' stands for
any lines, and … within a line for any text. A server that they start leaves its process id in a file *.pid, and is ended
with them; the port 8443 is any free one in truth. --update writes what the commands print into the document instead.
"""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

TIMEOUT_SECONDS = 120
SOURCE = pathlib.Path(__file__).resolve().parents[2]
PORT = "8443"
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


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def end_servers(directory):
    for file in pathlib.Path(directory).glob("*.pid"):
        try:
            os.kill(int(file.read_text(encoding="utf-8")), signal.SIGKILL)
        except (ProcessLookupError, ValueError):
            pass  # It has ended by itself.


def run(command, directory, zhili, port):
    environment = dict(os.environ, PATH=os.path.dirname(zhili) + os.pathsep + os.environ["PATH"], LC_ALL="C.UTF-8")
    done = subprocess.run(["bash", "-c", command.replace(PORT, port)], cwd=directory, env=environment, encoding="utf-8",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_SECONDS, check=False)
    printed = done.stdout.replace(port, PORT)
    return [line.rstrip() for line in printed.rstrip("\n").split("\n")] if printed else []


def alike(expected, found):
    pattern = "\n".join(r"(?:.*\n)*?.*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) for line in expected)
    return re.fullmatch(pattern, "\n".join(found)) is not None


def console(lines, directory, zhili, port):
    """Yields (command, what the document says it prints, what it prints)."""
    at = 0
    while at < len(lines):
        command = lines[at].removeprefix("$ ")
        end = at + 1
        while end < len(lines) and not lines[end].startswith("$ "):
            end += 1
        said = [line for line in lines[at + 1:end]]
        yield command, said, run(command, directory, zhili, port)
        at = end


def main():
    zhili, path, update = os.path.abspath(sys.argv[1]), sys.argv[2], "--update" in sys.argv
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    out, copied, faults, commands, port = [], 0, 0, 0, free_port()
    with tempfile.TemporaryDirectory(prefix="zhili_docs_") as directory, contextlib.ExitStack() as behind:
        behind.callback(end_servers, directory)
        os.symlink(SOURCE / "packs", os.path.join(directory, "packs"))
        for language, name, first, end in blocks_of(lines):
            out += lines[copied:first]
            copied = first
            if name:
                with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                    file.write("\n".join(lines[first:end]) + "\n")
            if language != "console":
                continue
            for command, said, found in console(lines[first:end], directory, zhili, port):
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
