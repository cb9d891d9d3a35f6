"""How a model was learned, as plain values: enough to learn another one the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from icp.model._judge import Judgement, row_dates
from icp.model._known import Known, encode_known
from icp.options import ScoringOptions, TraitOptions
from icp.tables import AccountTable, Column, DatedTable, Finding

__all__ = ["known_by_recipe", "recipe_of", "row_times", "same_way", "scoring_of"]

_SCORING = ("n_folds", "max_trees", "n_leaves", "learning_rate")
_TRAITS = ("min_level", "half_life_days", "max_kinds")


def recipe_of(
    known: Known,
    scoring: ScoringOptions,
    traits: TraitOptions,
    seed: int,
    judgement: Judgement,
    findings: list[Finding],
) -> dict[str, Any]:
    """What a bundle keeps of the way it was learned.

    Parameters
    ----------
    known : Known
        What was learned from.
    scoring, traits : options
        As used.
    seed : int
        Of everything random.
    judgement : Judgement
        For the column that dated the rows.
    findings : list of Finding
        Of the leakage audit.

    Returns
    -------
    dict
        ``seed, scoring, traits, columns, tables, quarantined, kept, dated_by, learned_to``: plain JSON values. The
        last is the day up to which anything was read, labels included; empty where the rows have no dates.
    """
    own = {column.name for column in known.accounts.columns}
    used = [trait for trait in known.traits.traits if trait.rule in ("value", "age")]
    tables = {trait.rule.partition(":")[0] for trait in known.traits.traits if trait.rule not in ("value", "age")}
    times, by = row_times(known, judgement)
    dated = times[~np.isnat(times)]
    last = None if not len(dated) else pd.Timestamp(dated.max()) + pd.Timedelta(days=known.window_days or 0)
    return {
        "seed": seed,
        "scoring": {name: getattr(scoring, name) for name in _SCORING},
        "traits": {name: getattr(traits, name) for name in _TRAITS},
        "columns": sorted({source for trait in used for source in trait.sources if source in own}),
        "tables": sorted(tables),
        "quarantined": sorted(known.quarantined),
        "kept": sorted(str(finding.column) for finding in findings if finding.code == "ICP302"),
        "dated_by": by,
        "learned_to": "" if last is None else f"{last:%Y-%m-%d}",
    }


def row_times(known: Known, judgement: Judgement) -> tuple[np.ndarray, str]:
    """The date of each row's picture, and what it comes from.

    Parameters
    ----------
    known : Known
        The labelled rows.
    judgement : Judgement
        Its dates, where the label itself has none.

    Returns
    -------
    ndarray of datetime64, shape (n_labelled,)
        NaT where unknown.
    str
        ``"as_of"`` for labels with a window, else the column; empty where nothing dates the rows.
    """
    if not known.undated_label:
        return known.as_of, "as_of"
    dates = judgement.dates or row_dates(known.accounts, known.y, undated_label=True, test_share=0.2)
    if dates is None:
        return np.full(len(known.y), np.datetime64("NaT", "us")), ""
    return dates.dates, dates.column


def same_way(recipe: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two recipes would learn the same from the same rows.

    Parameters
    ----------
    recipe, other : mapping
        From :func:`recipe_of`.

    Returns
    -------
    bool
        True when nothing that learning looks at differs.
    """
    return all(recipe[key] == other[key] for key in ("seed", "scoring", "traits", "columns", "tables"))


def scoring_of(recipe: Mapping[str, Any]) -> ScoringOptions:
    """The scoring options of a recipe.

    Parameters
    ----------
    recipe : mapping
        From :func:`recipe_of`.

    Returns
    -------
    ScoringOptions
        Tiers at their default: they change no margin.
    """
    return ScoringOptions(**{name: recipe["scoring"][name] for name in _SCORING})


def known_by_recipe(
    known: Known,
    recipe: Mapping[str, Any],
    columns: Sequence[Column],
    events: DatedTable | None,
    outcomes: DatedTable | None,
) -> Known:
    """The same rows as another recipe would see them.

    Parameters
    ----------
    known : Known
        Rows, labels and groups, which stay.
    recipe : mapping
        Whose columns and trait options are used; what the audit suspects in these rows is left out all the same.
    columns : sequence of Column
        Of the bundle with that recipe: a column that is ignored today has the role it had.
    events, outcomes : DatedTable or None
        Dated history.

    Returns
    -------
    Known
        With other traits.

    Raises
    ------
    NotEnoughDataError
        None of its columns is left (``ICP203``).
    """
    used = set(recipe["columns"]) - (known.quarantined - set(recipe["kept"]))
    unused = {column.name for column in known.accounts.columns} - used
    exclude = frozenset(unused | ({"events", "outcomes"} - set(recipe["tables"])))
    options = TraitOptions(**{name: recipe["traits"][name] for name in _TRAITS})
    roles = {column.name: column.role for column in columns if column.name in used}
    accounts = _with_roles(known.accounts, roles, known.as_of)
    _, table = encode_known(accounts, events, outcomes, pd.Series(known.as_of), options, exclude)
    return replace(known, traits=table, quarantined=frozenset(recipe["quarantined"]))


def _with_roles(accounts: AccountTable, roles: Mapping[str, Any], as_of: np.ndarray) -> AccountTable:
    """The same cells, some columns in another role; dates that were not looked at so far end at the picture's."""
    columns = tuple(replace(column, role=roles.get(column.name, column.role)) for column in accounts.columns)
    woken = [
        column.name
        for column, now in zip(accounts.columns, columns, strict=True)
        if column.role != now.role and column.kind == "date" and column.name in accounts.frame.columns
    ]
    if not woken:
        return replace(accounts, columns=columns)
    later = {name: accounts.frame[name].to_numpy() > as_of for name in woken}
    cells = {name: accounts.frame[name].mask(late) for name, late in later.items()}
    return replace(accounts, columns=columns, frame=accounts.frame.assign(**cells))
