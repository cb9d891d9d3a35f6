"""What a contender is judged by, and the paired interval of a difference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

N_BOOTSTRAP = 2000
CONFIDENCE = 0.95
BIGGER_IS_BETTER = {"auc": True, "ap": True, "log_loss": False, "brier": False, "lift": True}
CLIP = 1e-6  # a probability of exactly 0 or 1 that is wrong would cost an endless log loss

Weights = np.ndarray | None


def measures(y: np.ndarray, p: np.ndarray) -> dict[str, float]:
    """All measures of one list of probabilities.

    Parameters
    ----------
    y : ndarray of int, shape (n,)
        1 for best customers.
    p : ndarray of float, shape (n,)
        Probabilities.

    Returns
    -------
    dict of str to float
        ``auc``, ``ap`` (average precision), ``log_loss`` (nats), ``brier``, ``lift`` (in the top tenth).
    """
    return {name: measure(y, p)() for name, measure in MEASURES.items()}


def paired_interval(
    name: str, y: np.ndarray, p: np.ndarray, q: np.ndarray, seed: int = 0
) -> tuple[float, float, float]:
    """How much better ``p`` is than ``q`` on the same rows, with its interval.

    Parameters
    ----------
    name : str
        A measure; the sign is turned so that positive means that ``p`` is better.
    y, p, q : ndarray, shape (n,)
        Labels and two lists of probabilities.
    seed : int, default=0
        Seed of the resamples.

    Returns
    -------
    tuple of float
        Difference, lower and upper end: percentiles over resamples of test rows, drawn within each class.
    """
    sign = 1.0 if BIGGER_IS_BETTER[name] else -1.0
    of_p, of_q = MEASURES[name](y, p), MEASURES[name](y, q)
    rng = np.random.default_rng(seed)
    classes = [np.flatnonzero(y == value) for value in (0, 1)]
    differences = np.empty(N_BOOTSTRAP)
    for i in range(N_BOOTSTRAP):
        weights = np.zeros(len(y))
        for rows in classes:
            weights[rows] = np.bincount(rng.integers(0, len(rows), len(rows)), minlength=len(rows))
        differences[i] = sign * (of_p(weights) - of_q(weights))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(differences, [tail, 1 - tail])
    return sign * (of_p() - of_q()), float(low), float(high)


def _groups(y: np.ndarray, p: np.ndarray) -> Callable[[Weights], tuple[np.ndarray, np.ndarray]]:
    """Weighted rows and best customers at each distinct probability, the highest first."""
    order = np.argsort(-p, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(p[order]) != 0])
    best = y[order].astype(float)

    def counted(weights: Weights = None) -> tuple[np.ndarray, np.ndarray]:
        w = np.ones(len(y)) if weights is None else weights[order]
        return np.add.reduceat(w, starts), np.add.reduceat(w * best, starts)

    return counted


def _auc(y: np.ndarray, p: np.ndarray) -> Callable[..., float]:
    counted = _groups(y, p)

    def value(weights: Weights = None) -> float:
        rows, best = counted(weights)
        others = rows - best
        above = np.cumsum(best) - best / 2  # a tie counts half
        return float((above * others).sum() / (best.sum() * others.sum()))

    return value


def _ap(y: np.ndarray, p: np.ndarray) -> Callable[..., float]:
    counted = _groups(y, p)

    def value(weights: Weights = None) -> float:
        rows, best = counted(weights)
        precision = np.cumsum(best) / np.maximum(np.cumsum(rows), 1e-12)
        return float((precision * best).sum() / best.sum())

    return value


def _lift(y: np.ndarray, p: np.ndarray) -> Callable[..., float]:
    counted = _groups(y, p)

    def value(weights: Weights = None) -> float:
        rows, best = counted(weights)
        room = rows.sum() / 10
        taken = np.clip(room - (np.cumsum(rows) - rows), 0, rows)  # of a tie at the border, the share that fits
        found = (best * taken / np.maximum(rows, 1e-12)).sum()
        return float(found / room / (best.sum() / rows.sum()))

    return value


def _mean_of(loss: np.ndarray) -> Callable[..., float]:
    return lambda weights=None: float(np.average(loss, weights=weights))


def _log_loss(y: np.ndarray, p: np.ndarray) -> Callable[..., float]:
    q = np.clip(p, CLIP, 1 - CLIP)
    return _mean_of(-np.log(np.where(y == 1, q, 1 - q)))


def _brier(y: np.ndarray, p: np.ndarray) -> Callable[..., float]:
    return _mean_of((p - y) ** 2)


MEASURES = {"auc": _auc, "ap": _ap, "log_loss": _log_loss, "brier": _brier, "lift": _lift}
