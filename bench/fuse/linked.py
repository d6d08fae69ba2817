"""How right the pairs are that Splink links, before clustering: python linked.py PAIRS.parquet --truth FILE [--across]

Prints precision, recall and F1 as JSON. True pairs that no rule brings together are among the missed. --across: the truth
has two sources, and pairs within one do not count.
"""

import argparse
import json
import pathlib

import duckdb


def number(sql):
    return duckdb.sql(sql).fetchall()[0][0]


def evaluate(pairs, truth, across):
    duckdb.sql(f"create table truth as from read_csv('{truth}', all_varchar = true)")
    across_only = "and a.source <> b.source" if across else ""
    true = number(f"""select count(*) from truth a join truth b on a.person = b.person
        and (a.source, a.record_id) < (b.source, b.record_id) {across_only}""")
    # With one source Splink names none in its pairs; ids are then enough.
    def side(name, sign):
        source = f"and {name}.source = p.source_dataset_{sign}" if across else ""
        return f"join truth {name} on {name}.record_id = p.unique_id_{sign}::varchar {source}"
    of = f"from '{pairs}' p {side('a', 'l')} {side('b', 'r')}"
    found, right = number(f"select count(*) {of}"), number(f"select count(*) {of} where a.person = b.person")
    precision, recall = right / max(1, found), right / max(1, true)
    return {"linked_precision": precision, "linked_recall": recall,
            "linked_f1": 2 * precision * recall / max(1e-9, precision + recall)}


def main():
    parser = argparse.ArgumentParser(description="How right the pairs are that Splink links.")
    parser.add_argument("pairs", type=pathlib.Path)
    parser.add_argument("--truth", type=pathlib.Path, required=True, help="source,record_id,person")
    parser.add_argument("--across", action="store_true", help="pairs within one source do not count")
    options = parser.parse_args()
    print(json.dumps(evaluate(options.pairs, options.truth, options.across)))


if __name__ == "__main__":
    main()
