"""Numbered checks that stand between the data and a promise.

Each check returns :class:`icp.tables.Finding` objects with the numbers behind them. :func:`sufficiency` says what the
number of best customers can bear, :func:`leakage` which columns know what they could not have known, and
:func:`grouped_rows` which rows must not be parted.
"""

from icp.checks._copies import grouped_rows
from icp.checks._leakage import leakage
from icp.checks._sufficiency import MIN_BEST, sufficiency

__all__ = ["MIN_BEST", "grouped_rows", "leakage", "sufficiency"]
