"""Who of the scored accounts is on the lists that sales gets: hold-out, exclusions, call lists.

Scored rows come in the order of their ids, again and again the same; what is decided of them lies beside them in the
same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from icp._already import LEAVE_OFF
from icp._csv import csv_bytes
from icp._files import to_json
from icp._listed import NOT_IN_CRM, Listed
from icp._spill import InOrder
from icp.config import RunConfig
from icp.tables import Finding

if TYPE_CHECKING:
    from icp._calling import CallBook
    from icp._rules import ListTables
    from icp.lists import HoldoutDesign
    from icp.outcomes import Ledger

__all__ = ["HOLDOUT", "LEFT_OFF", "choose_listed", "wants_plan"]

ANALYST, LISTS = "analyst", "lists"
"""Folders for what sales does not see, and for what it reads."""

HOLDOUT, LEFT_OFF = f"{ANALYST}/holdout.csv", f"{LISTS}/left_off.csv"
"""The arms, and who is off the list for another reason."""

Cases = Sequence[tuple[NDArray[np.bool_], "str | Sequence[str | None]"]]
_READ = ("account_id", "status", "propensity", "percentile", "confidence")


def choose_listed(
    config: RunConfig,
    rows: InOrder,
    unknown: NDArray[np.bool_] | None = None,
    run_id: str = "",
    calibration: Sequence[Mapping[str, Any]] = (),
    already: Mapping[str, str] | None = None,
) -> Listed:
    """Decide who is on the lists.

    Parameters
    ----------
    config : RunConfig
        Of the run.
    rows : InOrder
        All scored rows.
    unknown : ndarray of bool, shape (n_rows,), default=None
        Rows, in order, that are not in the CRM: in no arm, on no list.
    run_id : str, default=""
        Identity of the scores.
    calibration : sequence of mapping, default=()
        Stated and observed rates of the model, for what a call list promises.
    already : mapping of str to str, default=None
        Why accounts that no file names are on no list, from :meth:`icp._already.AlreadyBest.reasons`; those that
        ``rules.include`` names stay.

    Returns
    -------
    Listed
        Nothing decided where no rules, no call list and no hold-out are asked for.

    Raises
    ------
    TableError
        A table of sales operations cannot be used (``ICP731`` to ``ICP735``).
    ConfigError
        The ledger, which knows the arms of earlier lists, cannot be used.
    """
    from icp._rules import read_list_tables

    if unknown is not None and not unknown.any():
        unknown = None
    if not wants_plan(config):
        columns = {} if unknown is None else {"left_out": _words(len(unknown), [(unknown, NOT_IN_CRM)])}
        found = _said(config, read_list_tables(config)) if config.call_list.actions else ()
        return Listed(rows, pa.table(columns), findings=found)
    tables = read_list_tables(config)
    more = {name: reason for name, reason in (already or {}).items() if name not in tables.included}
    tables = replace(tables, excluded={**more, **tables.excluded})
    read = list(_READ) if not config.call_list.reps else None
    scores = pa.concat_tables([part.select(read) if read else part for part in rows.parts()]).to_pandas()
    return _Decision(config, tables, scores, unknown, calibration).plan(rows, run_id)


def wants_plan(config: RunConfig) -> bool:
    """Whether anything is to be decided.

    Parameters
    ----------
    config : RunConfig
        Of the run.

    Returns
    -------
    bool
        False where everyone is delivered.
    """
    rules = config.rules
    by_rules = rules.exclude or rules.include or rules.customers == LEAVE_OFF
    return bool(config.holdout.share or config.call_list.reps or by_rules)


def _said(config: RunConfig, tables: ListTables) -> tuple[Finding, ...]:
    """What there is to say of the tables before any account is looked at."""
    from icp._list_findings import crm_action_findings

    in_crm = tables.actions if config.delivery.target != "none" else {}
    return (*tables.reworded, *crm_action_findings(in_crm))


class _Decision:
    """One run's decisions, step by step: rules, arms, slots."""

    def __init__(
        self,
        config: RunConfig,
        tables: ListTables,
        scores: pd.DataFrame,
        unknown: NDArray[np.bool_] | None,
        calibration: Sequence[Mapping[str, Any]],
    ) -> None:
        from icp._calling import CallBook
        from icp._list_findings import twice_ruled, unknown_ids

        self.config, self.tables, self.scores = config, tables, scores
        self.ids: list[str] = scores["account_id"].tolist()
        self.unknown = np.zeros(len(scores), dtype=bool) if unknown is None else unknown
        self.excluded = np.array([name in tables.excluded for name in self.ids], dtype=bool)
        self.included = np.array([name in tables.included for name in self.ids], dtype=bool) & ~self.excluded
        self.low = ~((scores["status"] == "scored") & (scores["confidence"] != "low")).to_numpy(dtype=bool)
        self.calls = CallBook(config, tables, scores, calibration) if config.call_list.reps else None
        self.held = np.zeros(len(scores), dtype=bool)
        self.columns: dict[str, pa.Array] = {}
        self.files: dict[str, bytes] = {}
        self.notes: list[str] = []
        self.findings: list[Finding] = [*_said(config, tables), *unknown_ids(tables, self.ids), *twice_ruled(tables)]
        self.findings += self.calls.findings if self.calls is not None else ()
        self.design: HoldoutDesign | None = None

    def plan(self, rows: InOrder, run_id: str) -> Listed:
        """All decisions."""
        from icp._list_findings import little_known

        if self.config.holdout.share:
            self._hold_out()
        reasons = [f"excluded: {self.tables.excluded.get(name)}"[:255] for name in self.ids]
        cases: Cases = [(self.unknown, NOT_IN_CRM), (self.excluded, reasons), (self.held, "held_out")]
        if self.config.holdout.share:
            cases = [*cases, (self.low & ~self.included, "low_confidence")]
        self.columns["left_out"] = _words(len(self.ids), cases)
        if self.calls is not None:
            self._call(self.calls)
        self.findings += little_known(self.low, self.included, self.calls is not None or self.design is not None)
        self._rules()
        if self.config.holdout.share:
            self._kept(Listed(rows, pa.table(self.columns)).run_id(run_id))
        return Listed(rows, pa.table(self.columns), self.design, self.files, tuple(self.notes), tuple(self.findings))

    def _hold_out(self) -> None:
        """Part the accounts into arms; the others, of whom nothing would be learned, are in none."""
        from icp._list_findings import holdout_findings
        from icp.lists import HELD_OUT, TREATED, assign_arms, design_holdout, score_band

        campaign, share = str(self.config.campaign), self.config.holdout.share
        with _ledger(self.config) as ledger:
            fixed, drawn = ledger.arms(campaign), ledger.drawn(campaign)
        in_trial = ~(self.low | self.excluded | self.included | self.unknown)
        if self.calls is not None:
            known = np.array([name in drawn for name in self.ids], dtype=bool)
            in_trial &= self.calls.in_reach(in_trial, self.included & ~self.unknown, share) | known
        band = score_band(self.scores["percentile"].fillna(0.0))
        ids = [name for name, one in zip(self.ids, in_trial, strict=True) if one]
        arms = assign_arms(ids, band[in_trial], campaign=campaign, share=share, fixed=fixed)
        self.held[in_trial] = arms.held
        propensity, effect = self.scores["propensity"][in_trial], self.config.holdout.effect
        design = design_holdout(propensity, arms.n_held, campaign=campaign, share=share, effect=effect)
        arm = _words(len(self.ids), [(self.held, HELD_OUT), (in_trial, TREATED)])
        self.design, self.columns = design, {"arm": arm, "band": pa.array(band, pa.int64())}
        listed = pa.table({"account_id": pa.array(self.ids, pa.string()), **self.columns})
        self.files |= {
            HOLDOUT: csv_bytes(listed.filter(pc.is_valid(arm))),
            f"{ANALYST}/holdout.json": to_json(design.to_dict()).encode(),
        }
        low, excluded = int((self.low & ~self.excluded & ~self.included).sum()), int(self.excluded.sum())
        self.notes += [
            design.text(),
            f"left out of the list: {arms.n_held:,} held out, {low:,} with low confidence, {excluded:,} excluded",
            f"arms, for analysts only: {Path(self.config.output) / ANALYST / 'holdout.csv'}",
        ]
        n_before = sum(name in fixed and name not in drawn for name in ids)
        self.findings += holdout_findings(design, low + excluded, n_before)

    def _in_arm(self) -> NDArray[np.bool_]:
        return np.asarray(self.columns["arm"].is_valid().to_numpy(zero_copy_only=False), dtype=bool)

    def _kept(self, run_id: str) -> None:
        """Say how many arms are those of earlier lists; the same list, made again, says the same again."""
        with _ledger(self.config) as ledger:
            drawn = ledger.drawn(str(self.config.campaign), but=run_id)
        kept = sum(name in drawn for name, one in zip(self.ids, self._in_arm(), strict=True) if one)
        if kept:
            message = f"{kept:,} accounts keep the arm they had in another list of this campaign."
            self.findings.append(Finding("ICP723", "note", message, n_rows=kept))

    def _call(self, calls: CallBook) -> None:
        """Fill the slots with those who may be called."""
        from icp._list_findings import action_findings, unworked

        may = ~(self.unknown | self.excluded | self.held | (self.low & ~self.included))
        plan = calls.plan(may, self.included)
        told = calls.columns(plan)
        self.columns |= told
        self.files |= {f"{LISTS}/{name}": content for name, content in calls.files(plan, told).items()}
        self.notes += [*calls.notes(plan), f"call list: {Path(self.config.output) / LISTS / 'call_list.csv'}"]
        tiers = self.scores["tier"]
        self.findings += action_findings(self.tables, tiers.unique().tolist(), tiers.iloc[plan.rows].tolist())
        nobody = int((calls.nobody & may).sum())
        if nobody:
            self.findings.append(unworked([calls.territory[i] for i in np.flatnonzero(calls.nobody & may)]))
        on_list = np.zeros(len(self.ids), dtype=bool)
        on_list[plan.rows] = True
        missed = int((self.included & ~on_list).sum())
        late = 0 if "arm" not in self.columns else int((self._in_arm() & ~self.held & ~on_list).sum())
        if late:
            self.notes.append(f"{late:,} treated accounts find no free slot this time")
        if missed:
            self.findings.append(self._without_slot(np.flatnonzero(self.included & ~on_list).tolist(), calls))

    def _without_slot(self, rows: Sequence[int], calls: CallBook) -> Finding:
        """Accounts that a person put on the list and that are not on it."""
        from icp._list_findings import without_slot

        def why(row: int) -> str:
            if self.unknown[row]:
                return "not in the CRM"
            return f"nobody works in '{calls.territory[row]}'" if calls.nobody[row] else "no free slot"

        return without_slot([(self.ids[row], why(row)) for row in rows])

    def _rules(self) -> None:
        """Who is left off, and why, and what that was worth; the arm is not among the reasons."""
        from icp._calling import rule_file

        calls, none = self.calls, np.zeros(len(self.ids), dtype=bool)
        nobody = none if calls is None else calls.nobody
        low = self.low & ~self.included & bool(self.calls is not None or self.config.holdout.share)
        reasons = _words(
            len(self.ids),
            [
                (self.excluded, [self.tables.excluded.get(name) for name in self.ids]),
                (nobody & ~low, "" if calls is None else calls.territory),
            ],
        )
        why = _words(len(self.ids), [(self.excluded, "excluded"), (low, "low_confidence"), (nobody, "no_rep")])
        off = {"account_id": pa.array(self.ids, pa.string()), "why": why, "reason": reasons}
        self.files[LEFT_OFF] = csv_bytes(pa.table(off).filter(pc.is_valid(why)))
        if self.excluded.any() and not self.config.holdout.share:  # which says it already
            file = Path(self.config.output) / LEFT_OFF
            self.notes.append(
                f"left off the lists: {int(self.excluded.sum()):,} excluded; each with its reason: {file}"
            )
        if self.config.rules.exclude or self.config.rules.include:
            self.files[f"{LISTS}/rules.csv"] = rule_file(self.tables, self.scores)


def _words(n: int, cases: Cases) -> pa.Array:
    """The word of the first case that holds for each row; null where none does."""
    told = np.full(n, None, dtype=object)
    for holds, words in reversed(cases):
        told[holds] = words if isinstance(words, str) else np.array(words, dtype=object)[holds]
    return pa.array(told, pa.string())


def _ledger(config: RunConfig) -> closing[Ledger]:
    """What is known of earlier lists, to be closed after use."""
    from icp.outcomes import Ledger

    return closing(Ledger(config.ledger.url))
