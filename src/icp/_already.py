"""Accounts that are best customers already, by the model's own definition: a list of them helps nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from icp._stored import read_batches
from icp.accounts import RawTable, batch_ids, plain_cells
from icp.bundle import Bundle
from icp.config import RunConfig
from icp.errors import ICPError
from icp.labels import cells_of_best, winning_kinds
from icp.options import AccountOptions, LabelOptions
from icp.tables import DatedTable, Finding

__all__ = ["LEAVE_OFF", "AlreadyBest", "LabelCells", "already_best", "definition_options"]

LEAVE_OFF = "leave_off"
"""What ``rules.customers`` says when they are to be on no list."""


@dataclass(frozen=True)
class AlreadyBest:
    """Who is best already, as far as the tables of a run show it.

    Parameters
    ----------
    ids : Array of string
        Their ids, each once, of this run or not.
    how : str
        By what it is known, such as ``"an outcome Won up to 2026-03-31"``; empty where nothing shows it.
    why_not : str, default=""
        Why nothing shows it.
    """

    ids: pa.Array
    how: str
    why_not: str = ""

    def reasons(self, config: RunConfig) -> dict[str, str]:
        """Why each account is on no list.

        Parameters
        ----------
        config : RunConfig
            Of the run.

        Returns
        -------
        dict of str to str
            Empty where ``rules.customers`` keeps them.
        """
        if config.rules.customers != LEAVE_OFF:
            return {}
        return dict.fromkeys(self.ids.to_pylist(), "already a best customer")

    def findings(self, config: RunConfig, n_best: int, n_rows: int, *, listed: bool) -> tuple[Finding, ...]:
        """What there is to say of them.

        Parameters
        ----------
        config : RunConfig
            Of the run.
        n_best, n_rows : int
            Accounts scored that are best already, and all.
        listed : bool
            Whether the run makes a list, or an entry in the ledger.

        Returns
        -------
        tuple of Finding
            ``ICP766`` where accounts are best already, ``ICP767`` where they are to be left off and nothing shows them.
        """
        off = config.rules.customers == LEAVE_OFF
        if not self.how and off:
            message = f"rules.customers=leave_off leaves nobody off: {self.why_not}."
            return (Finding("ICP767", "warning", message),)
        if not n_best:
            return ()
        message = f"{n_best:,} of {n_rows:,} accounts are best customers already ({self.how})"
        if off:
            message += "; they are left off the lists."
        elif listed:
            message += ", and the lists hold them too; rules.customers=leave_off leaves them off."
        else:
            message += "; rules.customers=leave_off leaves them off a list."
        return (Finding("ICP766", "warning" if listed and not off else "note", message, n_rows=n_best),)


@dataclass(frozen=True)
class LabelCells:
    """The column of the accounts by which the model's definition tells who is best.

    Parameters
    ----------
    different : callable
        Gives its different cells as text, none empty.
    ids_with : callable
        Gives the ids of the accounts that have one of these cells, each once.
    """

    different: Callable[[], list[str]]
    ids_with: Callable[[Sequence[str]], pa.Array]

    @classmethod
    def of(cls, raw: RawTable, account_id: str | None, name: str | None) -> Self | None:
        """The column of a table that this process has read.

        Parameters
        ----------
        raw : RawTable
            The accounts.
        account_id : str or None
            Column with the ids; None counts the rows.
        name : str or None
            The column.

        Returns
        -------
        LabelCells or None
            None where the table has no such column.
        """
        if name is None or name not in raw.table.column_names:
            return None
        options = AccountOptions(account_id=account_id)

        def cells() -> Iterator[tuple[pa.Array, pa.Array]]:
            first = 0
            for batch in read_batches(raw.table, [name, *([account_id] if account_id else [])]):
                yield batch_ids(batch, options, first), plain_cells(batch.column(name))
                first += len(batch)

        def different() -> list[str]:
            return list(dict.fromkeys(cell for _, texts in cells() for cell in texts.unique().to_pylist() if cell))

        def ids_with(wanted: Sequence[str]) -> pa.Array:
            values = pa.array(wanted, pa.string())
            return pa.concat_arrays([ids.filter(pc.is_in(texts, value_set=values)) for ids, texts in cells()]).unique()

        return cls(different, ids_with)


def already_best(
    options: LabelOptions, cells: LabelCells | None, outcomes: DatedTable | None, as_of: np.datetime64
) -> AlreadyBest:
    """Find out who is best already.

    By ``labels=won`` it is who has a winning outcome up to the date of the picture: no such account can win its first
    deal any more. By a column of the accounts it is who has the value there, where the column is in this table too. By
    money a customer can be best again, and nobody is.

    Parameters
    ----------
    options : LabelOptions
        The model's definition, see :func:`definition_options`.
    cells : LabelCells or None
        The label's column; None where the accounts of the run have it not.
    outcomes : DatedTable or None
        Dated outcomes.
    as_of : datetime64[us]
        Date of the picture; NaT takes all outcomes.

    Returns
    -------
    AlreadyBest
        Nobody where the definition cannot be read in these tables.
    """
    if options.recipe == "won" and outcomes is not None and len(outcomes):
        try:
            return _by_outcomes(options, outcomes, as_of)
        except ICPError:  # the kinds that the definition names are not among these outcomes
            pass
    if options.recipe in ("flag", "customers") and cells is not None:
        best = cells_of_best(options, cells.different())
        shown = sorted({cell.strip() for cell in best})
        return AlreadyBest(cells.ids_with(best), f"'{options.column}' is {' or '.join(shown or ['never so'])}")
    return AlreadyBest(pa.array([], pa.string()), "", _why_not(options))


def definition_options(bundle: Bundle) -> LabelOptions:
    """The definition that a model was learned by.

    Parameters
    ----------
    bundle : Bundle
        The model.

    Returns
    -------
    LabelOptions
        As its card has it, the default where it has none.
    """
    definition: dict[str, Any] = bundle.card.get("definition") or {}
    known = LabelOptions.__dataclass_fields__
    return LabelOptions(**{key: value for key, value in (definition.get("parameters") or {}).items() if key in known})


def _by_outcomes(options: LabelOptions, outcomes: DatedTable, as_of: np.datetime64) -> AlreadyBest:
    best, frame = winning_kinds(replace(options, negative=None), outcomes)[0], outcomes.frame
    chosen = frame["kind"].astype(str).str.strip().isin(best) if outcomes.has_kind else np.ones(len(frame), dtype=bool)
    until = ""
    if not np.isnat(as_of):
        last = pd.Timestamp(as_of)
        chosen &= frame["at"] < last.normalize() + pd.Timedelta(days=1)
        until = f" up to {last:%Y-%m-%d}"
    ids = pa.array(frame["account_id"][chosen].astype(str).unique().tolist(), pa.string())
    return AlreadyBest(ids, f"an outcome{' ' if best else ''}{' or '.join(best)}{until}")


def _why_not(options: LabelOptions) -> str:
    if options.recipe == "won":
        return "no outcomes are given that show who won before"
    if options.recipe in ("flag", "customers"):
        return f"the accounts have no column '{options.column}' that says who is best"
    return "by the model's definition a customer can be best again; name those to leave off in rules.exclude"
