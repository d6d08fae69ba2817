"""The labelled sets, where their truth lies, and the bars of the project's second issue."""

import csv
import os
import pathlib
import re

from measure import ROOT

SHARED = pathlib.Path(os.environ.get("ZHILI_SHARED", ROOT / ".." / "shared")).resolve() / "data" / "er"


def _rows(name):
    with open(SHARED / name, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            yield row


def _febrl(files):
    """FEBRL numbers persons inside its record ids: rec-N-org, rec-N-dup-0."""
    return {(source, row["rec_id"]): re.match(r"rec-(\d+)-", row["rec_id"])[1]
            for source, name in files.items() for row in _rows(name)}


def _column(source, name):
    return {(source, row["unique_id"]): row["cluster"] for row in _rows(name)}


class Set:
    """One labelled set: the configurations NAME.yaml and NAME_common.yaml lie beside this file."""

    def __init__(self, name, title, files, truth, bars, known, across_only=False):
        self.name = name
        self.title = title
        self.files = files
        self.truth = truth
        self.bars = bars    # Measure to bar: linked_f1, f1 (pairs within entities), b3.
        self.known = known  # What others reach, as the issue tells it; measured elsewhere, for orientation only.
        self.across_only = across_only

    def missing(self):
        return [name for name in self.files if not (SHARED / name).exists()]


SETS = [
    Set("febrl4", "FEBRL4", ["febrl4a.csv", "febrl4b.csv"],
        lambda: _febrl({"a": "febrl4a.csv", "b": "febrl4b.csv"}), {"linked_f1": 0.9996}, "Splink .9992", across_only=True),
    Set("febrl3", "FEBRL3", ["febrl3.csv"], lambda: _febrl({"febrl3": "febrl3.csv"}), {"linked_f1": 0.997},
        "GoldenMatch .996"),
    Set("historical_50k", "historical_50k", ["historical_50k.csv"],
        lambda: _column("historical_50k", "historical_50k.csv"), {"f1": 0.88, "b3": 0.90}, "GoldenMatch .827 / .862"),
    Set("fake_1000", "fake_1000", ["fake_1000.csv"], lambda: _column("fake_1000", "fake_1000.csv"), {"linked_f1": 0.88},
        "Splink .862"),
]
BAR_NAMES = {"linked_f1": "F1 of linked pairs", "f1": "F1 within entities", "b3": "B³"}

# The twin: F1 within entities, and entities that hold two different valid ID numbers.
TWIN_F1 = 0.99
TWIN_TWO_NUMBERS = 0

# Speed on two cores: seconds, times the peer, megabytes resident; by rows of the large sets.
SECONDS = {1_000_000: 30, 7_000_000: 225, 10_000_000: 330}
RATIO = {1_000_000: 10}
MEGABYTES = {10_000_000: 8000}
PAIRS = {1_000_000: 133e6, 7_000_000: 950e6}  # The time counts only with so many pairs scored: about 140M, about 1bn.
HISTORICAL_SECONDS = 1.0


def at_least(what, figure, bar, digits):
    return {"what": what, "figure": f"{figure:.{digits}f}", "bar": f"≥ {bar}", "met": figure >= bar}


def at_most(what, figure, bar, digits):
    return {"what": what, "figure": f"{figure:,.{digits}f}", "bar": f"≤ {bar}", "met": figure <= bar}


def write_truth(one, path):
    """The truth as `zhili fuse eval --truth` reads it."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["source", "record_id", "person"])
        for (source, record), person in one.truth().items():
            writer.writerow([source, record, person])
