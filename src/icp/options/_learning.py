"""How a model is made and judged: traits, profiles, score, reasons, held-out rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = [
    "AUTO_NAME",
    "BASES",
    "BacktestOptions",
    "ProfileOptions",
    "ReasonOptions",
    "ScoringOptions",
    "TraitOptions",
    "profile_names",
]

AUTO_NAME = "auto"
"""In place of a profile's name: take one from its traits again."""

_NAMED = re.compile(r"\s*(P[1-9]\d*)\s*=\s*(.*\S)\s*")

BASES = ("known", "eligible", "worked", "previous")
"""Words for what an index profile is compared with; anything else is the path of a market file."""


@dataclass
class TraitOptions:
    """How accounts become traits.

    Parameters
    ----------
    keep : list of str, default=[]
        Columns that a check would quarantine and that are used all the same; recorded in the model card.
    min_level : int, default=10
        A category value with fewer accounts joins the other rare ones.
    half_life_days : float, default=45.0
        Age at which a dated event counts half.
    max_kinds : int, default=12
        Kinds of event that get a trait of their own, most frequent first.
    """

    keep: list[str] = field(default_factory=list)
    min_level: int = 10
    half_life_days: float = 45.0
    max_kinds: int = 12


@dataclass
class ProfileOptions:
    """How best customers become profiles.

    Parameters
    ----------
    n_profiles : int, default=None
        So many profiles, whatever the data show; what spoke against them is told. None takes as many as hold.
    max_profiles : int, default=7
        Most profiles considered.
    min_size : int, default=30
        Fewest best customers in a profile (and at least 5 % of them).
    n_resamples : int, default=30
        Subsamples behind each stability figure.
    stability : float, default=0.75
        Least mean Jaccard similarity of every profile under subsampling.
    fdr : float, default=0.05
        False-discovery rate of the distinctive traits.
    confidence : float, default=0.95
        Coverage of every interval.
    base : str, default="known"
        What the index compares best customers with. ``known``: all accounts with a known outcome; ``eligible``: all
        that could have become best; ``worked``: those that sales worked; ``previous``: the best customers of the
        window before; else the path of a file with other accounts (CSV or Parquet), such as the whole market.
    names : list of str, default=[]
        Names in place of those made from traits, such as ``P1=Export hunters``; a name stays with its profile from
        version to version, and ``P1=auto`` takes it back.
    view : {"traits", "reasons"}, default="traits"
        ``reasons`` also groups best customers by what the score counts in their favour, beside the profiles.
    """

    n_profiles: int | None = None
    max_profiles: int = 7
    min_size: int = 30
    n_resamples: int = 30
    stability: float = 0.75
    fdr: float = 0.05
    confidence: float = 0.95
    base: str = "known"
    names: list[str] = field(default_factory=list)
    view: str = "traits"


@dataclass
class ScoringOptions:
    """How the score is learned and cut into tiers.

    Parameters
    ----------
    n_folds : int, default=5
        Folds whose boosters are bagged and whose held-out margins set weights and calibration.
    max_trees : int, default=600
        Most trees in one booster.
    n_leaves : int, default=8
        Leaves of one tree.
    learning_rate : float, default=0.04
        Step of one tree.
    tiers : list of float, default=[0.1, 0.2, 0.3]
        Shares of the reference population in tiers A, B and C; D is the rest.
    cutoffs : {"keep", "reset"}, default="keep"
        ``keep``: where there is a champion of the same definition and tiers, its cut-offs stay, so that a tier means
        the same chance; ``reset``: cut anew.
    """

    n_folds: int = 5
    max_trees: int = 600
    n_leaves: int = 8
    learning_rate: float = 0.04
    tiers: list[float] = field(default_factory=lambda: [0.1, 0.2, 0.3])
    cutoffs: str = "keep"


@dataclass
class ReasonOptions:
    """How reasons are chosen and checked.

    Parameters
    ----------
    n_reasons : int, default=3
        Most reasons in favour of an account.
    min_group : int, default=20
        Fewest accounts behind a quoted rate.
    verify : {"sample", "all"}, default="sample"
        Rows of a batch whose contributions are checked against the model's own prediction.
    """

    n_reasons: int = 3
    min_group: int = 20
    verify: str = "sample"


@dataclass
class BacktestOptions:
    """Which rows the model is judged on.

    Parameters
    ----------
    order : {"column", "rows", "random"} or None, default=None
        ``column``: the newest rows by ``accounts.observed_at``; ``rows``: the last rows of the file; ``random``: folds
        at random. None takes ``column`` where there is one, else ``random``, and the report says so.
    test_share : float, default=0.2
        Share of rows held out in ``column`` and ``rows`` order.
    n_folds : int, default=5
        Folds of ``random`` order.
    n_bootstrap : int, default=1000
        Resamples behind the intervals of differences between lists; figures of one list have theirs in closed form.
    n_blocks : int, default=4
        Blocks that ``backtest`` judges one after the other; each holds ``test_share`` of the rows, or less if together
        they would leave less than a fifth to begin with.
    gap : str, default=None
        Least time, as days, between what a block's model learned from and the block; default the prediction window, or
        none for labels without one.
    repeats : int, default=3
        How often ``backtest`` draws the folds of ``random`` order.
    capacity : int, default=None
        Accounts that are really worked per list; figures are given at this place too.
    """

    order: str | None = None
    test_share: float = 0.2
    n_folds: int = 5
    n_bootstrap: int = 1000
    n_blocks: int = 4
    gap: str | None = None
    repeats: int = 3
    capacity: int | None = None


def profile_names(names: Sequence[str]) -> dict[str, str]:
    """``profiles.names`` by id.

    Parameters
    ----------
    names : sequence of str
        Such as ``"P1=Export hunters"``.

    Returns
    -------
    dict of str to str
        In the order given.

    Raises
    ------
    ValueError
        One is not of that form, or an id or a name comes twice.

    Examples
    --------
    >>> profile_names(["P2 = Export hunters"])
    {'P2': 'Export hunters'}
    """
    found: dict[str, str] = {}
    for text in names:
        match = _NAMED.fullmatch(text)
        if match is None:
            raise ValueError(f"'{text}' is not an id and a name")
        key, name = match.groups()
        if key in found:
            raise ValueError(f"{key} has two names")
        if name != AUTO_NAME and name.casefold() in {other.casefold() for other in found.values()}:
            raise ValueError(f"'{name}' is the name of two profiles")
        found[key] = name
    return found
