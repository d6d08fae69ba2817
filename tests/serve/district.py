#!/usr/bin/env python3
"""district.py PROGRAM WHERE PEOPLE: the made-up district that the suites stand on, made anew where the program is newer."""

import pathlib
import shutil
import sys

from installation import make_district

program, where, people = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
made = where / "person" / "members.parquet"
if not made.exists() or made.stat().st_mtime < program.stat().st_mtime:
    shutil.rmtree(where, ignore_errors=True)
    make_district(program, where, people)
