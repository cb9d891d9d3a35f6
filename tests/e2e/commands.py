"""How a command ended, and what it left behind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str
    folder: Path

    def scores(self, output: str = "out/score") -> pd.DataFrame:
        return pd.read_csv(self.folder / output / "scores.csv", dtype=str, keep_default_na=False)

    def refused(self, *says: str) -> None:
        """Exit code 2 and one block that says so, without a word of other software."""
        assert self.code == 2, (self.code, self.err)
        lines = self.err.splitlines()
        start = next((i for i, line in enumerate(lines) if re.match(r"\w+Error: ", line)), None)
        assert start is not None, self.err
        assert all(line.startswith("  ICP") for line in lines[start + 1 :]), self.err
        assert re.search(r"\bICP\d{3}  ", "\n".join(lines[start:])), self.err
        for text in says:
            assert text in self.err, self.err


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with its bytes."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}
