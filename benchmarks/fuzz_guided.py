"""Let coverage guide what is changed: a loader is handed what reached new code before, changed again.

Usage: python -m benchmarks.fuzz_guided {accounts,list,model,messages} [--seconds 60] [--model FOLDER]

Needs atheris (``pip install atheris``). Prints what libFuzzer prints; ends with another code than 0 when a case raises
what is no ICPError. ``--model`` is a folder for the small model, made there when it is empty, so that it is made once.
"""

from __future__ import annotations

import argparse
import logging
import pickle
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

LOADERS = ("accounts", "list", "model", "messages")


def main() -> None:
    """Run one loader until time is up."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz_guided", description=__doc__.splitlines()[0])
    parser.add_argument("loader", choices=(*LOADERS, "make"))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--model", type=Path)
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    if chosen.loader == "make":
        from benchmarks.fuzz._trying import small_model

        with tempfile.TemporaryDirectory() as folder:
            (chosen.model / "made.pickle").write_bytes(pickle.dumps(small_model(Path(folder))))
        return
    with tempfile.TemporaryDirectory(prefix="icp-guided-") as name:
        folder = Path(name)
        made = (chosen.model or folder) / "made.pickle"
        if not made.is_file():  # in a process of its own: training with every line counted would take minutes
            command = [sys.executable, "-m", "benchmarks.fuzz_guided", "make", "--model", str(made.parent)]
            subprocess.run(command, check=True)
        _run(chosen.loader, folder, made, chosen.seconds)


def _run(loader: str, folder: Path, made: Path, seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=["icp"]):
        from benchmarks.fuzz import _readers
        from benchmarks.fuzz._place import Place
        from icp.errors import ICPError
    model, _, sent = pickle.loads(made.read_bytes())
    readers = _readers.Readers(Place(folder), model, sent)
    seeds = readers.seeds(loader)
    corpus = folder / "corpus"
    corpus.mkdir()
    for i, seed in enumerate(seeds):
        (corpus / str(i)).write_bytes(seed)
        readers.load(loader, seed)  # a seed that is refused would try nothing

    load: Callable[[str, bytes], None] = readers.load

    def one(data: bytes) -> None:
        try:
            load(loader, data)
        except ICPError:
            return

    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-timeout=60", "-max_len=200000", str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
