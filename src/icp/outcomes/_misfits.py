"""Kinds of account that sales rejects, and what follows: findings, and exclusions a person may accept."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom, false_discovery_control, hypergeom

from icp.outcomes._codes import disposition_codes

__all__ = ["judged_accounts", "misfit_needed", "misfits", "of_kind"]

_LEAST = 5
_BINS = 5
_MAX_LEVELS = 60
_TIMES = 1.5
"""How much more often than others a kind must be rejected, to be told."""
_SHADOW = 0.01
"""Chance at which a kind is told beside a clearer one, among accounts that are not of that."""
_MOST = 20_000
_RANGE = re.compile(r"(\S+) to (\S+)")


def judged_accounts(rows: pd.DataFrame) -> pd.Series:
    """Which accounts sales judged, and whether it rejected them as no customers to be.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`icp.outcomes.follow`.

    Returns
    -------
    Series of bool
        Indexed by ``account_id``, judged accounts only; True where rejected, by what was said last.
    """
    candidates = {name for name, code in disposition_codes().items() if code.effect == "candidate"}
    judged = rows[rows["accepted"].notna()].drop_duplicates("account_id", keep="last")
    rejected = judged["code"].isin(candidates) | judged["feedback"].isin(candidates)
    return pd.Series(rejected.to_numpy(dtype=bool), index=pd.Index(judged["account_id"], name="account_id"))


def misfits(rejected: pd.Series, traits: pd.DataFrame, *, fdr: float = 0.05) -> pd.DataFrame:
    """Kinds of account that sales rejects more often than the others.

    For each group of each column, the chance of so many rejections in it were they dealt at random (hypergeometric),
    with the false-discovery rate over all groups of all columns held (Benjamini and Hochberg 1995). Of kinds that share
    accounts, one that is rejected more often only because of a clearer one is left out.

    Parameters
    ----------
    rejected : Series of bool
        Of :func:`judged_accounts`.
    traits : DataFrame
        Indexed by ``account_id``: what is known of the accounts. Numbers are cut into fifths; a column with more than
        60 different texts is left out.
    fdr : float, default=0.05
        False-discovery rate.

    Returns
    -------
    DataFrame, one row per kind, clearest first
        ``column, value, rejected, judged, rate, rest_rate, q, words`` such as
        "rejected by sales: industry is government, 38 of 41".
    """
    known = rejected[rejected.index.astype(object).isin(traits.index.astype(object))]
    facts = traits[~traits.index.duplicated()].reindex(known.index)
    said = known.to_numpy(dtype=bool)
    found: list[dict[str, Any]] = []
    masks: dict[tuple[str, str], np.ndarray] = {}
    for column in facts.columns:
        group = _groups(facts[column])
        for value in group.dropna().unique():
            inside = (group == value).to_numpy(dtype=bool)
            counted = _counted(said, inside)
            if counted is not None:
                found.append({"column": str(column), "value": str(value), **counted})
                masks[str(column), str(value)] = inside
    columns = ["column", "value", "rejected", "judged", "rate", "rest_rate", "q", "words"]
    if not found:
        return pd.DataFrame(columns=columns)
    table = pd.DataFrame(found)
    table["q"] = false_discovery_control(np.clip(table["p"], 1e-300, 1.0))
    table = table[(table["q"] <= fdr) & (table["rate"] >= _TIMES * table["rest_rate"])]
    table = table.sort_values(["p", "rate", "column", "value"], ascending=[True, False, True, True], kind="stable")
    table = table[np.array(_beside_others(table, said, masks), dtype=bool)]
    table["words"] = [
        f"rejected by sales: {row.column} is {row.value}, {row.rejected} of {row.judged}" for row in table.itertuples()
    ]
    return table[columns].reset_index(drop=True)


def _counted(said: np.ndarray, inside: np.ndarray) -> dict[str, Any] | None:
    """Rejections inside and outside of a kind, and the chance of so many inside; None where it is too small, or all."""
    n, total, m, k = len(said), int(said.sum()), int(inside.sum()), int((said & inside).sum())
    if m < _LEAST or m == n:
        return None
    return {"rejected": k, "judged": m, "rate": k / m, "rest_rate": (total - k) / (n - m),
            "p": float(hypergeom.sf(k - 1, n, total, m))}  # fmt: skip


def _beside_others(table: pd.DataFrame, said: np.ndarray, masks: Mapping[tuple[str, str], np.ndarray]) -> list[bool]:
    """Which kinds are rejected more often also where no clearer kind is: the others are its shadow."""
    left = np.ones(len(said), dtype=bool)
    kept = []
    for column, value in zip(table["column"], table["value"], strict=True):
        inside = masks[column, value]
        counted = _counted(said[left], inside[left])
        own = counted is not None and counted["p"] <= _SHADOW and counted["rate"] >= _TIMES * counted["rest_rate"]
        kept.append(own)
        if own:
            left &= ~inside
    return kept


def misfit_needed(rest_rate: float, share: float, n_groups: int, *, rate: float = 0.8, power: float = 0.8) -> int:
    """Judged accounts it takes until a kind that is rejected that often is found.

    Parameters
    ----------
    rest_rate : float
        Rejections of other accounts.
    share : float
        Share of the judged accounts that are of the kind.
    n_groups : int
        Groups that are looked at.
    rate : float, default=0.8
        Rejections of the kind.
    power : float, default=0.8
        How often it is to be found.

    Returns
    -------
    int
        Of all kinds together.

    Examples
    --------
    >>> misfit_needed(0.05, 0.1, 100)
    82
    """
    alpha = 0.05 / max(n_groups, 1)
    n = 10
    while n < _MOST and _found(n, rest_rate, share, alpha, rate) < power:
        n = max(n + 1, int(n * 1.04))
    return n


def _found(n: int, rest_rate: float, share: float, alpha: float, rate: float) -> float:
    """How often the kind is found among so many judged accounts, whatever number of them is of the kind."""
    sizes = np.arange(max(_LEAST, int(binom.ppf(1e-3, n, share))), int(binom.ppf(1 - 1e-3, n, share)) + 1)
    total = 0.0
    for m in sizes[sizes < n]:
        k = np.arange(m + 1)
        p = hypergeom.sf(k - 1, n, k + round(rest_rate * (n - m)), m)
        enough = np.flatnonzero(p <= alpha)
        if len(enough):
            total += float(binom.pmf(m, n, share) * binom.sf(enough[0] - 1, m, rate))
    return total


def _groups(column: pd.Series) -> pd.Series:
    """The groups of one column, as text; missing cells are none."""
    if column.dtype.kind in "fiu" and column.nunique() > _BINS:
        edges = np.unique(np.nanquantile(column.to_numpy(dtype=float), np.linspace(0, 1, _BINS + 1)))
        if len(edges) < 3:
            return column.astype(object).where(column.isna(), "one value")
        names = [f"{low:g} to {high:g}" for low, high in itertools.pairwise(edges)]
        return pd.cut(column, edges, labels=names, include_lowest=True, ordered=False).astype(object)
    if column.dtype.kind == "M":
        return column.dt.year.astype("Int64").astype(object)
    text = column.astype(object)
    if text.nunique() > _MAX_LEVELS:
        return pd.Series(np.nan, index=column.index, dtype=object)
    return text.where(text.notna() & (text != ""), np.nan)


def of_kind(column: pd.Series, value: str) -> pd.Series:
    """Which accounts are of a kind that :func:`misfits` names.

    Parameters
    ----------
    column : Series
        One column of all accounts.
    value : str
        A text, a year of a date, a number, or a range such as "10 to 50" (beyond 10, up to 50; from 10 on where no
        number of the column is smaller).

    Returns
    -------
    Series of bool
        Same index; capitals and blanks around a text do not count.

    Examples
    --------
    >>> of_kind(pd.Series([10, 11, 50, 51]), "10 to 50").tolist()
    [True, True, True, False]
    """
    wanted = value.strip().casefold()
    if column.dtype.kind in "fiu":
        ends = _RANGE.fullmatch(wanted)
        try:
            low, high = (float(end) for end in (ends.groups() if ends else (wanted, wanted)))
        except ValueError:
            return pd.Series(False, index=column.index)
        from_low = column >= low if low == high or not (column < low).any() else column > low
        return from_low & (column <= high)
    if column.dtype.kind == "M":
        return column.dt.year.astype("Int64").astype(object).astype(str) == wanted
    return column.astype(object).where(column.notna(), "").astype(str).str.strip().str.casefold() == wanted
