"""Why a score is not what it was: data, model, calibration and cut-off, in parts that add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from icp._days import as_day
from icp._progress import step
from icp.bundle import Bundle
from icp.engines._core import ID_COLUMN, ScoringContext, explain_batch
from icp.engines._frames import prepare_frame
from icp.engines._rows import AccountRows, Cells
from icp.engines._run import in_order
from icp.scoring import ScoreModel, sum_margin
from icp.tables import DatedTable

__all__ = ["CHANGE_COLUMNS", "changes", "explain_change"]

CHANGE_COLUMNS = (
    "account_id", "margin_before", "data", "model", "calibration", "margin_after", "tier_before", "tier_after", "why",
)  # fmt: skip
Prepared = tuple[AccountRows, ScoringContext]
Floats = NDArray[np.float64]
_NOTHING = 1e-9
_STEPS = ("its data", "the model", "the calibration", "the cut-off")


@dataclass(frozen=True)
class _Scored:
    """Margins of rows with what they are made of: level + slope * sum."""

    contributions: Floats
    margin: Floats
    slope: float

    @property
    def sum(self) -> Floats:
        """Contributions on the scale before calibration."""
        return sum_margin(0.0, self.contributions) / self.slope if self.slope else np.zeros(len(self.margin))

    @property
    def level(self) -> Floats:
        """Margin of an account that is average in everything; the base rate where nothing is known."""
        return self.margin - self.slope * self.sum


def explain_change(
    before: Bundle,
    after: Bundle,
    accounts_before: pd.DataFrame,
    accounts_after: pd.DataFrame | None = None,
    *,
    events: DatedTable | None = None,
    outcomes: DatedTable | None = None,
    as_of_before: str | None = None,
    as_of_after: str | None = None,
) -> pd.DataFrame:
    """Split each account's change of score into what caused it, exactly.

    ``data`` is the earlier model on the new data less the same model on the old; ``model`` is what the traits add in
    the new model less what they added, both on the earlier calibration; ``calibration`` is the new level and slope. The
    three add up to the change of the margin. The cut-off changes no margin, only the tier.

    Parameters
    ----------
    before, after : Bundle
        The earlier and the later version; the same one where only the data changed.
    accounts_before, accounts_after : DataFrame, shape (n_accounts, n_columns)
        With the columns the models read; the index is the account id. None takes the same accounts twice.
    events, outcomes : DatedTable, default=None
        Dated history, read up to each date.
    as_of_before, as_of_after : str, default=None
        ISO dates of the pictures; default as in scoring.

    Returns
    -------
    DataFrame, shape (n_after, 8)
        ``margin_before, data, model, calibration, margin_after`` in log-odds, ``tier_before, tier_after`` and ``why``
        in words; indexed by ``account_id``, in the order of ``accounts_after``. An account that was not there before
        has no parts.

    Examples
    --------
    >>> changes = icp.explain_change(old, new, last_week, this_week)  # doctest: +SKIP
    >>> changes.loc["A-0017", "why"]  # doctest: +SKIP
    'tier B to A by its data (annual_revenue_eur +0.42)'
    """
    now = accounts_before if accounts_after is None else accounts_after
    first, second = as_day(as_of_before), as_day(as_of_after)
    prepared = (
        prepare_frame(before, accounts_before, None, events, outcomes, first),
        prepare_frame(before, now, None, events, outcomes, second),
        prepare_frame(after, now, None, events, outcomes, second),
    )
    return pa.concat_tables(changes(*prepared)).to_pandas().set_index("account_id")


def changes(before: Prepared, moved: Prepared, after: Prepared, folder: Path | None = None) -> Iterator[pa.Table]:
    """The same on prepared rows, batch by batch.

    Parameters
    ----------
    before : (AccountRows, ScoringContext)
        Earlier accounts, earlier model. Their ids are held in memory.
    moved : (AccountRows, ScoringContext)
        Later accounts, earlier model.
    after : (AccountRows, ScoringContext)
        Later accounts, later model; same rows as ``moved``.
    folder : Path, default=None
        Where the earlier contributions are put; None keeps them in memory.

    Yields
    ------
    Table
        :data:`CHANGE_COLUMNS`, one row per later account, in order.
    """
    earlier = _Earlier(before, folder)
    pair = (before[1].bundle, after[1].bundle)

    def explained(cells: tuple[Cells, Cells]) -> pa.Table:
        then, now = (rows.complete(part) for (rows, _), part in zip((moved, after), cells, strict=True))
        names = now.column(ID_COLUMN).to_pylist()
        known, was = earlier.of(names)
        return pa.table(_rows(names, known, (was, _scored(then, moved[1]), _scored(now, after[1])), pair))

    n_rows, n_done = len(after[0]), 0
    with step(f"explaining what changed for {n_rows:,} accounts", n_rows) as advance:
        for part in in_order(zip(moved[0].cells(), after[0].cells(), strict=True), explained):
            yield part
            n_done += len(part)
            advance(n_done / max(1, n_rows))


class _Earlier:
    """Margin and contributions of each earlier account, by id: numbers of fixed width, so any row is found at once."""

    def __init__(self, before: Prepared, folder: Path | None) -> None:
        rows, context = before
        self._slope, self._width = _slope(context), len(context.bundle.traits) + 1
        ids = pd.Index([name for part in rows.ids() for name in part.to_pylist()], dtype="str")
        place = pd.Series(np.arange(len(ids)), ids)
        self._place = place[~place.index.duplicated()]
        self._file = folder / "earlier" if folder else None

        def numbers(cells: Cells) -> Floats:
            contributions, margin = explain_batch(rows.complete(cells), context)
            return np.column_stack([margin, contributions])

        parts = in_order(rows.cells(), numbers)
        if self._file is not None:
            with self._file.open("wb") as file:
                for part in parts:
                    part.tofile(file)
        else:
            self._numbers = np.concatenate(list(parts))

    def of(self, ids: Sequence[str]) -> tuple[NDArray[np.bool_], _Scored]:
        """Which of the accounts were there, and what these added up to."""
        place = self._place.reindex(ids).fillna(-1).to_numpy(dtype=np.int64)
        known = place >= 0
        found = self._numbers[place[known]] if self._file is None else self._read(self._file, place[known])
        return known, _Scored(np.ascontiguousarray(found[:, 1:]), found[:, 0], self._slope)

    def _read(self, path: Path, rows: NDArray[np.int64]) -> Floats:
        size, found = self._width * 8, bytearray()
        with path.open("rb", buffering=0) as file:
            for row in rows.tolist():
                file.seek(row * size)
                found += file.read(size)
        return np.frombuffer(found, dtype=np.float64).reshape(-1, self._width)


def _scored(batch: pa.RecordBatch, context: ScoringContext) -> _Scored:
    return _Scored(*explain_batch(batch, context), _slope(context))


def _slope(context: ScoringContext) -> float:
    score = context.bundle.score
    return float(score.linear_weight + score.forest_weight) if isinstance(score, ScoreModel) else 1.0


def _rows(
    ids: Sequence[str], known: NDArray[np.bool_], scored: tuple[_Scored, _Scored, _Scored], pair: tuple[Bundle, Bundle]
) -> dict[str, Any]:
    """The columns of one batch."""
    was, then, now = scored
    start = np.full(len(ids), np.nan)
    start[known] = was.margin
    data = then.margin - start
    model = then.slope * (now.sum - then.sum)
    calibration = (now.level - then.level) + (now.slope - then.slope) * now.sum
    model[~known] = calibration[~known] = np.nan
    earlier, later = (bundle.reference for bundle in pair)
    path = [
        *(earlier.tier_of_margin(m) for m in (start, then.margin, then.margin + model, now.margin)),
        later.tier_of_margin(now.margin),
    ]
    sources = np.full(len(ids), "", dtype=object)
    sources[known] = _largest_source(pair[0], then.contributions[known] - was.contributions)
    sizes = np.column_stack([data, model, calibration])
    why = [
        _why([str(tiers[i]) for tiers in path], sizes[i], sources[i]) if known[i] else "not in the earlier list"
        for i in range(len(ids))
    ]
    columns = (start, data, model, calibration, now.margin)
    arrays = [pa.array(column, pa.float64(), from_pandas=True) for column in columns]
    tiers = (
        pa.array([t if k else None for t, k in zip(path[0].tolist(), known, strict=True)], pa.string()),
        pa.array(path[-1].tolist(), pa.string()),
    )
    return dict(zip(CHANGE_COLUMNS, [pa.array(ids, pa.string()), *arrays, *tiers, pa.array(why)], strict=True))


def _largest_source(bundle: Bundle, change: Floats) -> list[str]:
    """Source column whose contribution changed most, with by how much; empty where none did."""
    names = list(dict.fromkeys(trait.sources[0] for trait in bundle.traits))
    by_source = np.zeros((len(change), len(names)))
    for j, trait in enumerate(bundle.traits):
        by_source[:, names.index(trait.sources[0])] += change[:, j]
    largest = np.abs(by_source).argmax(axis=1)
    moved = by_source[np.arange(len(change)), largest]
    return [
        f"{names[j]} {value:+.2f}" if abs(value) > _NOTHING else "" for j, value in zip(largest, moved, strict=True)
    ]


def _why(path: list[str], sizes: Floats, source: str) -> str:
    """What changed, in words: the steps that moved the tier, else the largest part."""
    words = [
        f"{name} ({source if i == 0 and source else format(sizes[i], '+.2f')})" if i < len(sizes) else name
        for i, name in enumerate(_STEPS)
    ]
    if path[0] != path[-1]:
        moved = [words[i] for i in range(len(_STEPS)) if path[i] != path[i + 1]]
        return f"tier {path[0]} to {path[-1]} by {' and '.join(moved)}"
    largest = int(np.abs(sizes).argmax())
    if abs(sizes[largest]) <= _NOTHING:
        return f"tier stays {path[0]}: nothing changed"
    return f"tier stays {path[0]}; what changed most: {words[largest]}"
