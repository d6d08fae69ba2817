#!/usr/bin/env python3
"""run.py ZHILI CASES.test: runs the real program on the cases of a file and says which fail.

A case file holds cases, each begun by '== title'. Sections begin with '--- ' and go on to the next one; what stands
before the first case belongs to all of them. Each case runs in an empty directory of its own.

--- file NAME         the lines that follow, as UTF-8
--- gb18030 NAME      the same in GB18030
--- needs COMMAND     bash runs it before the case; where it fails the case is left out and named, since the machine does
                      not have what it takes
--- bytes NAME        Python byte literals, one a line, put together
--- run COMMAND       by bash; zhili is the program, $ZHILI_SOURCE the repository. Sections behind it check this run; a case
                      may hold several runs
--- exit N            its exit code, 0 if the section is missing
--- stdout            each line occurs in the output, in this order
--- stderr            the same for the error output
--- stdout none       there is no output (or stderr none)
--- stdout is         the output is exactly this
--- stdout json       the output is one JSON document; each line is 'path = JSON value', e.g. error.others.0.line = 3
--- absent PATH…      these do not exist after the run
--- present PATH…     these do
"""

import ast
import json
import os
import subprocess
import sys
import tempfile

TIMEOUT_SECONDS = 120
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Section:
    def __init__(self, words, place):
        self.kind, _, self.argument = words.partition(" ")
        self.place = place
        self.lines = []


def sections_of(path):
    """Yields (title, sections) of each case; the common sections come first in each."""
    common, cases, current = [], [], None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file.read().split("\n"), 1):
            if line.startswith("== "):
                current = (line[3:], list(common))
                cases.append(current)
            elif line.startswith("--- "):
                section = Section(line[4:].strip(), f"{path}:{number}")
                (current[1] if current else common).append(section)
            else:
                target = current[1] if current else common
                if target:
                    target[-1].lines.append(line)
                elif line and not line.startswith("#"):
                    sys.exit(f"{path}:{number}: text outside of a section")
    for _, sections in cases:
        for section in sections:
            while section.lines and not section.lines[-1]:
                section.lines.pop()
    return cases


def at_path(value, path):
    for key in path.split("."):
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def check_output(section, text):
    """Yields what is wrong with an output."""
    expected = "\n".join(section.lines)
    if section.argument == "none":
        if text:
            yield f"{section.kind} should be empty, and is:\n{text}"
    elif section.argument == "is":
        if text.rstrip("\n") != expected:
            yield f"{section.kind} should be:\n{expected}\nand is:\n{text}"
    elif section.argument == "json":
        yield from check_json(section, text)
    else:
        at = 0
        for line in section.lines:
            found = text.find(line, at)
            if found < 0:
                yield f"{section.kind} lacks '{line}' (in this order):\n{text}"
                return
            at = found + len(line)


def check_json(section, text):
    try:
        value = json.loads(text)
    except ValueError as error:
        yield f"{section.kind} is no JSON ({error}):\n{text}"
        return
    for line in section.lines:
        path, _, wanted = line.partition(" = ")
        try:
            found = at_path(value, path)
        except (KeyError, IndexError, TypeError, ValueError):
            yield f"{section.kind} has no '{path}':\n{text}"
            continue
        if found != json.loads(wanted):
            yield f"{section.kind}: {path} should be {wanted}, and is {json.dumps(found, ensure_ascii=False)}"


def write(section, directory):
    path = os.path.join(directory, section.argument)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if section.kind == "bytes":
        content = b"".join(ast.literal_eval(line) for line in section.lines)
    else:
        text = "".join(line + "\n" for line in section.lines)
        content = text.encode("gb18030" if section.kind == "gb18030" else "utf-8")
    with open(path, "wb") as file:
        file.write(content)


def check_run(section, run, directory):
    if section.kind in ("stdout", "stderr"):
        yield from check_output(section, getattr(run, section.kind))
    elif section.kind in ("absent", "present"):
        for name in section.argument.split():
            if os.path.exists(os.path.join(directory, name)) != (section.kind == "present"):
                yield f"{name} should be {section.kind}"
    else:
        sys.exit(f"{section.place}: unknown section '{section.kind}'")


def faults_of(sections, zhili, directory):
    """Runs one case; yields (place, what is wrong)."""
    environment = dict(os.environ, PATH=os.path.dirname(zhili) + os.pathsep + os.environ["PATH"], LC_ALL="C.UTF-8",
                       ZHILI_SOURCE=SOURCE)
    run, expected_exit, exit_place = None, 0, None

    def exit_fault():
        if run is not None and run.returncode != expected_exit:
            yield exit_place, f"exit code should be {expected_exit}, and is {run.returncode}:\n{run.stdout}{run.stderr}"

    for section in sections:
        if section.kind in ("file", "gb18030", "bytes"):
            write(section, directory)
        elif section.kind == "needs":
            if subprocess.run(["bash", "-c", section.argument], cwd=directory, capture_output=True,
                              timeout=TIMEOUT_SECONDS, check=False).returncode != 0:
                print(f"{section.place}: left out, since this fails here: {section.argument}")
                return
        elif section.kind == "run":
            yield from exit_fault()
            run = subprocess.run(["bash", "-c", section.argument], cwd=directory, env=environment, encoding="utf-8",
                                 errors="replace", capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
            expected_exit, exit_place = 0, section.place
        elif section.kind == "exit":
            expected_exit, exit_place = int(section.argument), section.place
        else:
            for fault in check_run(section, run, directory):
                yield section.place, fault
    yield from exit_fault()


def main():
    zhili, path = os.path.abspath(sys.argv[1]), sys.argv[2]
    cases = sections_of(path)
    failed = 0
    for title, sections in cases:
        with tempfile.TemporaryDirectory(prefix="zhili_cli_") as directory:
            faults = list(faults_of(sections, zhili, directory))
        failed += bool(faults)
        for place, fault in faults:
            print(f"{place}: {title}: {fault}\n")
    print(f"{len(cases) - failed} of {len(cases)} cases passed")
    sys.exit(1 if failed or not cases else 0)


if __name__ == "__main__":
    main()
