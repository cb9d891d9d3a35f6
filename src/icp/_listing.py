"""Who of the scored accounts is on the lists that sales gets: hold-out, exclusions, call lists.

Scored rows come in the order of their ids, again and again the same; what is decided of them lies beside them in the
same order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from icp._csv import csv_bytes
from icp._files import to_json
from icp._spill import InOrder
from icp.config import RunConfig
from icp.tables import Finding

if TYPE_CHECKING:
    from icp.lists import HoldoutDesign

__all__ = ["ListPlan", "plan_lists"]

ANALYST = "analyst"
"""Folder for what sales does not see."""

_READ = ("account_id", "status", "propensity", "percentile", "confidence")


@dataclass(frozen=True)
class ListPlan:
    """What becomes of each scored account.

    Parameters
    ----------
    rows : InOrder
        All scored rows.
    columns : Table
        What was decided, one row per scored row, in their order; no columns where nothing was to be decided.
    design : HoldoutDesign or None, default=None
        The hold-out.
    files : mapping of str to bytes, default={}
        To be written, by their path in the output folder.
    notes : tuple of str, default=()
        For the summary.
    findings : tuple of Finding, default=()
        What there is to say of it.
    """

    rows: InOrder
    columns: pa.Table
    design: HoldoutDesign | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def n_left_out(self) -> int:
        """Accounts that the CRM does not get."""
        if "left_out" not in self.columns.column_names:
            return 0
        return int(pc.sum(pc.is_valid(self.columns.column("left_out"))).as_py() or 0)

    def delivered(self) -> Iterator[pa.Table]:
        """The rows that the CRM gets.

        Yields
        ------
        Table
            With the columns of ``scores.csv``, in the order of the ids.
        """
        for part, decided in self._beside():
            if "left_out" in decided.column_names:
                part = part.filter(pc.is_null(decided.column("left_out")))
            yield part

    def entries(self) -> Iterator[pa.Table]:
        """All rows with what was decided of them, for the ledger.

        Yields
        ------
        Table
            The columns of ``scores.csv`` and those of the plan.
        """
        for part, decided in self._beside():
            for name in decided.column_names:
                part = part.append_column(name, decided.column(name))
            yield part

    def run_id(self, run_id: str) -> str:
        """Identity of the list: the same for the same scores and the same decisions.

        Parameters
        ----------
        run_id : str
            Identity of the scores.

        Returns
        -------
        str
            As given where nothing was decided.
        """
        if not self.columns.num_columns:
            return run_id
        digest = hashlib.sha256(run_id.encode())
        digest.update(csv_bytes(self.columns))
        return digest.hexdigest()[:32]

    def write(self, stage: Path) -> None:
        """Write the files of the plan.

        Parameters
        ----------
        stage : Path
            Where.
        """
        for name, content in self.files.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).write_bytes(content)

    def _beside(self) -> Iterator[tuple[pa.Table, pa.Table]]:
        start = 0
        for part in self.rows.parts():
            yield part, self.columns.slice(start, len(part))
            start += len(part)


def plan_lists(config: RunConfig, rows: InOrder) -> ListPlan:
    """Decide who is on the lists.

    Parameters
    ----------
    config : RunConfig
        Of the run.
    rows : InOrder
        All scored rows.

    Returns
    -------
    ListPlan
        Nothing decided where no hold-out is asked for.

    Raises
    ------
    ConfigError
        The ledger, which knows the arms of earlier lists, cannot be used.
    """
    if not config.holdout.share:
        return ListPlan(rows, pa.table({}))
    table = pa.concat_tables([part.select(list(_READ)) for part in rows.parts()])
    return _with_holdout(config, rows, table.to_pandas())


def _with_holdout(config: RunConfig, rows: InOrder, scores: pd.DataFrame) -> ListPlan:
    """Part the accounts into arms; the others, of whom nothing would be learned, are in none."""
    from icp.lists import HELD_OUT, TREATED, assign_arms, design_holdout, score_band

    campaign, share = str(config.campaign), config.holdout.share
    in_trial = ((scores["status"] == "scored") & (scores["confidence"] != "low")).to_numpy(dtype=bool)
    band = score_band(scores["percentile"].fillna(0.0))
    ids = scores["account_id"].to_numpy(dtype=object)
    arms = assign_arms(
        ids[in_trial].tolist(), band[in_trial], campaign=campaign, share=share, fixed=_arms_given(config)
    )
    held = np.zeros(len(scores), dtype=bool)
    held[in_trial] = arms.held
    design = design_holdout(
        scores["propensity"][in_trial], arms.n_held, campaign=campaign, share=share, effect=config.holdout.effect
    )
    arm = _words([(held, HELD_OUT), (in_trial, TREATED)])
    left_out = _words([(held, HELD_OUT), (~in_trial, "low_confidence")])
    columns = pa.table(
        {
            "arm": arm,
            "band": pa.array(band, pa.int64()),
            "left_out": left_out,
        }
    )
    listed = pa.table({"account_id": pa.array(ids, pa.string())} | {name: columns[name] for name in ("arm", "band")})
    files = {
        f"{ANALYST}/holdout.csv": csv_bytes(listed.filter(pc.is_valid(listed["arm"]))),
        f"{ANALYST}/holdout.json": to_json(design.to_dict()).encode(),
    }
    others = int((~in_trial).sum())
    note = f"left out of the list: {arms.n_held:,} held out, {others:,} with low confidence; arms, for analysts only: "
    note += str(Path(config.output) / ANALYST / "holdout.csv")
    return ListPlan(rows, columns, design, files, (design.text(), note), _holdout_findings(design, others, arms.kept))


def _words(cases: list[tuple[NDArray[np.bool_], str]]) -> pa.Array:
    """The word of the first case that holds for each row; null where none does."""
    told = np.full(len(cases[0][0]), None, dtype=object)
    for holds, word in reversed(cases):
        told[holds] = word
    return pa.array(told, pa.string())


def _arms_given(config: RunConfig) -> dict[str, bool]:
    """Arms of the accounts that had a list of this campaign."""
    from icp.outcomes import Ledger

    ledger = Ledger(config.ledger.url)
    try:
        return ledger.arms(str(config.campaign))
    finally:
        ledger.close()


def _holdout_findings(design: HoldoutDesign, n_others: int, n_kept: int) -> tuple[Finding, ...]:
    found: list[Finding] = []

    def add(code: str, severity: Any, message: str, n_rows: int | None = None) -> None:
        found.append(Finding(code, severity, message, n_rows=n_rows))

    if design.smallest_difference is None or design.smallest_difference > design.expected_rate:
        seen = "no difference at all" if design.smallest_difference is None else "only a list that doubles the rate"
        n = design.n_held_out + design.n_treated
        message = f"this hold-out ({design.n_held_out:,} of {n:,} accounts held out) shows {seen}."
        add("ICP711", "warning", f"{message} Hold more out, or take a campaign with more accounts.")
    if design.n_held_out and not n_others:
        add(
            "ICP712",
            "warning",
            "every account left out of the list is held out, so a missing account gives its arm away. Leave others out "
            "too, such as customers and open opportunities.",
            design.n_held_out,
        )
    if n_kept:
        add("ICP713", "note", f"{n_kept:,} accounts keep the arm they had in an earlier list of this campaign.", n_kept)
    return tuple(found)
