"""The index profile of all best customers and of every profile over one base: stored as counts, told as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp._evidence import Statistic, finite
from icp._groups import Group
from icp._wording import plain
from icp.options import ProfileOptions
from icp.profiles._counts import count_groups
from icp.profiles._groups import groups_of
from icp.profiles._space import nearest
from icp.tables import TraitTable

if TYPE_CHECKING:
    from icp.profiles._book import ProfileSet
    from icp.reports import Figure

__all__ = ["ALL_BEST", "INDEX_COLUMNS", "IndexProfile", "groups_over", "index_profile"]

Counts = tuple[int, ...]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

ALL_BEST = "all best customers"
"""What the best customers of all profiles together are called."""

INDEX_COLUMNS = (
    "profile_id", "profile", "trait", "label", "group", "kind", "n", "n_best", "share", "base", "base_n", "n_base",
    "base_share", "penetration", "index", "low", "high", "woe", "information", "information_value", "q", "distinctive",
    "unworked", "as_of",
)  # fmt: skip


@dataclass(frozen=True)
class IndexProfile:
    """What is more, or less, common among best customers than in a named base: every group of every trait.

    Only counts are kept; :meth:`statistics` and :meth:`frame` make all numbers from them.

    Parameters
    ----------
    base, n_base : str, int
        What is compared with.
    as_of : str
        ISO date of the picture, or empty.
    fdr, confidence : float
        False-discovery rate of what is called distinctive, and coverage of the intervals.
    whom : tuple of (str, str)
        Id and name of each set of best customers: ``("", "all best customers")``, then the profiles.
    n_best, n_shared : tuple of int
        Best customers of each set, and those of them that are in the base.
    groups : tuple of (int, str, str, Group)
        Position, name and words of the trait, and the group.
    base_n : tuple of int
        Base accounts in each group.
    n, shared : tuple of tuple of int
        For each set and group: best customers in it, and those of them that are in the base.
    unworked : tuple of tuple of int, default=()
        For each set and group: accounts that nobody worked and whose nearest profile it is; empty where not counted.
    n_unworked : tuple of int, default=()
        The same over all groups.
    """

    base: str
    n_base: int
    as_of: str
    fdr: float
    confidence: float
    whom: tuple[tuple[str, str], ...]
    n_best: Counts
    n_shared: Counts
    groups: tuple[tuple[int, str, str, Group], ...]
    base_n: Counts
    n: tuple[Counts, ...]
    shared: tuple[Counts, ...]
    unworked: tuple[Counts, ...] = ()
    n_unworked: Counts = ()

    def __post_init__(self) -> None:
        n_sets, n_groups = len(self.whom), len(self.groups)
        if {len(self.n_best), len(self.n_shared), len(self.n), len(self.shared)} != {n_sets}:
            raise ValueError("each set of best customers is counted")
        if any(len(counts) != n_groups for counts in (self.base_n, *self.n, *self.shared, *self.unworked)):
            raise ValueError("each group is counted")
        if not (len(self.unworked) in (0, n_sets) and len(self.n_unworked) == len(self.unworked)):
            raise ValueError("accounts that nobody worked are counted for each set, or for none")
        if not 0 < self.fdr < 1 or not 0 < self.confidence < 1:
            raise ValueError("a rate and a coverage are shares")

    def statistics(self) -> tuple[Statistic, ...]:
        """Every group of every trait for every set of best customers.

        Returns
        -------
        tuple of Statistic
            All best customers first, then the profiles; groups in the order of the traits.
        """
        return self._statistics

    def frame(self) -> pd.DataFrame:
        """All numbers as a table, as in ``index.csv``.

        Returns
        -------
        DataFrame
            One row per set of best customers, trait and group; ``information_value`` is that of the whole trait.
        """
        rows = [statistic.to_dict() for statistic in self.statistics()]
        table = pd.DataFrame(rows, columns=[name for name in INDEX_COLUMNS if name != "information_value"])
        value = table.groupby(["profile_id", "trait"], sort=False)["information"].transform("sum")
        table["information_value"] = value if len(table) else table["information"]
        return table[list(INDEX_COLUMNS)]

    def plot(self, profile_id: str = "", *, top: int = 10) -> Figure:
        """The strongest distinctive groups as bars with intervals.

        Parameters
        ----------
        profile_id : str, default=""
            Whose; all best customers unless given.
        top : int, default=10
            Groups drawn; the figure's table holds all that are distinctive.

        Returns
        -------
        Figure
            Shown by a notebook; ``.frame()`` gives its numbers, ``.svg()`` the drawing.

        Raises
        ------
        KeyError
            There is no such profile.
        """
        from icp.reports import profile_figure

        if profile_id not in dict(self.whom):
            raise KeyError(f"no profile {profile_id!r}; there are {[key for key, _ in self.whom]}")
        found = [one for one in self.statistics() if one.profile_id == profile_id and one.distinctive]
        ordered = sorted(found, key=lambda one: (not one.over, -one.information))
        card = {"id": profile_id or ALL_BEST, "traits": [one.to_dict() for one in ordered]}
        return profile_figure(card, base_name=self.base, top=top, name=f"index_{profile_id or 'all'}")

    def _repr_html_(self) -> str:
        return self.plot()._repr_html_()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        groups = [[column, trait, label, group.to_dict()] for column, trait, label, group in self.groups]
        return {item.name: getattr(self, item.name) for item in fields(self)} | {"groups": groups}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> IndexProfile:
        """The index profile that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        IndexProfile
            Equal to the one described.
        """
        made = {key: _tuples(value) for key, value in values.items() if key != "groups"}
        groups = tuple(
            (column, trait, label, Group.from_dict(group)) for column, trait, label, group in values["groups"]
        )
        return cls(**made, groups=groups)

    @cached_property
    def _statistics(self) -> tuple[Statistic, ...]:
        return tuple(one for i in range(len(self.whom)) for one in self._of(i))

    def _of(self, i: int) -> list[Statistic]:
        """The statistics of one set of best customers."""
        from icp.profiles._index import control_false_discoveries, count_index

        n, base_n, shared = (np.array(counts, dtype=np.int64) for counts in (self.n[i], self.base_n, self.shared[i]))
        numbers = count_index(n, self.n_best[i], base_n, self.n_base, self.n_shared[i], shared, self.confidence)
        q = control_false_discoveries(numbers["p"])
        numbers |= {name: np.round(numbers[name], 1) for name in ("index", "low", "high")}
        found = []
        for g, (column, trait, label, group) in enumerate(self.groups):
            index, low, high = (finite(numbers[name][g]) for name in ("index", "low", "high"))
            apart = (low is not None and low > 100.0) or (high is not None and high < 100.0)
            found.append(
                Statistic(
                    *self.whom[i], trait, label, column, group, int(n[g]), self.n_best[i], float(numbers["share"][g]),
                    self.base, self.as_of, int(base_n[g]), self.n_base, float(numbers["base_share"][g]),
                    penetration=int(shared[g]) / int(base_n[g]) if self.n_shared[i] and base_n[g] else None,
                    index=index, low=low, high=high,
                    woe=float(numbers["woe"][g]), information=float(numbers["information"][g]), q=float(q[g]),
                    distinctive=bool(q[g] <= self.fdr and base_n[g] > 0 and apart),
                    unworked=self.unworked[i][g] if self.unworked else None,
                )
            )  # fmt: skip
        return found


def index_profile(
    best: TraitTable,
    base: TraitTable,
    *,
    base_name: str = "all accounts",
    profiles: ProfileSet | None = None,
    unworked: TraitTable | None = None,
    as_of: str = "",
    options: ProfileOptions | None = None,
) -> IndexProfile:
    """Count every group of every trait among the best customers and in the base.

    Parameters
    ----------
    best : TraitTable
        Best customers.
    base : TraitTable
        Accounts compared with, same traits; may hold the best customers (matched by ``account_id``). A trait of which
        nothing is known there is left out.
    base_name : str, default="all accounts"
        What the base is called.
    profiles : ProfileSet, default=None
        Counted one by one too; each best customer belongs to its nearest.
    unworked : TraitTable, default=None
        Accounts that nobody worked, to say where more of each profile are.
    as_of : str, default=""
        ISO date of the picture.
    options : ProfileOptions, default=None
        False-discovery rate and coverage; None means the defaults.

    Returns
    -------
    IndexProfile
        With ``.frame()`` and ``.plot()``.

    Raises
    ------
    NotEnoughDataError
        Fewer best customers than ``MIN_BEST_CUSTOMERS`` (``ICP240``), or an empty base (``ICP212``).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from icp.tables import Trait, TraitTable
    >>> size = Trait("size", "categorical", "fit", "size", ("size",), levels=("large", "small"))
    >>> codes = np.repeat([0.0, 1.0, 0.0, 1.0], [15, 5, 15, 65])[:, None]
    >>> accounts = TraitTable(codes, (size,), pd.Index([f"A-{i}" for i in range(100)]))
    >>> found = index_profile(accounts.rows(np.arange(100) < 20), accounts, base_name="the market")
    >>> found.frame()[["group", "n", "base_n", "penetration", "index", "distinctive"]]
       group   n  base_n  penetration  index  distinctive
    0  large  15      30     0.500000  250.0         True
    1  small   5      70     0.071429   35.7         True
    """
    from icp.profiles._index import refuse_too_few

    refuse_too_few(len(best.values), len(base.values))
    options = options or ProfileOptions()
    groups = groups_over(best, base)
    at = _nearest(best, profiles)
    in_base = np.asarray(best.account_id.isin(base.account_id), dtype=bool)
    cards = () if profiles is None else profiles.profiles
    everyone, shared = (_counted(best.values, at, rows, groups, len(cards)) for rows in (slice(None), in_base))
    more = None if unworked is None else _unworked(unworked, groups, profiles)
    return IndexProfile(
        base=base_name,
        n_base=len(base.values),
        as_of=as_of,
        fdr=options.fdr,
        confidence=options.confidence,
        whom=(("", ALL_BEST), *((card.id, card.name) for card in cards)),
        n_best=everyone[1],
        n_shared=shared[1],
        groups=tuple((j, base.traits[j].name, plain(base.traits[j].label, 100), group) for j, group in groups),
        base_n=tuple(count_groups(base.values, np.full(len(base.values), -1), groups, 0)[0].tolist()),
        n=everyone[0],
        shared=shared[0],
        unworked=() if more is None else more[0],
        n_unworked=() if more is None else more[1],
    )


def groups_over(best: TraitTable, base: TraitTable) -> list[tuple[int, Group]]:
    """Every group of every trait of which the base knows something.

    Parameters
    ----------
    best, base : TraitTable
        Same traits; the base may have further levels.

    Returns
    -------
    list of (int, Group)
        Position of the trait, and the group.
    """
    groups = []
    for j, trait in enumerate(base.traits):
        if np.isfinite(base.values[:, j]).any():
            cells = np.concatenate([base.values[:, j], best.values[:, j]])
            groups += [(j, group) for group in groups_of(trait, cells)]
    return groups


def _nearest(best: TraitTable, profiles: ProfileSet | None) -> Ints:
    """The profile of each best customer, however far its centre; -1 where there are no profiles."""
    if profiles is None or not profiles.profiles:
        return np.full(len(best.values), -1, dtype=np.int64)
    return nearest(profiles.space.project(best.values), profiles.centres)[0]


def _unworked(
    table: TraitTable, groups: Sequence[tuple[int, Group]], profiles: ProfileSet | None
) -> tuple[tuple[Counts, ...], Counts]:
    """Accounts that nobody worked: all of them, and those assigned to each profile."""
    if profiles is None or not profiles.profiles:
        return _counted(table.values, np.full(len(table.values), -1), slice(None), groups, 0)
    at, _ = profiles.assign(table.values)
    at = np.where(np.isfinite(table.values).any(axis=1), at, -1)
    return _counted(table.values, at, slice(None), groups, len(profiles.profiles))


def _counted(
    values: NDArray[np.float64], at: Ints, rows: Bools | slice, groups: Sequence[tuple[int, Group]], n_profiles: int
) -> tuple[tuple[Counts, ...], Counts]:
    """Rows in each group, of all and of each profile, and over all groups."""
    values, at = values[rows], at[rows]
    return _tuples(count_groups(values, at, groups, n_profiles).tolist()), _by_profile(at, n_profiles)


def _by_profile(at: Ints, n_profiles: int) -> Counts:
    return (len(at), *np.bincount(at[at >= 0], minlength=n_profiles)[:n_profiles].tolist())


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
