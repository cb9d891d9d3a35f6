"""``python -m icp.score``: every account with score, tier, profile and reasons, and the files for the CRM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._outcome import Outcome
from icp.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

    from icp.checks import Drift
    from icp.tables import Finding

__all__ = ["ScoreResult", "run"]


@dataclass(frozen=True)
class ScoreResult(Outcome):
    """What a scoring run made.

    Parameters
    ----------
    output : Path
        Folder with ``scores.csv`` (or ``.parquet``), findings and the CRM files.
    file : Path or str
        The scores; with ``engine=spark`` also a folder of Parquet files, or the name of a table in Spark's catalog.
    tiers : mapping of str to int
        Accounts in each tier.
    best : DataFrame
        The ten best, indexed by ``account_id``.
    findings : tuple of Finding
        What reading and scoring found.
    notes : tuple of str, default=()
        What else there is to say, for the summary.
    drift : Drift or None, default=None
        What was scored, compared with what was learned from.
    model_version : str, default=""
        The model, as in ``scores.csv``.
    """

    output: Path
    file: Path | str
    tiers: Mapping[str, int]
    best: pd.DataFrame
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    drift: Drift | None = None
    model_version: str = ""

    @property
    def scores(self) -> pd.DataFrame:
        """All scores, indexed by ``account_id``, read from the file each time they are asked for.

        Scores in a table of Spark's catalog are not read here (``ICP423``).
        """
        from icp.engines import read_scores

        if isinstance(self.file, str):
            message = f"the scores are in the table '{self.file}' of Spark's catalog."
            raise ConfigError.one("ICP423", message, f"Read them there: spark.table('{self.file}').")
        return read_scores(self.file)

    @property
    def counts(self) -> Mapping[str, int]:
        """Accounts scored, and those in each tier."""
        return {"accounts": sum(self.tiers.values()), **self.tiers}

    def summary(self) -> str:
        """The top of the list, and where everything is.

        Returns
        -------
        str
            A few lines for the terminal.
        """
        from icp.reports import findings_text, list_text

        found = findings_text([finding.to_dict() for finding in self.findings])
        return "\n".join([list_text(self.best, self.tiers), *([found] if found else []), *self.notes])


def run(cfg: Any) -> ScoreResult:
    """Read, score, explain, write, deliver.

    Parameters
    ----------
    cfg : config
        From ``icp.load_config("score", overrides)``.

    Returns
    -------
    ScoreResult
        The scores, and where they are.
    """
    from icp.config import resolve
    from icp.tracking import find_bundle

    config = resolve(cfg)
    folder = find_bundle(config.model, config.tracking)  # a model that is not there is said before anything heavy loads

    from icp.bundle import read

    bundle = read(folder)
    if config.engine == "spark":
        from icp._spark_run import serve_in_spark

        done = serve_in_spark(config, bundle)
    else:
        from icp._comparing import read_earlier
        from icp._serving import serve

        done = serve(config, bundle, read_earlier(config))
    made = (done.file, done.tiers, done.best, done.findings, done.notes, done.drift)
    return ScoreResult(Path(config.output), *made, bundle.version)


if __name__ == "__main__":
    from icp._command import main

    main("score")
