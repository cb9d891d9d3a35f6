"""Sensitive columns: never a trait once declared, named where they look like it, and who gets selected by group."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from icp._groups import NOT_KNOWN, level_words, make_ranges
from icp._history import DAY
from icp._statistics import wilson
from icp._wording import column_words, percent
from icp.tables import OTHER_LEVEL, AccountTable, Column, Finding, Trait

__all__ = ["MIN_GROUP", "column_groups", "looks_sensitive", "selection"]

Floats = NDArray[np.float64]

MIN_GROUP = 30
FOUR_FIFTHS = 0.8
_MOST_GROUPS = 8
_N_RANGES = 5
_Z = 1.959963984540054
_TOKENS = re.compile(r"[A-Z]+(?![a-z])|[A-ZÄÖÜ]?[a-zäöüß]+|\d+")

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "sex or gender": ("gender", "sex", "salutation", "geschlecht", "anrede", "pronouns"),
    "ethnic origin": ("ethnicity", "ethnic", "race", "skin colour", "skin color", "ethnie"),
    "nationality": (
        "nationality", "citizenship", "foreign worker", "nationalität", "nationalitaet", "staatsangehörigkeit",
        "staatsangehoerigkeit", "staatsbürgerschaft", "migrationshintergrund",
    ),
    "religion": ("religion", "religious", "faith", "konfession", "religionszugehörigkeit"),
    "disability or health": (
        "disability", "disabled", "handicap", "pregnant", "pregnancy", "behinderung", "schwerbehindert", "schwanger",
    ),
    "marital status": ("marital", "married", "familienstand", "verheiratet"),
    "age of a person": (
        "birth", "birthday", "birthdate", "dob", "geburtsdatum", "geburtstag", "geburtsjahr", "age group",
        "altersgruppe",
    ),
    "sexual orientation": ("sexual orientation", "sexuality", "sexuelle orientierung"),
    "political opinion or union": ("political", "trade union", "union member", "gewerkschaft", "partei"),
}  # fmt: skip
"""Words of the usual protected attributes, English and German; matched as whole words of a column's name."""

_AGE = frozenset({"age", "alter"})
_PERSON = frozenset({
    "person", "contact", "owner", "founder", "ceo", "manager", "employee", "applicant",
    "kontakt", "ansprechpartner", "ansprechpartners", "inhaber", "inhabers", "gründer", "years", "in", "jahren", "of",
    "des", "der", "the",
})  # fmt: skip


def looks_sensitive(columns: Sequence[Column]) -> list[Finding]:
    """Columns used as traits whose name is that of a protected attribute of people.

    Nothing is left out on a guess: the same name can be harmless (the age of a machine) or the point of a consumer
    model. Those who know leave it out with ``accounts.sensitive``.

    Parameters
    ----------
    columns : sequence of Column
        Of the accounts table.

    Returns
    -------
    list of Finding
        One note (``ICP313``) that names them all and the override; none when there are none.

    Examples
    --------
    >>> names = ("Marital_Status", "Age of company", "company_age", "age", "Year_Birth", "founded_on", "language")
    >>> found = looks_sensitive([Column(name, "trait", "categorical", "demo") for name in names])
    >>> found[0].evidence["columns"]
    {'Marital_Status': 'marital status', 'age': 'age of a person', 'Year_Birth': 'age of a person'}
    """
    found = {column.name: what for column in columns if column.is_trait for what in [_attribute(column.name)] if what}
    if not found:
        return []
    named = ", ".join(f"'{name}' ({what})" for name, what in found.items())
    listed = ",".join(f'"{name}"' for name in found)
    message = (
        f"by their names these traits may be protected attributes of people: {named}. Where they are, leave them out "
        f"with 'accounts.sensitive=[{listed}]'; the report then shows who gets selected."
    )
    return [Finding("ICP313", "note", message, evidence={"columns": found})]


def _attribute(name: str) -> str:
    """Which attribute a name speaks of; empty for none."""
    tokens = [token.lower() for token in _TOKENS.findall(name)]
    words = f" {' '.join(tokens)} "
    for what, names in ATTRIBUTES.items():
        if any(f" {known} " in words for known in names):
            return what
    rest = set(tokens) - _AGE - _PERSON
    return "age of a person" if _AGE & set(tokens) and not rest else ""


def selection(
    accounts: AccountTable, margin: Floats, tier: NDArray[np.str_], y: Floats, as_of: NDArray[np.datetime64]
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Who gets selected, by group of each sensitive column, on accounts the model had not seen.

    Parameters
    ----------
    accounts : AccountTable
        Accounts that were held out; columns with the role ``sensitive`` are looked at.
    margin : ndarray of float64, shape (n_test,)
        Their margins, in log-odds.
    tier : ndarray of str, shape (n_test,)
        Their tiers.
    y : ndarray of float64, shape (n_test,)
        1 best, 0 not.
    as_of : ndarray of datetime64, shape (n_test,)
        Date of each row, for ages; NaT where undated.

    Returns
    -------
    list of dict
        One per column, for the card: ``column, label, reference, n_pooled, groups``; a group has ``group, n``; for
        ``a`` (tier A) and ``ab`` (A or B) the share selected with Wilson interval and the ratio to the reference group
        (the one selected most often) with interval; ``rate`` with interval and ``mean_propensity``.
    list of Finding
        ``ICP314`` for a group selected less than 0.8 times as often, beyond chance, and whose observed rate is not
        clearly lower too; ``ICP315`` for a column that cannot be compared.
    """
    tables, findings = [], []
    for column in accounts.columns:
        if column.role != "sensitive" or column.name not in accounts.frame.columns:
            continue
        groups, n_small = column_groups(column, accounts.frame[column.name], as_of)
        names = [name for name in dict.fromkeys(groups) if (groups == name).sum() >= MIN_GROUP]
        if len(names) < 2:
            message = (
                f"sensitive column '{column.name}' has fewer than two groups of {MIN_GROUP} held-out accounts: who "
                "gets selected cannot be compared."
            )
            findings.append(Finding("ICP315", "note", message, column=column.name, n_rows=len(y)))
            continue
        rows = [_group_row(name, groups == name, margin, tier, y) for name in names]
        reference = _with_ratios(rows)
        tables.append(
            {"column": column.name, "label": column_words(column.name), "reference": reference["group"],
             "n_pooled": n_small, "groups": rows}
        )  # fmt: skip
        findings += [found for row in rows for found in _unequal(column.name, row, reference)]
    return tables, findings


def column_groups(column: Column, cells: pd.Series, as_of: NDArray[np.datetime64]) -> tuple[NDArray[np.object_], int]:
    """Group of each row in words; levels of too few rows share one, and how many rows that pooled."""
    if column.kind in ("numeric", "date"):
        if column.kind == "date":
            values = (as_of.astype("datetime64[us]") - cells.to_numpy("datetime64[us]")) / np.timedelta64(DAY, "us")
            trait = Trait(column.name, "numeric", "fit", column_words(column.name), (column.name,), "age", "days")
        else:
            values = cells.to_numpy(dtype=np.float64)
            trait = Trait(column.name, "numeric", "fit", column_words(column.name), (column.name,), unit=column.unit)
        known = np.isfinite(values)
        ranges = make_ranges(trait, values[known], _N_RANGES, MIN_GROUP)
        names = np.full(len(values), NOT_KNOWN, dtype=object)
        names[known] = np.array(ranges.names, dtype=object)[np.searchsorted(ranges.edges, values[known], side="right")]
        return names, 0
    words = cells.astype(object).map(lambda cell: NOT_KNOWN if pd.isna(cell) else level_words(str(cell)))
    counts = words[words != NOT_KNOWN].value_counts()
    order = sorted(counts.index, key=lambda word: (-int(counts[word]), str(word)))
    own = {word for word in order[:_MOST_GROUPS] if counts[word] >= MIN_GROUP} | {NOT_KNOWN}
    pooled = ~words.isin(own).to_numpy()
    return np.where(pooled, OTHER_LEVEL, words.to_numpy(dtype=object)), int(pooled.sum())


def _group_row(
    name: str, inside: NDArray[np.bool_], margin: Floats, tier: NDArray[np.str_], y: Floats
) -> dict[str, Any]:
    n, best = int(inside.sum()), int(y[inside].sum())
    row: dict[str, Any] = {"group": name, "n": n}
    for key, letters in (("a", ("A",)), ("ab", ("A", "B"))):
        hits = int(np.isin(tier[inside], letters).sum())
        low, high = (float(end) for end in wilson(hits, n))
        row |= {f"n_{key}": hits, f"share_{key}": hits / n, f"{key}_low": low, f"{key}_high": high}
    low, high = (float(end) for end in wilson(best, n))
    row |= {"best": best, "rate": best / n, "rate_low": low, "rate_high": high}
    return row | {"mean_propensity": float(expit(margin[inside]).mean())}


def _with_ratios(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Add each group's ratio to the group selected most often (tier A or B), which is given back."""
    reference = max(rows, key=lambda row: (row["share_ab"], row["n"]))
    for row in rows:
        for key, hits in (("a", "n_a"), ("ab", "n_ab"), ("rate", "best")):
            names = (f"{key}_ratio", f"{key}_ratio_low", f"{key}_ratio_high")
            row |= dict(zip(names, _ratio(row[hits], row["n"], reference[hits], reference["n"]), strict=True))
    return reference


def _ratio(hits: int, n: int, hits_of: int, n_of: int) -> tuple[float | None, float | None, float | None]:
    """Ratio of two shares with its 95 % interval (log method, half a hit added)."""
    if not hits_of:
        return None, None, None
    a, b = hits + 0.5, hits_of + 0.5
    centre = np.log(a / (n + 0.5)) - np.log(b / (n_of + 0.5))
    half = _Z * np.sqrt(max(0.0, 1 / a - 1 / (n + 0.5) + 1 / b - 1 / (n_of + 0.5)))
    return (hits / n) / (hits_of / n_of), float(np.exp(centre - half)), float(np.exp(centre + half))


def _unequal(column: str, row: dict[str, Any], reference: dict[str, Any]) -> list[Finding]:
    """A finding for a group that is clearly selected less often, unless it clearly holds fewer best customers."""
    for key, what in (("ab", "tier A or B"), ("a", "tier A")):
        ratio, high = row[f"{key}_ratio"], row[f"{key}_ratio_high"]
        if row is reference or ratio is None or ratio >= FOUR_FIFTHS or high >= FOUR_FIFTHS:
            continue
        explained = row["rate_ratio_high"] is not None and row["rate_ratio_high"] < 1.0
        if explained:
            continue
        message = (
            f"accounts with '{column}' {row['group']} are put into {what} {ratio:.2f} times as often as those with "
            f"{reference['group']} ({percent(row[f'share_{key}'])} against {percent(reference[f'share_{key}'])}), and "
            "their rate of best customers is not clearly lower."
        )
        evidence = {
            "group": row["group"], "reference": reference["group"], "ratio": ratio, "high": high, "n": row["n"],
            "rate": row["rate"], "rate_reference": reference["rate"], "rate_ratio_high": row["rate_ratio_high"],
        }  # fmt: skip
        return [Finding("ICP314", "warning", message, column=column, n_rows=row["n"], evidence=evidence)]
    return []
