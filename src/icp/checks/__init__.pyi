from ._copies import grouped_rows
from ._customers import known_customers
from ._drift import Drift, LabelRate, drift, psi
from ._leakage import leakage
from ._proxies import proxies
from ._sensitive import looks_sensitive, selection
from ._sufficiency import MIN_BEST, sufficiency
from ._watch import TraitWatch, WatchReference, learn_watch

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
