"""What the CRM holds, beside what it was sent."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from icp.delivery._check import read_list
from icp.delivery._verify import as_written
from icp.errors import DeliveryError, did_you_mean

__all__ = ["DIFFERENCES", "Reconciled", "difference_words", "reconcile"]

DIFFERENCES = {
    "missing": "accounts of the list are not in the read-back",
    "extra": "records carry this list and are not of it",
    "doubled": "keys stand in more than one record",
    "case-merged": "keys came back with other capitals: two accounts may have become one",
    "nameless": "records have no name or no key: an update made them",
    "stale": "accounts hold an earlier list",
    "zeroed": "numbers became 0, or 0 where nothing was sent",
    "cut": "texts were cut",
    "changed": "cells have another value",
}
"""What may be wrong with a read-back, the gravest first."""

_ONE = {
    "missing": "account of the list is not in the read-back",
    "extra": "record carries this list and is not of it",
    "doubled": "key stands in more than one record",
    "case-merged": "key came back with other capitals: two accounts may have become one",
    "nameless": "record has no name or no key: an update made it",
    "stale": "account holds an earlier list",
    "zeroed": "number became 0, or 0 where nothing was sent",
    "cut": "text was cut",
    "changed": "cell has another value",
}

_NAMES = ("name", "account name", "company name", "accountname", "company")
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y")
_COMMA = r"[-+]?(\d+|\d{1,3}([.\s'\u2019]\d{3})+)(,\d+)?"
_GROUPS = r"[-+]?\d{1,3}(,\d{3})*|[-+]?\d+"
_UNDONE = ("missing", "stale")
COLUMNS = ("difference", "account_key", "column", "sent", "found")


def difference_words(name: str, n: int) -> str:
    """A difference in words, after how often it was found.

    Parameters
    ----------
    name : str
        One of :data:`DIFFERENCES`.
    n : int
        How often.

    Returns
    -------
    str
        Such as ``"texts were cut"``, or ``"text was cut"`` for one.
    """
    return (_ONE if n == 1 else DIFFERENCES)[name]


@dataclass(frozen=True)
class Reconciled:
    """What differs.

    Parameters
    ----------
    differences : DataFrame, shape (n_differences, 5)
        ``difference, account_key, column, sent, found``, the gravest first.
    n_sent, n_found, n_equal : int
        Accounts sent, those of them that were found, and those found without a difference.
    columns : tuple of str
        Columns compared; those that the read-back lacks are not.
    lacking : tuple of str
        Columns of the list that the read-back lacks.
    escaped : tuple of str, default=()
        Columns whose texts came back with HTML marks (``&amp;`` for ``&``), and are else as they were sent.
    stopped : str, default=""
        The last account that has this list, where all that come after it in the files lack it: the load stopped there.
    """

    differences: pd.DataFrame
    n_sent: int
    n_found: int
    n_equal: int
    columns: tuple[str, ...]
    lacking: tuple[str, ...]
    escaped: tuple[str, ...] = ()
    stopped: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """How many of each difference there are."""
        counted = self.differences["difference"].value_counts()
        return {name: int(counted[name]) for name in DIFFERENCES if name in counted}


def reconcile(
    folder: Path, readback: pa.Table, *, key_column: str | None = None, name_column: str | None = None
) -> Reconciled:
    """Compare what a CRM exports with a list it was sent.

    Numbers are compared as numbers, with a decimal comma where the whole column has one; dates as dates in any of the
    usual orders; texts after HTML marks are undone, which some CRMs export. An empty cell equals what the list writes
    for one, but for the word that it sends for an empty text to a target that would keep the old one: where that target
    holds nothing, the word did not arrive.

    Parameters
    ----------
    folder : Path
        Of the list, with ``manifest.json`` and its files.
    readback : Table
        What the CRM exports; text columns called as in the list's file or by canonical names. Records without a key of
        the list and without a value of ours are not looked at.
    key_column : str, default=None
        Its column with the key; None finds it by name.
    name_column : str, default=None
        Its column with the record's name; None looks for the usual ones.

    Returns
    -------
    Reconciled
        Everything that differs.

    Raises
    ------
    DeliveryError
        There is no list (``ICP608``), a file of it is missing or was altered (``ICP742``), or the read-back lacks the
        key (``ICP741``).
    """
    manifest = as_written(folder)
    parts = [part.to_pandas() for part in read_list(folder, as_sent=True)]
    fields = {field["name"]: field for field in manifest["fields"]}
    sent = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({name: [] for name in fields}, dtype=object)
    found, lacking = _named(readback, manifest, key_column, name_column)
    told: list[dict[str, Any]] = []
    sent, found = sent.set_index("account_key", drop=False), _of_this_list(found, sent, told)
    _keys(sent, found, str(manifest["run_id"]), told)
    found = found[found["account_key"] != ""].drop_duplicates("account_key").set_index("account_key", drop=False)
    both = sent.index.intersection(found.index)
    old, new = sent.loc[both], found.loc[both]
    if "run_id" in found:
        is_old = (new["run_id"] != str(manifest["run_id"])).to_numpy()
        for key, run in zip(new.index[is_old], new["run_id"][is_old], strict=True):
            _tell(told, "stale", key, "run_id", str(manifest["run_id"]), run)
        old, new = old[~is_old], new[~is_old]
    stopped = _stopped(list(sent.index), {row["account_key"] for row in told if row["difference"] in _UNDONE})
    compared = [name for name in fields if name in found and name not in ("account_key", "run_id")]
    escaped = []
    for name in compared:
        # what an account without a score was not sent stays as it is in the CRM
        unsent = (old[name].isna() & (old["status"] == "not_in_list")).to_numpy()
        told += _cells(fields[name], old.loc[~unsent, name], new.loc[~unsent, name])
        escaped += [name] if _escaped(old.loc[~unsent, name], new.loc[~unsent, name]) else []
    differences = pd.DataFrame(told, columns=list(COLUMNS))
    order = {name: i for i, name in enumerate(DIFFERENCES)}
    differences = differences.sort_values(
        ["difference", "account_key", "column"], key=lambda part: part.map(order) if part.name == "difference" else part
    ).reset_index(drop=True)
    differing = set(differences["account_key"]) & set(both)
    n_equal = len(both) - len(differing)
    return Reconciled(differences, len(sent), len(both), n_equal, tuple(compared), lacking, tuple(escaped), stopped)


def _stopped(keys: list[str], undone: set[str]) -> str:
    """The account after which the list, as its files go, did not arrive; empty where it came whole or in pieces."""
    n = len(keys) - len(undone)
    if 0 < n < len(keys) - 1 and undone.issuperset(keys[n:]):
        return keys[n - 1]
    return ""


def _escaped(sent: pd.Series, found: pd.Series) -> bool:
    """Whether texts differ by HTML marks, and by nothing else."""
    was, now = sent.fillna("").astype(str), found.astype(str)
    return bool(((was != now) & (was == now.map(html.unescape))).any())


def _named(
    readback: pa.Table, manifest: Mapping[str, Any], key_column: str | None, name_column: str | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The read-back under canonical names, empty cells as empty text."""
    there = {name.strip().casefold(): name for name in readback.column_names}
    columns, lacking = {}, []
    for field in manifest["fields"]:
        given = key_column if field["kind"] == "key" and key_column else None
        names = [given] if given else [field["header"], field["name"], field["label"]]
        column = next((there[name.casefold()] for name in names if name.casefold() in there), None)
        if column is None:
            lacking.append(field["header"])
        else:
            columns[field["name"]] = column
    if "account_key" not in columns:
        wanted = key_column or manifest["key_column"]
        strangers = [column for column in there.values() if column not in columns.values()]
        action = f"{did_you_mean(wanted, strangers)}Export the key too, or name its column: readback_key=..."
        raise DeliveryError.one("ICP741", f"the read-back has no column '{wanted}'.", action)
    made = {name: readback.column(column) for name, column in columns.items()}
    named = there.get((name_column or "").casefold()) or next((there[name] for name in _NAMES if name in there), None)
    if named is not None:
        made["name of the record"] = readback.column(named)
    frame = pd.DataFrame({name: cells.cast(pa.string()).to_pandas() for name, cells in made.items()}, dtype=object)
    frame = frame.fillna("")
    for name in frame.columns:
        frame[name] = frame[name].str.strip()
    token = manifest["empty"]["token"] or ""
    return frame.replace({token: ""}) if token else frame, tuple(lacking)


def _of_this_list(found: pd.DataFrame, sent: pd.DataFrame, told: list[dict[str, Any]]) -> pd.DataFrame:
    """Records that the list could have touched; capitals that changed are told and put right."""
    keys = set(sent["account_key"])
    folded = {key.casefold(): key for key in keys}
    own = found.drop(columns=["account_key", "name of the record"], errors="ignore")
    touched = (own != "").any(axis=1) | found["account_key"].str.casefold().isin(folded)
    found = found[touched].copy()
    other = ~found["account_key"].isin(keys) & found["account_key"].str.casefold().isin(folded)
    for key in found.loc[other, "account_key"]:
        _tell(told, "case-merged", folded[key.casefold()], "account_key", folded[key.casefold()], key)
    found.loc[other, "account_key"] = found.loc[other, "account_key"].str.casefold().map(folded)
    return found


def _keys(sent: pd.DataFrame, found: pd.DataFrame, run_id: str, told: list[dict[str, Any]]) -> None:
    """Records too few, too many, twice, or without a name."""
    merged = {row["account_key"] for row in told}
    for key in sorted(set(sent.index) - set(found["account_key"])):
        _tell(told, "missing", key)
    strange = found[~found["account_key"].isin(sent.index) & (found["account_key"] != "")]
    if "run_id" in found:
        strange = strange[strange["run_id"] == run_id]
    for key in strange["account_key"]:
        _tell(told, "extra", key)
    filled = found.loc[found["account_key"] != "", "account_key"]
    for key in sorted(set(filled[filled.duplicated()])):
        _tell(told, "case-merged" if key in merged else "doubled", key)
    nameless = found["account_key"] == ""
    if "name of the record" in found:
        nameless |= found["name of the record"] == ""
    if "run_id" in found:
        nameless &= (found["run_id"] == run_id) | found["account_key"].isin(sent.index)
    for key in found.loc[nameless, "account_key"]:
        _tell(told, "nameless", key)


def _cells(field: Mapping[str, Any], sent: pd.Series, found: pd.Series) -> list[dict[str, Any]]:
    """Cells of one column that differ."""
    name = field["name"]
    told: list[dict[str, Any]] = []
    was, now = sent.fillna("").astype(str), found.astype(str)
    if field["kind"] == "number":
        a, b = pd.to_numeric(was, errors="coerce"), pd.to_numeric(_with_point(now), errors="coerce")
        differ = ((was == "") != (now == "")) | ((was != "") & (now != "") & ~((a - b).abs() < 1e-9))
        zero = b == 0.0
        for key in sent.index[differ]:
            what = "zeroed" if zero[key] else "changed"
            _tell(told, what, key, name, was[key], now[key])
        return told
    now = _as_dates(now) if field["kind"] == "date" else now.map(html.unescape)
    for key in sent.index[was != now]:
        start = now[key].removesuffix("...").rstrip()
        cut = field["kind"] == "text" and now[key] and len(now[key]) < len(was[key]) and was[key].startswith(start)
        _tell(told, "cut" if cut else "changed", key, name, was[key], now[key])
    return told


def _with_point(cells: pd.Series) -> pd.Series:
    """Numbers with a decimal point, if all filled cells read with a decimal comma and one reads so only."""
    filled = cells[cells != ""]
    if not filled.str.fullmatch(_COMMA).all() or filled.str.fullmatch(_GROUPS).all():
        return cells
    return cells.str.replace(r"[.\s'\u2019]", "", regex=True).str.replace(",", ".")


def _as_dates(cells: pd.Series) -> pd.Series:
    """ISO dates, if all filled cells read as dates in one order."""
    filled = cells[cells != ""]
    days = filled.str.slice(0, 10)
    for order in _DATES:
        try:
            read = days.map(lambda text, order=order: datetime.strptime(text, order).date().isoformat())
        except ValueError:
            continue
        return cells.where(cells == "", read.reindex(cells.index))
    return cells


def _tell(told: list[dict[str, Any]], difference: str, key: str, *cells: str) -> None:
    told.append(dict(zip(COLUMNS, (difference, key, *cells, *[""] * (3 - len(cells))), strict=True)))
