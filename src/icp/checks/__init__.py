"""Numbered checks that stand between the data and a promise.

Each check returns :class:`icp.tables.Finding` objects with the numbers behind them. :func:`sufficiency` says what the
number of best customers can bear, :func:`leakage` which columns know what they could not have known, :func:`drift`
whether the accounts being scored are still like those learned from, :func:`selection` who gets selected by sensitive
group, :func:`proxies` which traits give such a group away, :func:`known_customers` whether known customers can stand
for all customers, and :func:`grouped_rows` which rows must not be parted.
"""

from icp.checks._copies import grouped_rows
from icp.checks._customers import known_customers
from icp.checks._drift import Drift, LabelRate, drift, psi
from icp.checks._leakage import leakage
from icp.checks._proxies import proxies
from icp.checks._sensitive import looks_sensitive, selection
from icp.checks._sufficiency import MIN_BEST, sufficiency
from icp.checks._watch import TraitWatch, WatchReference, learn_watch

__all__ = [
    "MIN_BEST",
    "Drift",
    "LabelRate",
    "TraitWatch",
    "WatchReference",
    "drift",
    "grouped_rows",
    "known_customers",
    "leakage",
    "learn_watch",
    "looks_sensitive",
    "proxies",
    "psi",
    "selection",
    "sufficiency",
]
