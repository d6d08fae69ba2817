"""Counts the entities that hold two different valid ID numbers: python id_numbers.py CONFIG --data DIR --links FILE
--truth FILE

Reads the registers themselves by the ID column that the configuration names, and checks numbers by GB 11643 as written
here: nothing of the program that is measured is asked. Prints JSON.
"""

import argparse
import collections
import csv
import datetime
import json
import pathlib

import duckdb
import yaml

WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
CHECK = "10X98765432"


def check_sign(seventeen):
    return CHECK[sum(w * int(d) for w, d in zip(WEIGHTS, seventeen)) % 11]


def valid(text):
    """The number in 18 characters, or None when its form, its date or its check character is wrong."""
    number = "".join(text.split()).upper()
    if len(number) == 15 and number.isascii() and number.isdigit():
        number = number[:6] + "19" + number[6:]
        number += check_sign(number)
    if len(number) != 18 or not number.isascii() or not number[:17].isdigit() or number[17] != check_sign(number[:17]):
        return None
    try:
        datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return number


def text_of(path):
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def rows_of(path, columns):
    """The named columns of a register, row by row."""
    if path.suffix == ".parquet":
        names = ", ".join(f'"{name}"' for name in columns)
        yield from duckdb.sql(f"select {names} from '{path}'").fetchall()
    elif path.suffix == ".jsonl":
        for line in text_of(path).splitlines():
            row = json.loads(line)
            yield [row.get(name) for name in columns]
    else:
        text = text_of(path)
        delimiter = max(",\t;|", key=text.partition("\n")[0].count)
        for row in csv.DictReader(text.splitlines(), delimiter=delimiter):
            yield [row[name] for name in columns]


def by_record(path, value):
    with open(path, newline="", encoding="utf-8") as file:
        return {(row["source"], row["record_id"]): row[value] for row in csv.DictReader(file)}


def count(config, data, entity, person):
    numbers, persons = collections.defaultdict(set), collections.defaultdict(set)
    with_number = 0
    for source in config["sources"]:
        for record, text in rows_of(data / source["file"], [source["record_id"], source["columns"]["id_number"]]):
            number = valid(text or "")
            if number:
                with_number += 1
                found = entity[source["id"], str(record)]
                numbers[found].add(number)
                persons[found].add(person[source["id"], str(record)])
    several = [found for found, held in numbers.items() if len(held) > 1]
    return {"valid_numbers": with_number, "entities_with_number": len(numbers), "two_numbers": len(several),
            "two_numbers_of_one_person": sum(len(persons[found]) == 1 for found in several)}


def main():
    parser = argparse.ArgumentParser(description="Counts the entities that hold two different valid ID numbers.")
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="where the registers lie")
    parser.add_argument("--links", type=pathlib.Path, required=True, help="links.csv of the run")
    parser.add_argument("--truth", type=pathlib.Path, required=True, help="source,record_id,person_id")
    options = parser.parse_args()
    config = yaml.safe_load(options.config.read_text(encoding="utf-8"))
    result = count(config, options.data, by_record(options.links, "entity_id"), by_record(options.truth, "person_id"))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
