"""What a model does once it is learned: score, explain, save; the same for one that was loaded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from icp._days import as_day
from icp._notebook import Box, Boxed
from icp.bundle import Bundle, read
from icp.engines import explain_frame, score_frame, score_record
from icp.errors import TableError
from icp.messages import Briefs
from icp.profiles import IndexProfile, ProfileSet
from icp.scoring import ScoreModel
from icp.tables import AccountTable, DatedTable, Finding

if TYPE_CHECKING:
    from icp.reports import Report

__all__ = ["ServedModel"]


class ServedModel(Boxed):
    """A model as its bundle has it."""

    bundle_: Bundle
    profiles_: ProfileSet
    index_: IndexProfile
    briefs_: Briefs
    metrics_: dict[str, Any]
    findings_: tuple[Finding, ...]

    def __init__(self, name: str = "icp") -> None:
        self.name = name

    def score_accounts(
        self,
        accounts: pd.DataFrame | AccountTable,
        *,
        events: DatedTable | None = None,
        outcomes: DatedTable | None = None,
        as_of: str | None = None,
    ) -> pd.DataFrame:
        """Score, tier, profile and reasons of each account.

        Parameters
        ----------
        accounts : DataFrame or AccountTable
            With the columns the model reads; the index of a DataFrame is the account id.
        events, outcomes : DatedTable, default=None
            Dated history, needed when the model has traits from it.
        as_of : str, default=None
            ISO date of the picture; default that of an AccountTable, else the latest the model or the data know.

        Returns
        -------
        DataFrame, shape (n_accounts, n_columns)
            The columns of ``scores.csv``, indexed by ``account_id``, in input order.
        """
        frame, picture = _picture(accounts, as_of)
        return score_frame(self.bundle_, frame, events=events, outcomes=outcomes, as_of=picture)

    def score_account(
        self,
        account: Mapping[str, Any],
        account_id: str | int = "1",
        *,
        events: DatedTable | None = None,
        outcomes: DatedTable | None = None,
        as_of: str | None = None,
    ) -> dict[str, Any]:
        """Score, tier, profile and reasons of one account, in a few milliseconds: for a service.

        Parameters
        ----------
        account : mapping of str to cell
            The columns the model reads: text as in the CSV, or typed; None is "not known". Other keys are left out.
        account_id : str or int, default="1"
            Its id; rows of events and outcomes are found by it.
        events, outcomes : DatedTable, default=None
            As for :meth:`score_accounts`.
        as_of : str, default=None
            As for :meth:`score_accounts`.

        Returns
        -------
        dict
            The row of ``scores.csv`` with ``account_id``; None for empty cells. What :meth:`score_accounts` gives for
            a table of this one row.

        Raises
        ------
        TableError
            Columns the model reads are missing (``ICP102``), or what is given is no account (``ICP130``).
        ConfigError
            ``as_of`` is no date (``ICP003``).
        """
        return score_record(self.bundle_, account, account_id, events=events, outcomes=outcomes, as_of=as_day(as_of))

    def explain_accounts(
        self,
        accounts: pd.DataFrame | AccountTable,
        *,
        events: DatedTable | None = None,
        outcomes: DatedTable | None = None,
        as_of: str | None = None,
    ) -> pd.DataFrame:
        """What each trait adds to each account's score, in log-odds.

        Parameters
        ----------
        accounts : DataFrame or AccountTable
            As for :meth:`score_accounts`.
        events, outcomes : DatedTable, default=None
            As for :meth:`score_accounts`.
        as_of : str, default=None
            As for :meth:`score_accounts`.

        Returns
        -------
        DataFrame, shape (n_accounts, n_traits + 2)
            ``base``, one column per trait, and ``margin``; base and traits add up to the margin.
        """
        frame, picture = _picture(accounts, as_of)
        return explain_frame(self.bundle_, frame, events=events, outcomes=outcomes, as_of=picture)

    def _box(self) -> Box:
        bundle = getattr(self, "bundle_", None)
        return Box(f"{self.name}: not fitted") if bundle is None else bundle._box()

    @property
    def report_(self) -> Report:
        """What the report shows, part by part, each with ``.frame()`` and ``.plot()``; of a loaded model too."""
        from icp.reports import Report

        return Report.of(self.bundle_.card)

    def save(self, folder: str | Path) -> Path:
        """Write the model as a folder of data.

        Parameters
        ----------
        folder : str or Path
            Made if it is not there.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        BundleError
            The classifier is your own and cannot give itself as data (``ICP515``).
        """
        return self.bundle_.write(folder)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """A saved model, ready to score.

        Parameters
        ----------
        folder : str or Path
            As written by :meth:`save`.

        Returns
        -------
        IdealCustomerModel
            With ``bundle_``, ``metrics_``, ``profiles_``, and ``index_`` and ``briefs_`` where the model has them.
        """
        bundle = read(folder)
        if isinstance(bundle.score, ScoreModel):
            bundle.score.prepare()
        model = cls(bundle.name)
        model.bundle_, model.profiles_ = bundle, bundle.profiles
        if bundle.index is not None:
            model.index_, model.briefs_ = bundle.index, Briefs(tuple(bundle.card.get("briefs", ())))
        model.metrics_ = dict(bundle.card["metrics"])
        model.findings_ = tuple(Finding(**finding) for finding in bundle.card["findings"])
        return model


def _picture(accounts: pd.DataFrame | AccountTable, as_of: str | None) -> tuple[pd.DataFrame, pd.Timestamp | None]:
    """Cells and date of what is to be scored."""
    own = accounts.as_of if isinstance(accounts, AccountTable) else None
    frame = accounts.frame if isinstance(accounts, AccountTable) else accounts
    if not isinstance(frame, pd.DataFrame):
        message = f"what was given as accounts is of type {type(frame).__name__}, not a DataFrame."
        raise TableError.one("ICP131", message, "One row of a table stays a table in frame.loc[[account_id]].")
    return frame, own if as_of is None else as_day(as_of)
