"""``python -m icp.score``: every account with score, tier, profile and reasons, and the files for the CRM."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from icp._spark_run import WrittenScores
    from icp.checks import Drift
    from icp.engines import ScoredTable
    from icp.tables import Finding

__all__ = ["ScoreResult", "run"]


@dataclass(frozen=True)
class ScoreResult:
    """What a scoring run made.

    Parameters
    ----------
    output : Path
        Folder with ``scores.csv`` (or ``.parquet``), findings and the CRM files.
    scored : ScoredTable or WrittenScores
        The scores; with ``engine=spark`` where they are.
    findings : tuple of Finding
        What reading and scoring found.
    notes : tuple of str
        What else there is to say, for the summary.
    drift : Drift or None, default=None
        What was scored, compared with what was learned from.
    text : str or None, default=None
        The top of the list, where the scores are not in memory.
    """

    output: Path
    scored: ScoredTable | WrittenScores
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    drift: Drift | None = None
    text: str | None = None

    @property
    def scores(self) -> pd.DataFrame:
        """The scores, indexed by ``account_id``."""
        return self.scored.frame()

    def summary(self) -> str:
        """The top of the list, and where everything is.

        Returns
        -------
        str
            A few lines for the terminal.
        """
        from icp.reports import findings_text, list_text

        found = findings_text([finding.to_dict() for finding in self.findings])
        top = self.text or list_text(self.scores)
        return "\n".join([top, *([found] if found else []), *self.notes])


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

    from icp._comparing import read_earlier, score_changes
    from icp._inputs import as_of_date, read_history, read_raw_accounts
    from icp._serving import write_run
    from icp._watching import watch_run
    from icp.bundle import read
    from icp.delivery import check_keys
    from icp.engines import ID_COLUMN, prepare, score_table

    bundle, earlier = read(folder), read_earlier(config)
    if config.engine == "spark":
        from icp._spark_run import run_in_spark

        made = run_in_spark(config, bundle)
        return ScoreResult(Path(config.output), made.scored, made.findings, made.notes, made.drift, made.text)
    events, outcomes = read_history(config)
    raw = read_raw_accounts(config, events, outcomes)
    table, context, found = prepare(
        raw,
        bundle,
        config.accounts,
        events=events,
        outcomes=outcomes,
        as_of=as_of_date(config),
        verify_all=config.reasons.verify == "all",
    )
    check_keys(table.column(ID_COLUMN).combine_chunks(), config.delivery)
    scored = score_table(table, context)
    watched = watch_run(scored, context, outcomes)
    findings = (*found, *scored.findings, *watched.findings)
    changes = None if earlier is None else score_changes(earlier, config, (table, context), raw, events, outcomes)
    notes = write_run(scored.table, findings, bundle, config, drift=watched.frame(), changes=changes)
    return ScoreResult(Path(config.output), scored, findings, (watched.line(), *notes), watched)


if __name__ == "__main__":
    from icp._command import main

    main("score")
