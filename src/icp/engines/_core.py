"""The batch core: parse, encode, score, explain, word; a pure function over a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from icp.accounts import parse_columns
from icp.bundle import Bundle
from icp.engines._confidence import expected_value, trust
from icp.messages import MessageBook
from icp.scoring import sum_margin
from icp.tables import Column
from icp.traits import encode

__all__ = [
    "DATED_PREFIX",
    "ID_COLUMN",
    "SCORE_COLUMNS",
    "TOLERANCE",
    "BatchNotes",
    "ScoringContext",
    "explain_batch",
    "margin_batch",
    "score_batch",
    "traits_batch",
]

DATED_PREFIX = "icp:dated:"
ID_COLUMN = "icp:account_id"
SCORE_COLUMNS = (
    "account_id", "status", "propensity", "percentile", "tier", "fit_tier", "engagement_level", "profile_id", "profile",
    "reason_1", "reason_2", "reason_3", "watch_out", "talking_point", "confidence", "expected_value", "as_of",
    "model_version",
)  # fmt: skip
TOLERANCE = 1e-6
_SAMPLE_EVERY = 97


@dataclass(frozen=True)
class ScoringContext:
    """What a batch needs beside its rows; the same for every batch of a run.

    Parameters
    ----------
    bundle : Bundle
        The model.
    columns : tuple of Column
        The model's columns as this source writes them (decimal mark, date formats).
    missing_values : tuple of str
        Extra tokens that mean "not known".
    as_of : datetime64[us]
        Date of the picture for rows without one of their own; NaT when unknown.
    verify_all : bool, default=False
        Check every row's contributions against the model's own prediction, not a fixed sample of each batch.
    messages : MessageBook or None, default=None
        Messages in place of those the model holds; None takes the model's.
    watched : bool, default=True
        Count where traits and scores lie, for :func:`icp.checks.drift`.
    """

    bundle: Bundle
    columns: tuple[Column, ...]
    missing_values: tuple[str, ...]
    as_of: np.datetime64
    verify_all: bool = False
    messages: MessageBook | None = None
    watched: bool = True
    version: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", self.bundle.version)


@dataclass(frozen=True)
class BatchNotes:
    """What a batch showed besides its scores.

    Parameters
    ----------
    n_unreadable : mapping of str to int
        Cells per column that did not fit the column's kind and count as not known.
    additivity_error : float
        Largest difference between summed contributions and the model's own margin, in log-odds.
    n_without_data : int
        Rows of which the model knew nothing.
    tally : ndarray of int64 or None
        Where traits and scores lie, see :meth:`icp.checks.WatchReference.tally`; None where nothing is watched.
    n_far : int, default=0
        Rows further from the training accounts than 99 % of accounts like them.
    n_extrapolated : int, default=0
        Rows unlike any account that sales worked.
    n_late : mapping of str to int, default={}
        Dates per column that lie after the picture of their row and count as not known.
    """

    n_unreadable: Mapping[str, int]
    additivity_error: float
    n_without_data: int
    tally: NDArray[np.int64] | None = None
    n_far: int = 0
    n_extrapolated: int = 0
    n_late: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Explained:
    """Encoded rows with what each trait adds."""

    values: NDArray[np.float64]
    contributions: NDArray[np.float64]
    margin: NDArray[np.float64]
    known: NDArray[np.bool_]
    unseen: NDArray[np.bool_] | None
    as_of: NDArray[np.datetime64]
    n_unreadable: dict[str, int]
    n_late: dict[str, int]


def score_batch(batch: pa.RecordBatch, context: ScoringContext) -> tuple[pa.RecordBatch, BatchNotes]:
    """Score, explain and word every row of a batch.

    Parameters
    ----------
    batch : RecordBatch
        Cells as the source has them (text or typed), the column ``icp:account_id``, and one column
        ``icp:dated:<trait>`` for each trait made from dated tables.
    context : ScoringContext
        Model and reading rules.

    Returns
    -------
    RecordBatch
        One row per input row, in order, with :data:`SCORE_COLUMNS`; empty text is null.
    BatchNotes
        For findings.
    """
    bundle = context.bundle
    rows = _explain(batch, context)
    error = _additivity_error(rows, context)
    propensity = np.round(1.0 / (1.0 + np.exp(-rows.margin)), 6)
    percentile = np.round(bundle.reference.percentile(rows.margin), 2)
    engagement = np.array([trait.side == "engagement" for trait in bundle.traits], dtype=bool)
    fit_sum = sum_margin(bundle.score.base, rows.contributions[:, ~engagement])
    profiled = np.ascontiguousarray(rows.values[:, list(bundle.profile_traits)])
    index, _ = bundle.profiles.assign(profiled)
    index = np.where(rows.known, index, -1)
    reasons = bundle.reasons.reasons(rows.values, rows.contributions)
    if error > TOLERANCE:
        reasons = {name: np.full(len(text), "", dtype=object) for name, text in reasons.items()}
    words, far, extrapolated = trust(bundle, rows.values, rows.unseen)
    value = expected_value(bundle, index, rows.values, propensity)
    columns: dict[str, pa.Array] = {
        "account_id": batch.column(ID_COLUMN).cast(pa.string()),
        "status": _text(np.where(rows.known, "scored", "too_little_data")),
        "propensity": pa.array(propensity),
        "percentile": pa.array(percentile),
        "tier": _text(bundle.reference.tier_of_margin(rows.margin)),
        "fit_tier": _text(bundle.fit_reference.tier_of_margin(fit_sum)),
        "engagement_level": _engagement_level(bundle, rows.contributions[:, engagement]),
        **_profile_columns(context, index, profiled),
        **{name: _text(text) for name, text in reasons.items()},
        "confidence": _text(words),
        "expected_value": pa.nulls(len(batch), pa.float64()) if value is None else pa.array(value),
        "as_of": _dates(rows.as_of),
        "model_version": pa.array([context.version] * len(batch), pa.string()),
    }
    empty = pa.nulls(len(batch), pa.string())
    ordered = {name: columns.get(name, empty) for name in SCORE_COLUMNS}
    extra = {name: columns[name] for name in columns if name not in ordered}
    tally = None
    if bundle.watch is not None and context.watched:
        tiers = bundle.reference.tier(percentile)
        n_unseen = np.zeros(len(bundle.traits)) if rows.unseen is None else rows.unseen.sum(axis=0)
        tally = bundle.watch.tally(rows.values, n_unseen.astype(np.int64), percentile, tiers)
    counts = (int((far & rows.known).sum()), int((extrapolated & rows.known).sum()))
    notes = BatchNotes(rows.n_unreadable, error, int((~rows.known).sum()), tally, *counts, rows.n_late)
    return pa.RecordBatch.from_pydict({**ordered, **extra}), notes


def explain_batch(batch: pa.RecordBatch, context: ScoringContext) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Contributions of every trait and the margins they add up to.

    Parameters
    ----------
    batch : RecordBatch
        As for :func:`score_batch`.
    context : ScoringContext
        Model and reading rules.

    Returns
    -------
    contributions : ndarray of float64, shape (n_rows, n_traits)
        In log-odds, relative to the model's base.
    margin : ndarray of float64, shape (n_rows,)
        Base plus the sum of the contributions.
    """
    rows = _explain(batch, context)
    return rows.contributions, rows.margin


def margin_batch(batch: pa.RecordBatch, context: ScoringContext) -> NDArray[np.float64]:
    """The model's own margins, without contributions: a fraction of their cost.

    Parameters
    ----------
    batch : RecordBatch
        As for :func:`score_batch`.
    context : ScoringContext
        Model and reading rules.

    Returns
    -------
    ndarray of float64, shape (n_rows,)
        In log-odds; within :data:`TOLERANCE` of the summed contributions.
    """
    bundle, (values, *_) = context.bundle, _encoded(batch, context)
    known = np.isfinite(values).any(axis=1)
    margin = np.full(len(values), np.log(bundle.base_rate / (1.0 - bundle.base_rate)))
    margin[known] = bundle.score.check_margin(np.ascontiguousarray(values[known]))
    return margin


def traits_batch(batch: pa.RecordBatch, context: ScoringContext) -> NDArray[np.float64]:
    """The traits of each row, as the model sees them.

    Parameters
    ----------
    batch : RecordBatch
        As for :func:`score_batch`.
    context : ScoringContext
        Model and reading rules.

    Returns
    -------
    ndarray of float64, shape (n_rows, n_traits)
        NaN where not known.
    """
    return _encoded(batch, context)[0]


def _encoded(
    batch: pa.RecordBatch, context: ScoringContext
) -> tuple[NDArray[np.float64], NDArray[np.datetime64], dict[str, NDArray[Any]], dict[str, int]]:
    """Traits of each row, the date of its picture, the parsed cells, and how many of each column were unreadable."""
    bundle = context.bundle
    parsed, n_unreadable = _parse(batch, context)
    as_of = np.full(len(batch), context.as_of, dtype="datetime64[us]")
    own = next((column.name for column in context.columns if column.role == "observed_at"), None)
    if own is not None and own in parsed:
        own_dates = parsed[own].astype("datetime64[us]")
        as_of = np.where(np.isnat(own_dates), as_of, own_dates)
    return encode(parsed, as_of, bundle.traits, _dated(batch, bundle)), as_of, parsed, n_unreadable


def _explain(batch: pa.RecordBatch, context: ScoringContext) -> _Explained:
    bundle = context.bundle
    values, as_of, parsed, n_unreadable = _encoded(batch, context)
    known = np.asarray(np.isfinite(values).any(axis=1), dtype=bool)
    contributions = bundle.score.contributions(values)
    contributions[~known] = 0.0
    margin = sum_margin(bundle.score.base, contributions)
    margin[~known] = np.log(bundle.base_rate / (1.0 - bundle.base_rate))
    counts = (n_unreadable, _late(parsed, as_of, bundle))
    return _Explained(values, contributions, margin, known, _unseen(values, parsed, bundle), as_of, *counts)


def _late(parsed: Mapping[str, NDArray[Any]], as_of: NDArray[np.datetime64], bundle: Bundle) -> dict[str, int]:
    """Dates of each column that lie after the day of the row's picture."""
    next_day = as_of.astype("datetime64[D]") + np.timedelta64(1, "D")
    names = {trait.sources[0] for trait in bundle.traits if trait.rule == "age"}
    return {name: int(np.count_nonzero(parsed[name] >= next_day)) for name in sorted(names)}


def _parse(batch: pa.RecordBatch, context: ScoringContext) -> tuple[dict[str, NDArray], dict[str, int]]:  # type: ignore[type-arg]
    """Cells of the columns that traits read, parsed; and how many could not be."""
    needed = {name for trait in context.bundle.traits if trait.rule in ("value", "age") for name in trait.sources}
    read = [column for column in context.columns if column.name in needed or column.role == "observed_at"]
    parsed = parse_columns(batch, read, context.missing_values)
    cells = {column.name: parsed[column.name][0] for column in read}
    return cells, {column.name: int(np.count_nonzero(parsed[column.name][1])) for column in read}


def _dated(batch: pa.RecordBatch, bundle: Bundle) -> NDArray[np.float64] | None:
    """Values of the traits from dated tables, NaN elsewhere; None when there are none."""
    names = set(batch.schema.names)
    if not any(DATED_PREFIX + trait.name in names for trait in bundle.traits):
        return None
    dated = np.full((len(batch), len(bundle.traits)), np.nan)
    for j, trait in enumerate(bundle.traits):
        if DATED_PREFIX + trait.name in names:
            dated[:, j] = batch.column(DATED_PREFIX + trait.name).to_numpy(zero_copy_only=False)
    return dated


def _additivity_error(rows: _Explained, context: ScoringContext) -> float:
    """Largest miss between the sum of contributions and the model's own margin on the rows looked at."""
    looked_at = np.flatnonzero(rows.known)
    if not context.verify_all:
        looked_at = looked_at[::_SAMPLE_EVERY]
    if not len(looked_at):
        return 0.0
    own = context.bundle.score.check_margin(np.ascontiguousarray(rows.values[looked_at]))
    return float(np.abs(own - rows.margin[looked_at]).max())


def _engagement_level(bundle: Bundle, contributions: NDArray[np.float64]) -> pa.Array:
    reference = bundle.engagement_reference
    if reference is None:
        return pa.nulls(len(contributions), pa.string())
    letters = reference.tier_of_margin(sum_margin(0.0, contributions))
    digits = {"A": "1", "B": "2", "C": "3", "D": "3"}
    return pa.array([digits[str(letter)] for letter in letters], pa.string())


def _profile_columns(
    context: ScoringContext, index: NDArray[np.int64], values: NDArray[np.float64]
) -> dict[str, pa.Array]:
    profiles, messages = context.bundle.profiles, context.messages or context.bundle.messages
    ids = np.array([*(profile.id for profile in profiles.profiles), ""], dtype=object)
    names = np.array([*(profile.name for profile in profiles.profiles), ""], dtype=object)
    points = profiles.talking_points(values, index)
    if messages is not None:
        own = messages.talking_points(values, index, list(ids[:-1]))
        points = np.where(own == "", points, own)
    return {"profile_id": _text(ids[index]), "profile": _text(names[index]), "talking_point": _text(points)}


def _unseen(
    values: NDArray[np.float64], parsed: Mapping[str, NDArray[Any]], bundle: Bundle
) -> NDArray[np.bool_] | None:
    """Cells that hold a value no training row had, which leaves their trait not known; None where there are none."""
    found, unknown = None, np.isnan(values)
    for j in np.flatnonzero(unknown.any(axis=0)).tolist():
        trait = bundle.traits[j]
        if trait.kind != "categorical" or trait.rule != "value":
            continue
        nowhere = np.flatnonzero(unknown[:, j])
        filled = [cell is not None for cell in parsed[trait.sources[0]][nowhere].tolist()]
        if any(filled):
            found = np.zeros(values.shape, dtype=bool) if found is None else found
            found[nowhere[filled], j] = True
    return found


def _text(words: NDArray[np.object_] | NDArray[np.str_]) -> pa.Array:
    return pa.array([word or None for word in words.tolist()], pa.string())


def _dates(as_of: NDArray[np.datetime64]) -> pa.Array:
    return pa.array(as_of.astype("datetime64[D]")).cast(pa.string())
