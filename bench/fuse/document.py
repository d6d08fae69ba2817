"""Turns results into the tables of docs/benchmarks.md: each stands between two marks there and is written anew."""

import re

import chart
import measure
from speed import short, summary

PUBLISHED = ("Published by Splink's author for 7M rows and about 1bn pairs: 1,529 s on 8 vCPU, 223 s on 128 vCPU. "
             "Quoted, not measured here.")


def _of(part):
    """The line that says what a table's figures belong to."""
    of = part["of"]
    peer = f"; {of['peer']}" if of.get("peer") else ""
    return f"\nZhili {of['revision']}{peer}; {of['cores']} threads; {measure.machine_line(of['machine'])}; {of['machine']['time']}."


def _steps(told):
    return ", ".join(f"{name} {seconds:.1f}" for name, seconds in told.items() if seconds >= 0.05)


def _seconds(value):
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _quality(part):
    rows = [[one["set"], one["engine"], one["rules"], f"{one['pairs']:,}",
             f"{one['linked_f1']:.4f}", f"{one['precision']:.4f}", f"{one['recall']:.4f}",
             f"{one['f1']:.4f}", f"{one['b3']:.4f}", one.get("known", ""), _seconds(one["seconds"])]
            for one in part["figures"]]
    return measure.table(["set", "engine", "rules", "pairs scored", "F1 of linked pairs", "precision", "recall", "F1",
                              "B³", "best known elsewhere", "s"], rows) + "\n" + _of(part)


def _twin(part):
    one = part["figure"]
    rows = [["records of nine registers", f"{one['records']:,}"], ["pairs scored", f"{one['pairs']:,}"],
            ["true pairs that blocking brings together", f"{one['blocking_recall']:.4f}"],
            ["persons found", f"{one['entities']:,}"], ["persons that there are", f"{one['true_entities']:,}"],
            ["F1 of linked pairs", f"{one['linked_f1']:.4f}"], ["precision within entities", f"{one['precision']:.4f}"],
            ["recall within entities", f"{one['recall']:.4f}"], ["F1 within entities", f"{one['f1']:.4f}"],
            ["B³", f"{one['b3']:.4f}"], ["records with a valid ID number", f"{one['valid_numbers']:,}"],
            ["entities that hold two different ones", f"{one['two_numbers']:,}"],
            ["seconds", _seconds(one["seconds"])], ["seconds of processor", _seconds(one["cpu_seconds"])],
            ["MB resident", f"{one['peak_mb']:,.0f}"], ["seconds to make the district", _seconds(one["made_seconds"])]]
    return measure.table([f"twin of {one['people']:,} residents", ""], rows) + "\n" + _of(part)


def _historical(part):
    rows = [[one["engine"], one["rules"], f"{one['pairs']:,}", _seconds(one["seconds"]), _seconds(one["cpu_seconds"]),
             f"{one['peak_mb']:,.0f}", f"{one['f1']:.4f}", f"{one['b3']:.4f}", one["repeats"], _steps(one["steps"])]
            for one in part["figures"]]
    return measure.table(["engine", "rules", "pairs scored", "s", "processor s", "MB", "F1", "B³", "runs",
                              "seconds of each step"], rows) + "\n" + _of(part)


def _speed(part):
    rows = []
    for size in part["sizes"]:
        ours = summary(size["runs"]["Zhili"])
        for engine, runs in size["runs"].items():
            one = summary(runs)
            ratio = (["", ""] if engine == "Zhili" else
                     [f"{one[key] / ours[key]:.1f}×" for key in ("seconds", "cpu_seconds")])
            quality = size["quality"].get(engine)
            rows.append([short(size["rows"]), engine, f"{one['pairs']:,}", _seconds(one["seconds"]),
                         _seconds(one["cpu_seconds"]), *ratio, f"{one['peak_mb']:,.0f}", f"{one['entities']:,}",
                         f"{quality['f1']:.4f}" if quality else "", one["repeats"]])
    out = measure.table(["rows", "engine", "pairs scored", "s", "processor s", "s, by Zhili's", "processor s, by Zhili's",
                             "MB", "entities", "F1", "runs"], rows)
    late = [f"{short(size['rows'])} rows: {size['late']}." for size in part["sizes"] if size["late"]]
    return "\n".join([out, "", *late, PUBLISHED, _of(part)])


def _steps_table(part):
    rows = [[short(size["rows"]), engine, _steps(runs[-1]["steps"])]
            for size in part["sizes"] for engine, runs in size["runs"].items()]
    return measure.table(["rows", "engine", "seconds of each step, last run"], rows)


def _growth(part):
    rows = []
    for size in part["sizes"]:
        one = summary(size["runs"]["Zhili"])
        rows.append([short(size["rows"]), f"{size['csv_bytes'] / 1e6:,.0f}", f"{one['pairs'] / 1e6:,.1f}",
                     _seconds(one["seconds"]), f"{one['seconds'] / size['rows'] * 1e6:.1f}",
                     f"{one['cpu_seconds'] / one['pairs'] * 1e9:.0f}", f"{one['peak_mb']:,.0f}",
                     f"{one['peak_mb'] * 1e6 / size['rows']:,.0f}"])
    return measure.table(["rows", "CSV, MB", "million pairs", "s", "s a million rows", "processor ns a pair", "MB resident",
                              "bytes a row"], rows)


def _bars(results):
    bars = [bar for part in results.values() for bar in part["bars"]]
    return measure.table(["what", "figure", "bar", "met"],
                         [[b["what"], b["figure"], b["bar"], "yes" if b["met"] else "**no**"] for b in bars])


def sections(results):
    """Markdown by section, for the parts that have been measured."""
    out = {"bars": _bars(results)}
    for name, render in (("quality", _quality), ("twin", _twin), ("historical", _historical), ("speed", _speed)):
        if name in results:
            out[name] = render(results[name])
    if "speed" in results:
        out["steps"] = _steps_table(results["speed"])
        out["growth"] = _growth(results["speed"])
    return {name: text.strip("\n") for name, text in out.items()}


def growth_lines(part):
    """By engine: rows, seconds, megabytes."""
    lines = {}
    for size in part["sizes"]:
        for engine, runs in size["runs"].items():
            one = summary(runs)
            lines.setdefault(engine, []).append((size["rows"], one["seconds"], one["peak_mb"]))
    return lines


def write(results, path):
    """Fills the document's sections, and draws images/fuse-growth.svg beside it."""
    text = path.read_text(encoding="utf-8")
    for name, section in sections(results).items():
        marks = re.compile(rf"(<!-- bench fuse: {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        if not marks.search(text):
            raise measure.Failed(f"{path} has no marks '<!-- bench fuse: {name} -->' and '<!-- end of {name} -->'")
        text = marks.sub(lambda found, section=section: f"{found[1]}\n{section}\n\n{found[2]}", text)
    path.write_text(text, encoding="utf-8")
    measure.say(f"bench fuse: filled {path}")
    if "speed" in results:
        picture = path.parent / "images" / "fuse-growth.svg"
        chart.growth(growth_lines(results["speed"]), picture)
        measure.say(f"bench fuse: drew {picture}")
