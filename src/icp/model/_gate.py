"""The gate: whether a challenger is shown to be better than the champion, and nothing else about it is worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from icp.evaluation import Comparison, Difference, compare, evaluate

__all__ = ["Check", "Gate", "decide", "held"]

LOOKS = ("auc", "log_loss")
"""Figures that may show an improvement; the chance of a false one is shared equally among them."""

ERROR_RATE = 0.05
"""Greatest chance that a challenger which is no better is promoted, over all looks of one run."""

MARGINS = {"auc": 0.005, "log_loss": 0.005, "brier": 0.005}
"""Worse by more than this, by the estimate, is clearly worse; so is any difference that is shown."""

LIFT_MARGIN = 0.1
"""The same for lift at 10 %, as a share of the champion's."""

WORTH = {"auc": 0.002, "log_loss": 0.001}
"""Least improvement, by the estimate, that is worth changing everybody's scores: two seeds of one model differ by less,
and the more alike two models are, the surer a comparison is of next to nothing."""

CALIBRATION = (0.8, 1.25)
"""Where slope, and expected over observed best customers, may lie."""

TARGET = 0.01
"""Difference in AUC that "how many more" is said for, where the estimate itself points the other way."""

_WORDS = {
    "auc": "AUC",
    "log_loss": "log loss",
    "brier": "Brier score",
    "lift_at_10": "lift at 10 %",
    "value_capture_at_10": "money in the best tenth",
}


@dataclass(frozen=True)
class Check:
    """One thing the gate looked at.

    Parameters
    ----------
    code : str
        ``ICPnnn``, see ``docs/reference/codes.md``.
    name : str
        What was looked at.
    passed : bool
        Whether it speaks for the challenger, or at least not against it.
    text : str
        What was found, in words.
    """

    code: str
    name: str
    passed: bool
    text: str


@dataclass(frozen=True)
class Gate:
    """What the gate decided, and on what evidence.

    Parameters
    ----------
    verdict : {"promote", "hold"}
        Whether the challenger becomes champion.
    why : str
        In words.
    basis : {"later", "retrained", "none"}
        Rows later than the champion's, both configurations retrained on the same folds, or no comparison.
    basis_text : str
        The same in words.
    checks : tuple of Check
        Everything looked at.
    comparison : Comparison or None, default=None
        ``a`` is the champion, ``b`` the challenger.
    churn : mapping, default={}
        ``n, tier_changed, overlap_at_10`` between the two versions as they would score today.
    champion : str, default=""
        Version of the champion's bundle.
    """

    verdict: Literal["promote", "hold"]
    why: str
    basis: str
    basis_text: str
    checks: tuple[Check, ...]
    comparison: Comparison | None = None
    churn: Mapping[str, Any] = field(default_factory=dict)
    champion: str = ""

    @property
    def promotes(self) -> bool:
        """Whether the challenger becomes champion."""
        return self.verdict == "promote"

    def evidence(self) -> str:
        """The comparison in one line, for the promotion log.

        Returns
        -------
        str
            Empty without a comparison.
        """
        if self.comparison is None:
            return ""
        found = [_difference_words(self.comparison[name]) for name in LOOKS]
        rows = f"{self.comparison.n:,} rows, {self.comparison.n_best:,} best customers"
        told = f"; {100 * self.churn['tier_changed']:.0f} % of accounts change tier" if self.churn else ""
        return f"{'; '.join(found)}; {rows}, {_BASES[self.basis]}{told}"

    def to_dict(self) -> dict[str, Any]:
        """The content of ``gate.json``.

        Returns
        -------
        dict
            Plain JSON values.
        """
        plain = {key: value for key, value in self.__dict__.items() if key not in ("checks", "comparison")}
        checks = [dict(check.__dict__) for check in self.checks]
        compared = None if self.comparison is None else self.comparison.to_dict()
        if self.comparison is not None:
            compared = {**(compared or {}), "missing": _missing(self.comparison)}
        return {**plain, "churn": dict(self.churn), "checks": checks, "comparison": compared}


_BASES = {"later": "later than what the champion learned from", "retrained": "same folds for both configurations"}


def held(code: str, name: str, text: str, *, champion: str = "") -> Gate:
    """Hold without a comparison.

    Parameters
    ----------
    code, name, text : str
        Why, see :class:`Check`.
    champion : str, default=""
        Version of the champion's bundle.

    Returns
    -------
    Gate
        With ``basis="none"``.
    """
    return Gate("hold", text, "none", "not compared", (Check(code, name, False, text),), champion=champion)


def decide(
    y: ArrayLike,
    champion: ArrayLike,
    challenger: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    amount: ArrayLike | None = None,
    n_bootstrap: int = 1000,
    seed: int = 0,
    checks: Sequence[Check] = (),
    basis: str = "later",
    basis_text: str = "",
) -> Gate:
    """Decide on margins of rows that neither model learned from.

    The challenger is promoted when the interval of its difference in AUC or in log loss lies wholly on the better
    side and the difference is worth a change (0.002 in AUC, 0.001 in log loss), no figure is clearly worse, its
    probabilities are no worse calibrated than they may be, and every other check passes. The intervals
    are as wide as holds the chance of a false improvement at 5 % over both looks.

    Parameters
    ----------
    y : array-like of float, shape (n,)
        1 best, 0 not.
    champion, challenger : array-like of float, shape (n,)
        Their margins, in log-odds.
    groups, amount : array-like, shape (n,), default=None
        As for :func:`icp.evaluation.compare`.
    n_bootstrap, seed : int
        As for :func:`icp.evaluation.compare`.
    checks : sequence of Check, default=()
        What else was looked at.
    basis, basis_text : str
        Where the rows come from, see :class:`Gate`.

    Returns
    -------
    Gate
        The verdict with its evidence.

    Raises
    ------
    NotEnoughDataError
        No best customers, or no others, among the rows (``ICP334``).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.normal(size=3000)
    >>> y = rng.random(3000) < 1 / (1 + np.exp(-truth))
    >>> decide(y, 0.3 * truth + 0.3 * rng.normal(size=3000), truth).verdict
    'promote'
    >>> decide(y, truth, truth).verdict
    'hold'
    """
    # each look may err at ERROR_RATE / len(LOOKS) on its better side; an interval leaves as much on the other
    confidence = 1.0 - 2.0 * ERROR_RATE / len(LOOKS)
    found = compare(
        y, champion, challenger, groups=groups, amount=amount, n_bootstrap=n_bootstrap, seed=seed, confidence=confidence
    )
    own = [_improvement(found), _not_worse(found), _calibration(y, champion, challenger, groups)]
    every = (*own, *checks)
    failed = [check.text for check in every if not check.passed]
    why = " ".join(failed) if failed else own[0].text
    return Gate("hold" if failed else "promote", why, basis, basis_text, every, found)


def _improvement(found: Comparison) -> Check:
    shown = [found[name] for name in LOOKS if found[name].shown_better]
    worth = [one for one in shown if one.gain >= WORTH[one.figure]]
    if shown:
        told = "; ".join(_difference_words(one) for one in worth or shown)
        limits = ", ".join(f"{_WORDS[name]} {least}" for name, least in WORTH.items())
        small = f"The improvement is too small to change everybody's scores for: {told}; asked: {limits}."
        return Check("ICP525", "improvement", bool(worth), f"An improvement is shown: {told}." if worth else small)
    said = "; ".join(_difference_words(found[name]) for name in LOOKS)
    missing = _missing(found)
    smallest = f"the smallest difference in AUC these rows would show is {found['auc'].detectable:.3f}"
    more = missing["n_more_best"]
    if more:
        smallest += f"; about {more:,} more best customers would show one of {missing['auc']:.3f}"
    return Check("ICP525", "improvement", False, f"No improvement is shown ({said}); {smallest}.")


def _missing(found: Comparison) -> dict[str, Any]:
    """Difference in AUC that is worth showing, and the best customers missing before it would be shown."""
    gain = found["auc"].gain
    worth = gain if gain >= MARGINS["auc"] else TARGET
    return {"auc": worth, "n_more_best": found.more_best("auc", worth)}


def _not_worse(found: Comparison) -> Check:
    worse = [one for one in found if one.figure != "value_capture_at_10" and (one.shown_worse or _beyond_margin(one))]
    if worse:
        text = f"Clearly worse: {'; '.join(_difference_words(one) for one in worse)}."
        return Check("ICP526", "nothing worse", False, text)
    limits = ", ".join(f"{_WORDS[name]} {margin}" for name, margin in MARGINS.items())
    text = f"Nothing is clearly worse (limits: {limits}, lift {100 * LIFT_MARGIN:.0f} % of the champion's)."
    return Check("ICP526", "nothing worse", True, text)


def _beyond_margin(one: Difference) -> bool:
    return -one.gain > (LIFT_MARGIN * one.a if one.figure == "lift_at_10" else MARGINS[one.figure])


def _calibration(y: ArrayLike, champion: ArrayLike, challenger: ArrayLike, groups: ArrayLike | None) -> Check:
    """Whether stated chances come true: inside the limits, by the interval, or no further off than the champion's."""
    off = []
    (slope, low, high), ratio = _lines(y, challenger, groups)
    (slope_before, _, _), ratio_before = _lines(y, champion, groups)
    inside = low is None or (low <= CALIBRATION[1] and high >= CALIBRATION[0])
    if not inside and _distance(slope) > _distance(slope_before):
        off.append(f"calibration slope {slope:.2f} (95 % {low:.2f} to {high:.2f})")
    if not CALIBRATION[0] <= ratio <= CALIBRATION[1] and _distance(ratio) > _distance(ratio_before):
        off.append(f"{ratio:.2f} times as many best customers expected as came")
    said = "not known" if low is None else f"{slope:.2f} (95 % {low:.2f} to {high:.2f})"
    text = f"Calibration slope {said}, expected over observed best customers {ratio:.2f}."
    if off:
        text = f"Stated and observed rates do not agree: {', '.join(off)}; {CALIBRATION[0]} to {CALIBRATION[1]} may be."
    return Check("ICP527", "calibration", not off, text)


def _lines(y: ArrayLike, margin: ArrayLike, groups: ArrayLike | None) -> tuple[tuple[Any, Any, Any], float]:
    figures = evaluate(y, margin, groups=groups).metrics()
    expected = float(expit(np.asarray(margin, dtype=np.float64)).sum())
    names = ("calibration_slope", "calibration_slope_low", "calibration_slope_high")
    slope, low, high = (figures[name] for name in names)
    return (slope, low, high), expected / float(np.sum(y))


def _distance(ratio: float | None) -> float:
    """How far a ratio is from 1, in either direction."""
    return np.inf if ratio is None or ratio <= 0 else float(abs(np.log(ratio)))


def _difference_words(one: Difference) -> str:
    ends = "interval not known" if not np.isfinite(one.low) else f"{one.low:+.4f} to {one.high:+.4f}"
    return f"{_WORDS[one.figure]} {one.difference:+.4f} ({ends})"
