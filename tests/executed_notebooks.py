"""Each notebook executed once for all workers: its own test looks at it, and so does whoever needs what it made."""

from __future__ import annotations

import os
import resource
import runpy
from pathlib import Path

import nbformat
import pytest

from trained_models import shared

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
notebook_of = runpy.run_path(str(ROOT / "docs" / "generate.py"))["notebook"]
EXECUTED = runpy.run_path(str(ROOT / "docs" / "conf.py"))["EXECUTED"]
"""Where the site looks for what each put out."""
SECONDS = "processor_seconds.txt"
"""Beside what the notebook made: how long it took."""


def processor_seconds() -> float:
    """Time that finished child processes have used: says the same on a busy machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def executed(factory: pytest.TempPathFactory, script: Path) -> Path:
    """The folder in which the notebook of a script ran from top to bottom; what it put out is where the site looks."""

    def make(folder: Path) -> None:
        from nbclient import NotebookClient

        notebook = notebook_of(script)
        client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder)}})
        before = processor_seconds()
        client.execute(env={**os.environ, "OMP_NUM_THREADS": "1"})
        (folder / SECONDS).write_text(str(processor_seconds() - before))
        EXECUTED.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, EXECUTED / f"{script.stem}.ipynb")

    return shared(factory, f"notebook-{script.stem}", make)
