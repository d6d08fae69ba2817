"""What the benches share: running a program on a given number of cores and measuring it, and printing what came out."""

import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"


def say(text):
    print(text, file=sys.stderr, flush=True)


class Failed(Exception):
    """A measured program did not succeed."""


class TooLong(Failed):
    """A measured program did not end in its time."""


def _limit(process, seconds):
    """Waits for the process and returns its wait4 result; ends it when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            return status, usage
        if time.monotonic() > deadline:
            process.kill()
            os.wait4(process.pid, 0)
            raise TooLong(f"stopped after {seconds:.0f} s")
        # Short runs are watched closely, so that a run of one second is not measured to a tenth.
        time.sleep(0.002 if time.monotonic() + seconds - deadline < 10 else 0.05)


def run(command, cores=2, limit=24 * 3600, log=None, env=None):
    """Runs a program on so many cores. Seconds of wall clock and of processor, megabytes resident at most, and what it
    wrote to standard output. A failure raises with the end of what it wrote to standard error."""
    command = [str(word) for word in command]
    log = pathlib.Path(log) if log else RESULTS / "last.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    usable = sorted(os.sched_getaffinity(0))[:cores]
    start = time.monotonic()
    with open(log, "wb") as errors, open(f"{log}.out", "w+b") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd=ROOT, env=env,
                                   preexec_fn=lambda: os.sched_setaffinity(0, usable))
        try:
            status, usage = _limit(process, limit)
        except KeyboardInterrupt:
            process.kill()
            os.wait4(process.pid, 0)
            raise
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if process.returncode != 0:
        end = log.read_text(errors="replace")[-2000:]
        raise Failed(f"{' '.join(command)} ended with {process.returncode}\n{end}")
    return {"seconds": seconds, "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "peak_mb": usage.ru_maxrss * 1024 / 1e6, "output": text}


def median(runs, key):
    return statistics.median(one[key] for one in runs)


def machine():
    """The machine that a figure belongs to."""
    facts = dict(line.split(":", 1) for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    facts = {key.strip(): value.strip() for key, value in facts.items()}
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1])
    return {"processor": facts.get("model name", platform.machine()), "cores": len(os.sched_getaffinity(0)),
            "memory_gb": round(memory * 1024 / 1e9, 1), "system": platform.system() + " " + platform.release(),
            "load": round(os.getloadavg()[0], 1), "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def machine_line(facts):
    return (f"{facts['processor']}, {facts['cores']} cores, {facts['memory_gb']} GB, {facts['system']}, "
            f"load at the start {facts['load']}")


def revision():
    """The commit that is measured, with a + where files differ from it."""
    def git(*words):
        return subprocess.run(["git", "-c", "safe.directory=*", *words], cwd=ROOT, capture_output=True, text=True)
    head = git("rev-parse", "--short", "HEAD").stdout.strip()
    return head + ("+" if git("status", "--porcelain", "--untracked-files=no").stdout.strip() else "")


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(header, rows):
    """A Markdown table, its columns straight in a terminal too. Cells are text; what looks like a number goes right."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(width(row[i]) for row in [header] + rows) for i in range(len(header))]
    right = [all(row[i][:1] in "0123456789-≥≤<–×" or row[i] == "" for row in rows) for i in range(len(header))]

    def line(cells):
        padded = []
        for cell, size, flush in zip(cells, widths, right):
            space = " " * (size - width(cell))
            padded.append(space + cell if flush else cell + space)
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join("-" * (size + 1) + (":" if flush else "-") for size, flush in zip(widths, right)) + "|"
    return "\n".join([line(header), rule] + [line(row) for row in rows])


def save(name, document):
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    say(f"results: {path.relative_to(ROOT)}")
