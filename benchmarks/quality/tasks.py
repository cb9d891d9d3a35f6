"""The splits: every set is cut once into ``train.csv`` and ``test.csv``, which all contenders read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SETS = Path(__file__).parent / "sets"
SEED = 0


def prepare(spec: Path, data: Path, work: Path) -> Path:
    """Cut one set and write its task folder; a folder that is there already is kept.

    Parameters
    ----------
    spec : Path
        The JSON file that describes the set (see README.md).
    data : Path
        Folder that ``source`` is relative to.
    work : Path
        Folder that the task folder is made in, under the name of the JSON file.

    Returns
    -------
    Path
        The task folder: ``train.csv``, ``test.csv`` (both with the label) and ``task.json``.
    """
    folder = work / spec.stem
    if (folder / "task.json").is_file():
        return folder
    told = json.loads(spec.read_text("utf-8"))
    rows = _cells(data / told["source"], told.get("separator", ","))
    if "label_from" in told:
        known = _cells(data / told["label_from"], told.get("separator", ","))[told["id"]]
        rows[told["label"]] = np.where(rows[told["id"]].isin(set(known)), "1", "0")
    rows = rows.drop(columns=told.get("drop", []))
    train, test = _cut(rows, rows[told["label"]].eq(told["positive"]), told["split"])
    folder.mkdir(parents=True, exist_ok=True)
    train.to_csv(folder / "train.csv", index=False)
    test.to_csv(folder / "test.csv", index=False)
    kept = {
        key: told.get(key) for key in ("about", "id", "label", "positive", "missing", "dates", "observed_at", "split")
    }
    (folder / "task.json").write_text(json.dumps({"name": spec.stem, **kept}, indent=1) + "\n", "utf-8")
    return folder


def facts(task: Path) -> dict[str, Any]:
    """What ``task.json`` says: name, id, label, positive, missing, dates, observed_at, split."""
    return json.loads((task / "task.json").read_text("utf-8"))


def load(task: Path | str) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame, pd.Series]:
    """The rows as every peer gets them.

    Parameters
    ----------
    task : Path or str
        A task folder.

    Returns
    -------
    tuple of DataFrame, Series, DataFrame, Series
        Traits and label (0 or 1) of the training rows, then of the test rows. Without the id; the missing tokens are
        NaN; a column is of numbers where every training cell is one, else of strings (object); dates are days since
        1970-01-01.
    """
    task = Path(task)
    told = facts(task)
    train, test = (_read(task / f"{part}.csv", told) for part in ("train", "test"))
    label, skip = told["label"], [told["label"], *([told["id"]] if told.get("id") else [])]
    y_train, y_test = (rows[label].eq(told["positive"]).astype(int) for rows in (train, test))
    X_train, X_test = train.drop(columns=skip), test.drop(columns=skip)
    dates = told.get("dates") or {}
    for name in X_train.columns:
        if name in dates:
            X_train[name], X_test[name] = (_days(rows[name], dates[name]) for rows in (X_train, X_test))
        elif pd.to_numeric(X_train[name], errors="coerce").notna().sum() == X_train[name].notna().sum():
            X_train[name], X_test[name] = (
                pd.to_numeric(rows[name], errors="coerce").astype(float) for rows in (X_train, X_test)
            )
    return X_train, y_train, X_test, y_test


def _cells(file: Path, separator: str) -> pd.DataFrame:
    """Every cell as it is written."""
    return pd.read_csv(file, sep=separator, dtype=str, keep_default_na=False)


def _read(file: Path, told: dict[str, Any]) -> pd.DataFrame:
    tokens = ["", *(told.get("missing") or [])]
    rows = pd.read_csv(file, dtype=object, keep_default_na=False, na_values=tokens)
    rows = rows.astype(object)
    return rows.where(rows.notna(), np.nan)


def _days(cells: pd.Series, form: str) -> pd.Series:
    when = pd.to_datetime(cells, format=form, errors="coerce")
    return (when - pd.Timestamp("1970-01-01")).dt.days.astype(float)


def _cut(rows: pd.DataFrame, best: pd.Series, split: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training and test rows: the last share in row order (or by a date column), or a share of either class."""
    if split["kind"] == "forward":
        if split.get("by"):
            rows = rows.sort_values(split["by"], kind="stable")
        first = round(len(rows) * (1 - split["test"]))
        return rows.iloc[:first], rows.iloc[first:]
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(rows, test_size=split["test"], random_state=SEED, stratify=best)
    return train, test
