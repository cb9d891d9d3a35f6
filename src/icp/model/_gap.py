"""Time between what a block's model learned from and the block."""

from __future__ import annotations

from icp.errors import ConfigError
from icp.labels import is_dated, window_days
from icp.options import BacktestOptions, LabelOptions

__all__ = ["check_gap", "gap_days"]


def check_gap(options: BacktestOptions, definition: LabelOptions) -> None:
    """Whether the gap can be used, from the options alone: before anything is read.

    Parameters
    ----------
    options : BacktestOptions
        ``gap`` and ``order``.
    definition : LabelOptions
        Its window is the least gap.

    Raises
    ------
    ConfigError
        It cannot be read, is shorter than the window, or meets rows without dates (``ICP336``).
    """
    gap_days(options, window_days(definition.window) if is_dated(definition) else None)
    if options.gap is not None and options.order == "rows":
        raise ConfigError.one(
            "ICP336", "backtest.gap counts days, and backtest.order=rows has no dates.",
            "Leave the gap out, or name a date with accounts.observed_at.",
        )  # fmt: skip


def gap_days(options: BacktestOptions, window: int | None) -> int:
    """Days between learning and judging.

    Parameters
    ----------
    options : BacktestOptions
        ``gap``.
    window : int or None
        Days of the prediction window; None for labels without one.

    Returns
    -------
    int
        The window, or none, unless a gap is given.

    Raises
    ------
    ConfigError
        The gap cannot be read or is shorter than the window (``ICP336``).
    """
    if options.gap is None:
        return window or 0
    try:
        days = window_days(options.gap)
    except ConfigError:
        raise ConfigError.one(
            "ICP336", f"backtest.gap is '{options.gap}'.", "Write it as days, weeks or months: 180d, 26w, 6m."
        ) from None
    if window is not None and days < window:
        raise ConfigError.one(
            "ICP336", f"backtest.gap is {days} days, shorter than the prediction window of {window} days.",
            "A model would learn from outcomes that nobody knew yet: leave the gap out, or make it longer.",
        )  # fmt: skip
    return days
