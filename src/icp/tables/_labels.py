"""Who is best, and what that means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from icp._notebook import Box, Boxed
from icp.tables._findings import Finding

__all__ = ["Definition", "LabelTable"]


@dataclass(frozen=True)
class Definition:
    """What "best customer" meant, in words and in numbers.

    Parameters
    ----------
    recipe : str
        ``flag, customers, won, revenue`` or ``rfm``.
    version : str
        Version of the definition.
    text : str
        One sentence, for example ``"Converted is 1"``.
    parameters : mapping
        The options, as plain JSON values.
    as_of : str
        ISO date the populations are frozen at, or empty.
    window_days : int or None
        Length of the prediction window; None for an undated flag.
    n_eligible, n_attained, n_attrited, n_unlabelled : int
        Accounts that could become best, did, clearly did not, and of which nothing can be said.
    sha256 : str, default=""
        Fingerprint of recipe, options and version; the as-of date has no part in it.
    signoff : mapping, default={}
        ``signed`` by both teams, and the ISO dates of ``marketing`` and ``sales`` or None; no names.
    """

    recipe: str
    version: str
    text: str
    parameters: Mapping[str, Any]
    as_of: str
    window_days: int | None
    n_eligible: int
    n_attained: int
    n_attrited: int
    n_unlabelled: int
    sha256: str = ""
    signoff: Mapping[str, Any] = field(default_factory=dict)

    @property
    def unlabelled_base(self) -> bool:
        """Whether the accounts that are not best are only not known to be."""
        return self.recipe == "customers"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        return {**self.__dict__, "parameters": dict(self.parameters), "signoff": dict(self.signoff)}


@dataclass(frozen=True)
class LabelTable(Boxed):
    """Who is best, who is not, and of whom nothing can be said.

    Parameters
    ----------
    label : Series of float64, shape (n_accounts,)
        1 best, 0 not, NaN unlabelled; same index and order as the accounts. With the recipe ``customers``, 0 is the
        base: unlabelled accounts that known customers are compared with.
    amount : Series of float64, shape (n_accounts,)
        Money a best customer brought; NaN where unknown.
    as_of : Series of datetime64, shape (n_accounts,)
        Date up to which the row's traits may look; NaT where undated.
    definition : Definition
        What the labels mean.
    findings : tuple of Finding, default=()
        What making them found.
    unworked : Series of bool or None, default=None
        Unlabelled because nobody worked them, though they could have become best; None where nothing says who was
        worked.
    eligible : Series of bool or None, default=None
        Could have become best customers; None where nobody looked.
    worked : Series of bool or None, default=None
        Sales worked them: by the column of ``accounts.worked``, else where a dated outcome lies in the window; None
        where nothing says so.
    """

    label: pd.Series
    amount: pd.Series
    as_of: pd.Series
    definition: Definition
    findings: tuple[Finding, ...] = ()
    unworked: pd.Series | None = None
    eligible: pd.Series | None = None
    worked: pd.Series | None = None

    def _box(self) -> Box:
        label = self.label
        facts = {
            "best": int((label == 1).sum()),
            "not best": int((label == 0).sum()),
            "unlabelled": int(label.isna().sum()),
        }
        return Box("Labels", {**facts, "definition": self.definition.text})
