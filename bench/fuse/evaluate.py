"""How right a result is, counted from links.csv alone and alike for both engines.

`zhili fuse eval` knows only what `zhili fuse run` wrote, and does the run once more to count what blocking misses; so the
peer's results and those of the large sets are counted here. On the labelled sets both counts must agree."""

import collections
import csv


def links(path):
    """links.csv of a run: entity by (source, record id)."""
    with open(path, newline="", encoding="utf-8") as file:
        return {(row["source"], row["record_id"]): row["entity_id"] for row in csv.DictReader(file)}


def _pairs(n):
    return n * (n - 1) // 2


def _share(part, whole):
    return part / whole if whole else 0.0


def _f1(precision, recall):
    return _share(2 * precision * recall, precision + recall)


def evaluate(truth, found, across_only=False):
    """Precision, recall and F1 of the pairs of records in one entity, and B³, over the records that the truth names.
    Pairs that no blocking rule brought together are among the missed. `across_only`: pairs within one source do not
    count. A record that the result lacks stands alone."""
    true_sizes, found_sizes, both_sizes = (collections.Counter() for _ in range(3))
    true_within, found_within, both_within = (collections.Counter() for _ in range(3))
    keys = {}
    for record, person in truth.items():
        keys[record] = (person, found.get(record, ("alone", record)))
    for (source, _), (person, entity) in keys.items():
        true_sizes[person] += 1
        found_sizes[entity] += 1
        both_sizes[person, entity] += 1
        if across_only:
            true_within[source, person] += 1
            found_within[source, entity] += 1
            both_within[source, person, entity] += 1

    def count(sizes, within):
        return sum(map(_pairs, sizes.values())) - sum(map(_pairs, within.values()))

    right = count(both_sizes, both_within)
    precision = _share(right, count(found_sizes, found_within))
    recall = _share(right, count(true_sizes, true_within))
    b_precision = sum(_share(both_sizes[key], found_sizes[key[1]]) for key in keys.values()) / len(keys)
    b_recall = sum(_share(both_sizes[key], true_sizes[key[0]]) for key in keys.values()) / len(keys)
    return {"precision": precision, "recall": recall, "f1": _f1(precision, recall), "b3": _f1(b_precision, b_recall)}
