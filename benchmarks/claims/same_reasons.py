"""Groups of customers that are best for the same reasons: the right number where planted, none where there are none.

The view of ``profiles.view=reasons`` is given contributions such as a score makes. Without groups: independent columns,
columns with one common strength, skewed ones, and ones of few levels, as trees give them. With groups: two to five of
equal chance, each raised by two columns of its own (by 2.5 to 4 times their spread), beside up to four columns that
vary without groups and ten that hardly count for anybody. 150 to 800 best customers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.claims._protocol import ClaimRow, share_row
from icp.model._known import Known
from icp.model._reasons_view import reasons_view
from icp.options import ProfileOptions
from icp.profiles import ProfileSet
from icp.profiles._space import MixedSpace
from icp.tables import AccountTable, Trait, TraitTable

Floats = NDArray[np.float64]
SIZES = (150, 300, 800)
_ASKED = ProfileOptions(view="reasons", n_resamples=10)
_NO_PROFILES = ProfileSet(
    profiles=(), overall=(), base_name="", base_n=0, n_best=0, space=MixedSpace((), np.zeros((0, 0))),
    centres=np.zeros((0, 0)), distances=np.zeros((0, 101)), limit=0.0,
)  # fmt: skip


def run(n_runs: int, seed: int) -> list[ClaimRow]:
    """Null and planted groups; a clustering costs half a second, so there are 1 in 25 as many of each kind and size."""
    n_tables = max(2, n_runs // 25)
    rows = []
    for what, make in WITHOUT.items():
        silent = [
            groups_in(make(rng, n), i) == 0
            for n in SIZES
            for i, rng in ((i, np.random.default_rng([seed, n, i])) for i in range(n_tables))
        ]
        rows.append(share_row(f"no groups in contributions {what}", "none", _size_words(), silent, least=0.95))
    right = []
    for n in SIZES:
        for i in range(n_tables):
            rng = np.random.default_rng([seed, n, i, 1])
            right.append(groups_in(planted(rng, n, 2 + i % 4), i) == 2 + i % 4)
    rows.append(share_row("number of groups is the number planted", "2 to 5", _size_words(), right, least=0.8))
    return rows


def groups_in(contributions: Floats, seed: int) -> int:
    """How many groups the report would show."""
    n, p = contributions.shape
    traits = tuple(Trait(f"x{j}", "numeric", "fit", f"x{j}", (f"x{j}",)) for j in range(p))
    ids = pd.Index([f"A-{i}" for i in range(n)])
    table = TraitTable(np.zeros((n, p)), traits, ids)
    known = Known(
        AccountTable(pd.DataFrame(index=ids), (), "", None), table, np.ones(n), np.full(n, np.nan), np.arange(n),
        frozenset(), True, np.full(n, np.datetime64("NaT", "D")), None,
    )  # fmt: skip
    view = reasons_view(known, contributions, _NO_PROFILES, _ASKED, seed)
    return 0 if view is None else len(view["groups"])


def planted(rng: np.random.Generator, n: int, n_groups: int) -> Floats:
    """Contributions of groups, each raised by two columns of its own."""
    group = rng.integers(0, n_groups, n)
    raised = 0.2 * rng.uniform(2.5, 4.0, 2 * n_groups) * np.eye(n_groups)[group].repeat(2, axis=1)
    own = 0.2 * rng.normal(size=(n, 2 * n_groups)) + raised
    others = 0.2 * rng.normal(size=(n, int(rng.integers(0, 5))))
    return np.hstack([own, others, 0.003 * rng.normal(size=(n, 10))])


def _independent(rng: np.random.Generator, n: int) -> Floats:
    return rng.normal(size=(n, _width(rng))) * _scale(rng)


def _one_strength(rng: np.random.Generator, n: int) -> Floats:
    width = _width(rng)
    return rng.normal(size=(n, 1)) * rng.uniform(0.3, 1.5, width) + rng.normal(size=(n, width))


def _skewed(rng: np.random.Generator, n: int) -> Floats:
    return rng.gamma(rng.uniform(0.8, 3.0), size=(n, _width(rng))) * _scale(rng)


def _few_levels(rng: np.random.Generator, n: int) -> Floats:
    levels = [
        rng.normal(size=k)[rng.choice(k, n, p=rng.dirichlet(np.ones(k)))] for k in rng.integers(2, 7, _width(rng))
    ]
    return np.column_stack(levels) + 0.05 * rng.normal(size=(n, len(levels)))


WITHOUT: Mapping[str, Callable[[np.random.Generator, int], Floats]] = {
    "that are independent": _independent,
    "with one common strength": _one_strength,
    "that are skewed": _skewed,
    "of few levels": _few_levels,
}


def _width(rng: np.random.Generator) -> int:
    return int(rng.integers(6, 16))


def _scale(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.2, 1.0))


def _size_words() -> str:
    return f"{', '.join(map(str, SIZES[:-1]))} and {SIZES[-1]} best customers"
