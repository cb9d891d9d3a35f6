"""What a model may know of an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._notebook import Box, Boxed

__all__ = ["OTHER_LEVEL", "Trait", "TraitTable"]

OTHER_LEVEL = "other values"
"""Name of the level that rare category values share."""


@dataclass(frozen=True)
class Trait:
    """One thing a model may know of an account.

    Parameters
    ----------
    name : str
        Unique; the source column's own name where there is one.
    kind : {"numeric", "categorical"}
        Categorical traits are codes into ``levels``.
    side : {"fit", "engagement"}
        Who they are, or what they did.
    label : str
        Words for sentences and charts, for example ``"last order"``.
    sources : tuple of str
        Columns of the user's tables it is made from.
    rule : str
        How: ``value`` (the cell), ``age`` (days from a date cell to the as-of date), or a dated rule such as
        ``events:count:90:visit`` (see :mod:`icp.traits`).
    unit : str, default=""
        ``days``, ``%``, a currency, or nothing.
    levels : tuple of str, default=()
        Meaning of the codes 0, 1, ...; the last may be :data:`OTHER_LEVEL`.
    """

    name: str
    kind: Literal["numeric", "categorical"]
    side: Literal["fit", "engagement"]
    label: str
    sources: tuple[str, ...]
    rule: str = "value"
    unit: str = ""
    levels: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        return {**self.__dict__, "sources": list(self.sources), "levels": list(self.levels)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Trait:
        """The trait that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        Trait
            Equal to the one described.

        Raises
        ------
        ValueError
            It has no source, or levels that no trait has.
        """
        made = cls(**{**values, "sources": tuple(values["sources"]), "levels": tuple(values["levels"])})
        if not made.sources or len(set(made.levels)) != len(made.levels) or (made.levels and made.kind == "numeric"):
            raise ValueError("a trait has a source, and each of its levels once")
        return made


@dataclass(frozen=True)
class TraitTable(Boxed):
    """Accounts as numbers: one column per trait.

    Parameters
    ----------
    values : ndarray of float64, shape (n_accounts, n_traits)
        Numeric values, or codes into ``levels``; NaN is "not known".
    traits : tuple of Trait
        One per column.
    account_id : Index of str, shape (n_accounts,)
        Row labels, in input order.
    """

    values: NDArray[np.float64]
    traits: tuple[Trait, ...]
    account_id: pd.Index

    @property
    def categorical(self) -> NDArray[np.bool_]:
        """Which columns are codes, shape (n_traits,)."""
        return np.array([trait.kind == "categorical" for trait in self.traits], dtype=bool)

    @property
    def engagement(self) -> NDArray[np.bool_]:
        """Which columns say what the account did, shape (n_traits,)."""
        return np.array([trait.side == "engagement" for trait in self.traits], dtype=bool)

    def _box(self) -> Box:
        rows = [(trait.label, trait.kind, trait.side, trait.unit, ", ".join(trait.sources)) for trait in self.traits]
        facts = {"accounts": len(self.account_id), "traits": len(self.traits)}
        return Box("Traits", facts, ("trait", "kind", "side", "unit", "from"), rows)

    def rows(self, mask: NDArray[np.bool_]) -> TraitTable:
        """The rows where ``mask`` is true.

        Parameters
        ----------
        mask : ndarray of bool, shape (n_accounts,)
            Rows to keep.

        Returns
        -------
        TraitTable
            With the same traits.
        """
        return TraitTable(self.values[mask], self.traits, self.account_id[mask])

    def frame(self) -> pd.DataFrame:
        """The traits in words: codes replaced by their levels.

        Returns
        -------
        DataFrame, shape (n_accounts, n_traits)
            Indexed by ``account_id``.
        """
        data: dict[str, Any] = {}
        for j, trait in enumerate(self.traits):
            column = self.values[:, j]
            if trait.kind == "categorical":
                known = np.isfinite(column)
                words = np.full(len(column), np.nan, dtype=object)
                words[known] = np.array([*trait.levels], dtype=object)[column[known].astype(int)]
                data[trait.name] = pd.array(words, dtype="str")
            else:
                data[trait.name] = column
        return pd.DataFrame(data, index=self.account_id)
