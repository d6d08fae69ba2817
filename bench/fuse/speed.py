"""Speed and memory: made-up rows in growing numbers, both engines in turn, and historical_50k."""

import hashlib
import json
import pathlib
import shutil

import evaluate
import measure
import sets

HERE = pathlib.Path(__file__).resolve().parent
SIZES = [100_000, 300_000, 1_000_000, 3_000_000, 7_000_000, 10_000_000]
PEER_SIZES = [100_000, 1_000_000]
SEED = 1
HISTORICAL_REPEATS = 5
COUNTED = 1_000_000  # Up to so many rows the quality is counted too.


def short(n):
    return f"{n // 1_000_000}M" if n % 1_000_000 == 0 else f"{n // 1000}k"


def _made(data):
    """What a directory of made-up rows must be to be used again: its files whole, its maker today's."""
    sizes = {name: (data / name).stat().st_size for name in ("rows.csv", "truth.csv") if (data / name).exists()}
    return {"maker": hashlib.sha256((HERE / "rows.cpp").read_bytes()).hexdigest(), "bytes": sizes}


def make_rows(n, work):
    """A directory with rows.csv and truth.csv; kept, and used again by a later run that would make the same."""
    data = work / f"rows-{n}-{SEED}"
    note = data / "made.json"
    if note.exists() and json.loads(note.read_text()) == _made(data):
        return data
    data.mkdir(parents=True, exist_ok=True)
    program = measure.ROOT / "build-bench" / "bench" / "rows"
    made = measure.run([program, "--rows", n, "--seed", SEED, "--out", data / "rows.csv", "--truth", data / "truth.csv"])
    measure.say(f"bench fuse: made {n:,} rows in {made['seconds']:.1f} s")
    note.write_text(json.dumps(_made(data)) + "\n")
    return data


def _truth(data):
    with open(data / "truth.csv", encoding="utf-8") as file:
        next(file)
        return {("rows", record): person for record, person in (line.rstrip("\n").split(",") for line in file)}


def _one(engine, n, data, work, count):
    """One run, and how right it was where that is asked for."""
    out = work / f"{engine.name.lower()}-{n}"
    try:
        result = engine.fuse(HERE / "rows.yaml", data, out)
        measure.say(f"bench fuse: {short(n)} rows, {engine.name}: {result['seconds']:.1f} s, "
                    f"{result['cpu_seconds']:.1f} s of processor, {result['peak_mb']:,.0f} MB, {result['pairs']:,} pairs")
        quality = evaluate.evaluate(_truth(data), evaluate.links(out / "links.csv")) if count else None
    finally:
        shutil.rmtree(out, ignore_errors=True)
    return result, quality


def measure_size(n, zhili, peer, options):
    """Both engines in turn: A B A B, so that a change of the machine's speed meets both."""
    data = make_rows(n, options.work)
    engines = [zhili] + ([peer] if peer and n in options.peer_rows else [])
    size = {"rows": n, "csv_bytes": (data / "rows.csv").stat().st_size, "runs": {}, "quality": {}, "late": None}
    for repeat in range(options.repeats):
        for engine in list(engines):
            try:
                result, quality = _one(engine, n, data, options.work, repeat == 0 and n <= COUNTED)
            except measure.TooLong as stopped:
                size["late"] = f"{engine.name} was {stopped}"
                measure.say(f"bench fuse: {short(n)} rows: {size['late']}")
                engines.remove(engine)
                continue
            size["runs"].setdefault(engine.name, []).append(result)
            if quality:
                size["quality"][engine.name] = quality
    return size


def summary(runs):
    """Medians of an engine's runs at one size; None where there are none."""
    if not runs:
        return None
    return {**runs[-1], **{key: measure.median(runs, key) for key in ("seconds", "cpu_seconds", "peak_mb")},
            "repeats": len(runs)}


def _bars(size):
    n, bars = size["rows"], []
    ours, theirs = summary(size["runs"].get("Zhili")), summary(size["runs"].get("Splink"))
    title = f"{short(n)} rows"
    if n in sets.PAIRS:
        title += f" ({ours['pairs'] / 1e6:,.0f}M pairs)"
    if n in sets.SECONDS:
        held = sets.at_most(f"{title}, seconds", ours["seconds"], sets.SECONDS[n], 1)
        bars.append({**held, "met": held["met"] and ours["pairs"] >= sets.PAIRS.get(n, 0)})
    if n in sets.MEGABYTES:
        bars.append(sets.at_most(f"{title}, MB resident", ours["peak_mb"], sets.MEGABYTES[n], 0))
    if n in sets.RATIO and theirs:
        bars.append(sets.at_least(f"{title}, Splink's time by Zhili's", theirs["seconds"] / ours["seconds"],
                                  sets.RATIO[n], 1))
    return bars


def large(zhili, peer, options):
    sizes = [measure_size(n, zhili, peer, options) for n in options.rows]
    return {"sizes": sizes, "bars": [bar for size in sizes for bar in _bars(size)]}


def historical(zhili, peer, options):
    """From file to files; the bar is one second, with the rules that `zhili fuse plan` proposed written down."""
    if not (sets.SHARED / "historical_50k.csv").exists():
        measure.say(f"bench fuse: historical_50k skipped: not in {sets.SHARED}")
        return None
    truth = next(one for one in sets.SETS if one.name == "historical_50k").truth()
    out = options.work / "historical"

    def runs(engine, config, repeats):
        measure.say(f"bench fuse: {config}, {engine.name}, {repeats} runs")
        found = [engine.fuse(HERE / f"{config}.yaml", sets.SHARED, out) for _ in range(repeats)]
        quality = evaluate.evaluate(truth, evaluate.links(out / "links.csv"))
        shutil.rmtree(out)
        return {"engine": engine.name, **summary(found), **quality}

    repeats = 1 if options.quick else HISTORICAL_REPEATS
    planned = {"rules": "as planned, written down", **runs(zhili, "historical_50k_planned", repeats)}
    figures = [planned, {"rules": "proposed in the run", **runs(zhili, "historical_50k", repeats)},
               {"rules": "common", **runs(zhili, "historical_50k_common", repeats)}]
    if figures[0]["blocking"] != figures[1]["blocking"]:
        measure.say("bench fuse: historical_50k_planned.yaml has other rules than `zhili fuse plan` proposes today")
    if peer:
        figures.append({"rules": "common", **runs(peer, "historical_50k_common", min(options.repeats, repeats))})
    return {"figures": figures,
            "bars": [sets.at_most("historical_50k, seconds", planned["seconds"], sets.HISTORICAL_SECONDS, 2)]}
