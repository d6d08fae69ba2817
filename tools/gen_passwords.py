#!/usr/bin/env python3
"""Writes src/identity/common_passwords.inc: the passwords of 8 characters and more that leaks show most often.

Usage: tools/gen_passwords.py FREQUENCY_LISTS > src/identity/common_passwords.inc

FREQUENCY_LISTS is the file zxcvbn/frequency_lists.py of the PyPI package zxcvbn (MIT); its list `passwords` is in the
order of how often each was seen in leaks.
"""
import runpy
import sys

SHORTEST = 8  # the least that NIST SP 800-63B allows
COUNT = 2000
WIDTH = 118


def main():
    words = runpy.run_path(sys.argv[1])["FREQUENCY_LISTS"]["passwords"]
    if isinstance(words, str):
        words = words.split(",")
    chosen = sorted([word for word in words if len(word) >= SHORTEST and word.isascii()][:COUNT])
    print("// Made by tools/gen_passwords.py from the PyPI package zxcvbn (MIT).")
    line = ""
    for word in chosen:
        quoted = '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '",'
        if len(line) + len(quoted) + 1 > WIDTH:
            print(line)
            line = ""
        line = f"{line} {quoted}" if line else quoted
    print(line)


if __name__ == "__main__":
    main()
