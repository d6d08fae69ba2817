"""Does with Splink on DuckDB what a fusing configuration asks: python peer.py CONFIG --data DIR --out DIR [--threads N]

Reads the same YAML as `zhili fuse run`, of which it knows what the benches use: sources in CSV; the transforms year,
initial and prefix(n) in blocking; the levels exact, jaro_winkler, damerau and edit. Trains as Splink's documentation
recommends, without labels. Writes links.csv (source,record_id,entity_id) and peer.json (counts and seconds of each
step) into --out.
"""

import argparse
import json
import logging
import pathlib
import re
import sys
import time

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
import yaml
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

EM_PAIRS = 1e6      # Pairs of one rule that EM sees.
EM_RULES = 4        # As many rules, the narrowest first, train m.
SEED = 1

def key_sql(part):
    """A part of a blocking rule as SQL. Dates are text YYYY-MM-DD."""
    name, _, transform = part.partition(".")
    if not transform:
        return name
    if transform == "year":
        return f"substr({name}, 1, 4)"
    if transform == "initial":
        return f"substr({name}, 1, 1)"
    prefix = re.fullmatch(r"prefix\((\d+)\)", transform)
    if not prefix:
        raise SystemExit(f"peer.py: the transform '{transform}' is not known here")
    return f"substr({name}, 1, {prefix[1]})"

def level(name, declared, term_frequency):
    if declared == "exact":
        exact = cll.ExactMatchLevel(name)
        return exact.configure(tf_adjustment_column=name) if term_frequency else exact
    (measure, value), = declared.items()
    return {"jaro_winkler": cll.JaroWinklerLevel, "damerau": cll.DamerauLevenshteinLevel,
            "edit": cll.LevenshteinLevel}[measure](name, value)

def comparison(name, attribute):
    levels = [cll.NullLevel(name)]
    levels += [level(name, declared, attribute.get("term_frequency", True)) for declared in attribute["levels"]]
    return cl.CustomComparison(output_column_name=name, comparison_levels=levels + [cll.ElseLevel()])

def compared(config):
    return {name: a for name, a in config["attributes"].items() if isinstance(a, dict) and a.get("compare", True)}

class Steps:
    def __init__(self):
        self.seconds = {}
        self.start = time.monotonic()

    def done(self, name):
        now = time.monotonic()
        self.seconds[name] = round(now - self.start, 3)
        self.start = now
        print(f"peer: {name} {self.seconds[name]} s", file=sys.stderr, flush=True)

def number(connection, sql):
    """The one number that a query gives. DuckDB wants each result read to its end before the next query."""
    (value,), = connection.execute(sql).fetchall()
    return value

def read(connection, config, data):
    """One table a source, all cells as text without the blanks around it, empty ones NULL; ids are numbers where they
    can be, which joins faster."""
    tables = []
    for source in config["sources"]:
        file = f"read_csv('{data / source['file']}', all_varchar = true)"
        header = {row[0].strip(): row[0] for row in connection.execute(f"describe from {file}").fetchall()}
        columns = [(source["record_id"], "unique_id")] + [(name, name) for name in config["attributes"]]
        cells = ", ".join(f"""nullif(trim("{header[column]}"), '') as {name}""" for column, name in columns)
        connection.execute(f"create table {source['id']} as select {cells} from {file}").fetchall()
        if number(connection, f"select count(*) = count(try_cast(unique_id as bigint)) from {source['id']}"):
            connection.execute(f"alter table {source['id']} alter unique_id type bigint").fetchall()
        tables.append(source["id"])
    return tables

def rules_by_size(table, rules, connection):
    """The rules with few pairs first, counted on one table: EM learns best and fastest from these."""
    sizes = []
    for rule in rules:
        keys = ", ".join(key_sql(part) for part in rule)
        filled = " and ".join(f"{key_sql(part)} is not null" for part in rule)
        sizes.append(number(connection, f"""select coalesce(sum(n * (n - 1) / 2), 0)
            from (select count(*) as n from {table} where {filled} group by {keys})"""))
    return [rule for _, rule in sorted(zip(sizes, rules), key=lambda pair: pair[0])]

def train(linker, tables, config, connection, random_pairs):
    """u from random pairs; λ from the two narrowest rules; m by EM on the narrowest rules, until each comparison is free
    in some."""
    narrow = rules_by_size(tables[0], config["blocking"], connection)
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*map(key_sql, rule)) for rule in narrow[:2]], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=random_pairs, seed=SEED)
    free = set()
    for number, rule in enumerate(narrow):
        fixed = {part.partition(".")[0] for part in rule}
        adds = set(compared(config)) - fixed - free
        if number >= EM_RULES and not adds:
            continue
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*map(key_sql, rule)), max_pairs=EM_PAIRS, estimate_without_term_frequencies=True)
        free |= set(compared(config)) - fixed

def run(config, options):
    steps = Steps()
    connection = duckdb.connect()
    connection.execute(f"set threads = {options.threads}")
    connection.execute(f"set temp_directory = '{options.out / 'spill'}'")
    tables = read(connection, config, options.data)
    steps.done("read")
    link = {"link": "link_only", "dedupe": "dedupe_only"}.get(
        config.get("link"), "dedupe_only" if len(tables) == 1 else "link_and_dedupe")
    settings = SettingsCreator(
        link_type=link,
        unique_id_column_name="unique_id",
        blocking_rules_to_generate_predictions=[block_on(*map(key_sql, rule)) for rule in config["blocking"]],
        comparisons=[comparison(name, attribute) for name, attribute in compared(config).items()],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False)
    api = DuckDBAPI(connection=connection)
    registered = [api.register(table, dataset_display_name=table) for table in tables]
    linker = Linker(registered if len(registered) > 1 else registered[0], settings)
    train(linker, tables, config, connection, options.random_pairs)
    steps.done("learn")
    blocked = linker.inference.compute_blocked_pairs_for_predict()
    pairs = number(connection, f"select count(*) from {blocked.physical_name}")
    steps.done("block")
    predictions = linker.inference.predict(threshold_match_probability=config.get("threshold", 0.5))
    links = number(connection, f"select count(*) from {predictions.physical_name}")
    steps.done("score")
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predictions, threshold_match_probability=config.get("threshold", 0.5))
    steps.done("cluster")
    source = "source_dataset" if len(tables) > 1 else f"'{tables[0]}'"
    connection.execute(f"""copy (select {source} as source, unique_id as record_id, cluster_id as entity_id
        from {clusters.physical_name}) to '{options.out / 'links.csv'}' (header)""")
    entities = number(connection, f"select count(distinct cluster_id) from {clusters.physical_name}")
    connection.execute(f"copy (select * from {predictions.physical_name}) to '{options.out / 'pairs.parquet'}'")
    steps.done("write")
    return {"pairs": pairs, "links": links, "entities": entities, "seconds": steps.seconds}

def main():
    parser = argparse.ArgumentParser(description="Does with Splink what a fusing configuration asks.")
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="where the files of the configuration lie")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--random-pairs", type=float, default=1e6, help="to estimate u from [1e6, as Splink has it]")
    options = parser.parse_args()
    logging.getLogger("splink").setLevel(logging.WARNING)
    options.out.mkdir(parents=True, exist_ok=True)
    result = run(yaml.safe_load(options.config.read_text()), options)
    (options.out / "peer.json").write_text(json.dumps(result, indent=1) + "\n")

if __name__ == "__main__":
    main()
