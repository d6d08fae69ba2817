"""Quality: no labels are read, the threshold is 0.5 everywhere, and nothing is set by the labels."""

import json
import pathlib
import shutil

import evaluate
import measure
import sets
from engines import PYTHON, peer_setup

HERE = pathlib.Path(__file__).resolve().parent
PERSON = measure.ROOT / "packs" / "population" / "entities" / "person.yaml"
PEER_RANDOM_PAIRS = 1e7  # More than Splink's own default: on small sets it costs little and helps it.


def _ours(zhili, one, variant, work):
    """What `zhili fuse eval` says of a run; it must agree with the count that the peer's results get."""
    out = work / f"{one.name}{variant}-zhili"
    measure.say(f"bench fuse: {one.title}, Zhili{variant.replace('_', ', ')}")
    result = zhili.fuse(HERE / f"{one.name}{variant}.yaml", sets.SHARED, out)
    truth = work / f"{one.name}-truth.csv"
    sets.write_truth(one, truth)
    told = zhili.evaluate(out, truth)
    counted = evaluate.evaluate(one.truth(), evaluate.links(out / "links.csv"), one.across_only)
    shutil.rmtree(out)
    for key, value in counted.items():
        if abs(told[key] - value) > 1e-6:
            raise measure.Failed(f"{one.title}: zhili fuse eval says {told}, the count here {counted}")
    return {**result, **told}


def _theirs(peer, one, work):
    out = work / f"{one.name}-splink"
    measure.say(f"bench fuse: {one.title}, Splink")
    result = peer.fuse(HERE / f"{one.name}_common.yaml", sets.SHARED, out, PEER_RANDOM_PAIRS)
    counted = evaluate.evaluate(one.truth(), evaluate.links(out / "links.csv"), one.across_only)
    linked = measure.run([PYTHON, HERE / "linked.py", out / "pairs.parquet", "--truth", work / f"{one.name}-truth.csv"] +
                         (["--across"] if one.across_only else []), log=f"{out}.log")
    shutil.rmtree(out)
    return {**result, **counted, **json.loads(linked["output"])}


def labelled(zhili, peer, work):
    """The four labelled sets: as proposed by Zhili, and both engines with rules and levels that both know."""
    figures, bars = [], []
    for one in sets.SETS:
        missing = one.missing()
        if missing:
            measure.say(f"bench fuse: {one.title} skipped: {', '.join(missing)} not in {sets.SHARED}")
            continue
        found = _ours(zhili, one, "", work)
        figures.append({"set": one.title, "engine": zhili.name, "rules": "proposed", "known": one.known, **found})
        bars += [sets.at_least(f"{one.title}, {sets.BAR_NAMES[key]}", found[key], bar, 4)
                 for key, bar in one.bars.items()]
        figures.append({"set": one.title, "engine": zhili.name, "rules": "common", **_ours(zhili, one, "_common", work)})
        if peer:
            figures.append({"set": one.title, "engine": peer.name, "rules": "common", **_theirs(peer, one, work)})
    return {"figures": figures, "bars": bars}


def twin(zhili, people, work):
    """A made-up district: nine registers to persons by packs/population, as ./run demo does it."""
    peer_setup()  # For DuckDB, which reads the one register that is Parquet.
    district, out = work / f"twin-{people}", work / f"twin-{people}-person"
    measure.say(f"bench fuse: twin of {people:,}")
    made = zhili.twin(people, district)
    result = zhili.fuse(PERSON, district, out)
    result.update(zhili.evaluate(out, district / "truth.csv"))
    counted = measure.run([PYTHON, HERE / "id_numbers.py", PERSON, "--data", district, "--links", out / "links.csv",
                           "--truth", district / "truth.csv"], log=f"{out}.log")
    result.update(json.loads(counted["output"]), people=people, made_seconds=made["seconds"])
    shutil.rmtree(district)
    shutil.rmtree(out)
    return {"figure": result,
            "bars": [sets.at_least(f"twin of {people:,}, F1 within entities", result["f1"], sets.TWIN_F1, 4),
                     sets.at_most(f"twin of {people:,}, entities with two valid ID numbers", result["two_numbers"],
                                  sets.TWIN_TWO_NUMBERS, 0)]}
