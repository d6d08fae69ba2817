"""The checks behind ./run lint. Each finding is one line, file:line: what is wrong, then the way out."""

import argparse
import sys
import time

import places
import sealed
import source
import texts
import tidy

CHECKS = {
    "lengths": (source.lengths, "files under 800 lines, functions under 70"),
    "rooms": (source.rooms, "every room is declared in CMakeLists.txt and has a README.md"),
    "names": (places.names, "no pack's id and no city's name in src/"),
    "vault": (sealed.sealed, "personal values leave the vault by its door alone"),
    "hosts": (places.hosts, "no package registry's host and no machine's path in the repository"),
    "text": (texts.text, "UTF-8, LF, no trailing blanks, JSON that parses, Markdown links that lead somewhere"),
    "shell": (source.shell, "shell scripts pass bash -n and shellcheck"),
    "python": (source.python, "Python files compile and pass pyflakes"),
    "web": (source.web, "the front end's types hold, its style is Biome's"),
    "format": (source.clang_format, "C++ is formatted by .clang-format"),
    "tidy": (tidy.tidy, "C++ passes .clang-tidy"),
}


def main():
    parser = argparse.ArgumentParser(prog="./run lint")
    parser.add_argument("checks", nargs="*", metavar="CHECK", help="which checks to run; all of them by default")
    parser.add_argument("--list", action="store_true", help="list the checks")
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time")
    options = parser.parse_args()
    if options.list:
        for name, (_, what) in CHECKS.items():
            print(f"{name:8} {what}")
        return 0
    unknown = [name for name in options.checks if name not in CHECKS]
    if unknown:
        parser.error(f"there is no check {unknown[0]}; ./run lint --list names them")
    failed = []
    for name in options.checks or CHECKS:
        start = time.monotonic()
        findings = CHECKS[name][0](options.jobs)
        print(f"lint {name}: {'clean' if not findings else f'{len(findings)} findings'}, {time.monotonic() - start:.1f} s")
        for finding in findings:
            print(finding)
        sys.stdout.flush()
        if findings:
            failed.append(name)
    print(f"lint: {'failed: ' + ', '.join(failed) if failed else 'all clean'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
