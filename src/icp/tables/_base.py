"""What an index profile is compared with, where that is not the accounts learned from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from icp._notebook import Box, Boxed
from icp.tables._accounts import AccountTable
from icp.tables._findings import Finding

__all__ = ["BaseTable"]


@dataclass(frozen=True)
class BaseTable(Boxed):
    """A named population to compare best customers with.

    Parameters
    ----------
    name : str
        What it is called in sentences, for example ``"the accounts of market.csv"``.
    accounts : AccountTable
        Its rows; may lack columns of the accounts learned from.
    as_of : Series of datetime64, shape (n_accounts,)
        Date up to which the traits of each row may look; NaT where undated.
    strangers : bool, default=False
        Whether the rows are of another source, whose accounts have no dated history here.
    findings : tuple of Finding, default=()
        What reading it found.
    """

    name: str
    accounts: AccountTable
    as_of: pd.Series
    strangers: bool = False
    findings: tuple[Finding, ...] = ()

    def _box(self) -> Box:
        return Box(f"Base: {self.name}", {"accounts": len(self.accounts), "of": self.accounts.source})
