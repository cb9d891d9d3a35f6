"""What every claim gives: rows of one table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from icp._statistics import wilson

__all__ = ["ClaimRow", "mean_row", "share_row"]


@dataclass(frozen=True)
class ClaimRow:
    """One measured claim.

    Parameters
    ----------
    claim : str
        What is claimed, in a few words: "lift at 10 %: coverage of the 95 % interval".
    estimand : str
        The true value that the claim is about.
    setting : str
        What was simulated.
    runs : int
        Simulations (or rows, accounts) behind the figure.
    figure : float
        What came out.
    low, high : float
        Its 95 % Monte-Carlo interval.
    least, most : float or None, default=None
        The target, ends included; None is open. Both None: reported without a target.
    percent : bool, default=True
        Whether the figure is a share.
    """

    claim: str
    estimand: str
    setting: str
    runs: int
    figure: float
    low: float
    high: float
    least: float | None = None
    most: float | None = None
    percent: bool = True

    @property
    def met(self) -> bool | None:
        """Whether the figure lies within the target; None without one."""
        if self.least is None and self.most is None:
            return None
        inside = (self.least is None or self.figure >= self.least) and (self.most is None or self.figure <= self.most)
        return bool(inside)

    def line(self) -> str:
        """The row in Markdown."""
        say = _percent if self.percent else _number
        target = "reported"
        if self.least is not None and self.most is not None:
            target = f"{say(self.least)} to {say(self.most)}"
        elif self.least is not None:
            target = f"at least {say(self.least)}"
        elif self.most is not None:
            target = f"at most {say(self.most)}"
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        figure = f"{say(self.figure)} ({say(self.low)} to {say(self.high)})"
        return f"| {self.claim} | {self.estimand} | {self.setting} | {self.runs:,} | {figure} | {target} | {met} |"


def share_row(claim: str, estimand: str, setting: str, hits: ArrayLike, **target: float | None) -> ClaimRow:
    """A share of simulations, with its Wilson interval.

    Parameters
    ----------
    claim, estimand, setting : str
        As in :class:`ClaimRow`.
    hits : array-like of bool, shape (n_runs,)
        One per simulation.
    **target : float
        ``least``, ``most``.

    Returns
    -------
    ClaimRow
        In per cent.
    """
    found = np.asarray(hits, dtype=bool)
    low, high = wilson(found.sum(), len(found))
    return ClaimRow(claim, estimand, setting, len(found), float(found.mean()), float(low), float(high), **target)


def mean_row(
    claim: str, estimand: str, setting: str, values: ArrayLike, *, percent: bool = False, **target: float | None
) -> ClaimRow:
    """A mean over simulations, with Student's interval, which allows for their being few.

    Parameters
    ----------
    claim, estimand, setting : str
        As in :class:`ClaimRow`.
    values : array-like of float, shape (n_runs,)
        One per simulation, two or more.
    percent : bool, default=False
        Whether the values are shares.
    **target : float
        ``least``, ``most``.

    Returns
    -------
    ClaimRow
        As a plain number, or in per cent.
    """
    found = np.asarray(values, dtype=np.float64)
    mean, error = float(found.mean()), float(found.std(ddof=1)) / len(found) ** 0.5
    half = float(stdtrit(len(found) - 1, 0.975)) * error
    return ClaimRow(claim, estimand, setting, len(found), mean, mean - half, mean + half, percent=percent, **target)


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _number(value: float) -> str:
    return f"{value:.3f}"
