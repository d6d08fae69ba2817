"""The two engines behind one interface: fuse(config, data, out) runs one in a process of its own."""

import json
import pathlib
import shutil
import subprocess

import measure

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = measure.ROOT / "bench" / "peers" / "venv" / "bin" / "python"


def peer_setup():
    """Installs Splink and DuckDB into a place of their own unless they are there; their versions."""
    setup = subprocess.run([HERE / "peer_setup"], capture_output=True, text=True)
    if setup.returncode != 0:
        raise measure.Failed(f"peer_setup failed (--no-peer leaves Splink out):\n{setup.stderr[-2000:]}")
    return setup.stdout.strip()


class Zhili:
    name = "Zhili"

    def __init__(self, program, cores):
        self.program = program
        self.cores = cores

    def twin(self, people, out):
        shutil.rmtree(out, ignore_errors=True)
        return measure.run([self.program, "twin", "--people", people, "--seed", 1, "--out", out, "--threads", self.cores,
                            "--quiet"], cores=self.cores, log=f"{out}.log")

    def fuse(self, config, data, out):
        """Runs `zhili fuse run` into an empty directory."""
        shutil.rmtree(out, ignore_errors=True)
        command = [self.program, "fuse", "run", config, "--data", data, "--out", out, "--threads", self.cores, "--json",
                   "--quiet"]
        result = measure.run(command, cores=self.cores, log=f"{out}.log")
        told = json.loads(result.pop("output"))
        result.update(pairs=told["candidate_pairs"], links=told["linked_pairs"], entities=told["entities"],
                      records=told["records"], steps=told["steps"], blocking=told["rules"])
        return result

    def evaluate(self, out, truth):
        """`zhili fuse eval`, as far as the tables show it."""
        command = [self.program, "fuse", "eval", out, "--truth", truth, "--threads", self.cores, "--json", "--quiet"]
        told = json.loads(measure.run(command, cores=self.cores, log=f"{out}.log")["output"])
        linked, within = told["pairwise"], told["cluster_pairwise"]
        return {"linked_f1": linked["f1"], "blocking_recall": linked["blocking_recall"], "precision": within["precision"],
                "recall": within["recall"], "f1": within["f1"], "b3": told["b_cubed"]["f1"],
                "true_entities": told["true_entities"]}


class Peer:
    name = "Splink"

    def __init__(self, cores, limit):
        self.cores = cores
        self.limit = limit
        self.version = peer_setup()

    def fuse(self, config, data, out, random_pairs=1e6):
        """Runs peer.py; raises TooLong when it takes longer than the limit."""
        shutil.rmtree(out, ignore_errors=True)
        pathlib.Path(out).mkdir(parents=True)
        command = [PYTHON, HERE / "peer.py", config, "--data", data, "--out", out, "--threads", self.cores,
                   "--random-pairs", f"{random_pairs:.0f}"]
        result = measure.run(command, cores=self.cores, limit=self.limit, log=f"{out}.log")
        result.pop("output")
        told = json.loads((pathlib.Path(out) / "peer.json").read_text())
        result.update(pairs=told["pairs"], links=told["links"], entities=told["entities"], steps=told["seconds"])
        return result
