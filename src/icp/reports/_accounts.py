"""The best accounts of a scored list, to be sorted and filtered on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from icp.reports import _format
from icp.reports._bars import Bar, bar_chart
from icp.reports._figure import Figure
from icp.reports._templates import environment

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AccountList"]

_TEXTS = ("reason_1", "reason_2", "reason_3", "watch_out", "talking_point", "profile", "profile_id", "confidence")


@dataclass(frozen=True)
class AccountList:
    """The best accounts of a list, for a page or a notebook; it names accounts, so it is never registered.

    Parameters
    ----------
    best : DataFrame, shape (n_accounts, n_columns)
        As scored, indexed by ``account_id``, best first.
    tiers : mapping of str to int
        Accounts of the whole list in each tier.
    model_version : str, default=""
        Version whose page it stands on; said where another one scored the list.
    n_left_out : int or None, default=0
        Scored accounts that sales does not get and that are therefore not listed; None where nobody knows which.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"tier": "A", "percentile": 99.0, "propensity": 0.5, "model_version": "leads-1"}
    >>> listed = AccountList(pd.DataFrame([row], index=pd.Index(["A-7"], name="account_id")), {"A": 1, "B": 2})
    >>> listed.frame()[["account_id", "tier"]].to_dict("records")
    [{'account_id': 'A-7', 'tier': 'A'}]
    """

    best: pd.DataFrame
    tiers: Mapping[str, int]
    model_version: str = ""
    n_left_out: int | None = 0

    def frame(self) -> pd.DataFrame:
        """The accounts listed.

        Returns
        -------
        DataFrame
            One row each, best first, ``account_id`` as a column.
        """
        return self.best.reset_index()

    def plot(self) -> Figure:
        """How many accounts of the whole list are in each tier.

        Returns
        -------
        Figure
            Horizontal bars.
        """
        total = sum(self.tiers.values())
        rows = tuple((_format.clean(tier), n, n / total if total else None) for tier, n in self.tiers.items())
        shown = tuple((str(tier), _format.count(n), _format.percent(share)) for tier, n, share in rows)
        bars = [
            Bar(f"Tier {tier}", float(n), _format.percent(share), _format.count(n), colour="quiet" if i else "accent")
            for i, (tier, n, share) in enumerate(rows)
        ]
        label = "Accounts of the list in each tier, and their share of all."
        return Figure(
            "list_tiers", "Accounts in each tier", label, ("tier", "n", "share"), rows, shown, bar_chart(label, bars)
        )

    @property
    def scored_by(self) -> str:
        """Version that scored the best account."""
        return str(self.best["model_version"].iloc[0]) if len(self.best) and "model_version" in self.best else ""

    def sentence(self) -> str:
        """What is listed, for a terminal.

        Returns
        -------
        str
            Says so where another version scored the list.
        """
        said = f"listed: the best {len(self.best):,} of {sum(self.tiers.values()):,} accounts"
        other = f", scored by {self.scored_by}, not by this version" if self._other() else ""
        left = self._left()
        rest = f"; {left}" if left else ""
        return f"{_format.clean(said + other)}{rest}; the page names them: share it as you would share the list"

    def _left(self) -> str:
        if self.n_left_out is None:
            return "accounts may be named that sales does not get (held out, excluded)"
        return f"{self.n_left_out:,} accounts that sales does not get are left out" if self.n_left_out else ""

    def _other(self) -> bool:
        return bool(self.model_version and self.scored_by and self.scored_by != self.model_version)

    def section(self) -> str:
        """The list as a section of a page.

        Returns
        -------
        str
            One ``<section id="accounts">``, every text escaped; styles and script are those of the report.
        """
        rows = [
            _row(account, cells) for account, cells in zip(self.best.index, self.best.to_dict("records"), strict=True)
        ]
        first = rows[0]["cells"] if rows else {}
        return environment().get_template("accounts.html.j2").render(
            rows=rows,
            n=sum(self.tiers.values()),
            figure_of_tiers=self.plot(),
            tiers=sorted({row["cells"]["tier"] for row in rows}),
            profiles=sorted({row["cells"]["profile"] for row in rows} - {""}),
            has_value=any(row["cells"].get("expected_value") is not None for row in rows),
            as_of=str(first.get("as_of") or ""),
            scored_by=_format.clean(self.scored_by),
            other=self._other(),
            left=self._left(),
        )  # fmt: skip

    def _repr_html_(self) -> str:
        return self.section()


def _row(account: Any, cells: Mapping[Any, Any]) -> dict[str, Any]:
    """One account as plain, clean values; nothing stands for a cell that is not there."""
    found = {str(key): None if value != value else value for key, value in cells.items()}
    found |= {key: str(found.get(key) or "") for key in (*_TEXTS, "tier")}
    found["tier"] = found["tier"] or _format.UNKNOWN
    return {"account_id": _format.clean(str(account)), "cells": _format.clean(found)}
