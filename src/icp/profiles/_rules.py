"""One short rule per profile, in the user's own columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._groups import NOT_KNOWN, level_words, unknown_words
from icp._range_words import NONE_ON_RECORD, ONE_ON_RECORD
from icp._samples import RULES
from icp._statistics import wilson
from icp._wording import fact, plain
from icp.profiles._groups import ranges_of
from icp.profiles._parts import Rule, condition_holds
from icp.tables import OTHER_LEVEL, Trait, TraitTable

__all__ = ["find_rules"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_MAX_CONDITIONS = 3
_MIN_GAIN = 0.03
_MIN_COVERAGE = 0.6
_MAX_ROWS = RULES.rows
_LEARN_SHARE = 0.6


def find_rules(
    best: TraitTable,
    labels: NDArray[np.int64],
    base: TraitTable,
    label: Floats | None,
    *,
    confidence: float,
    random_state: int = 0,
) -> tuple[Rule | None, ...]:
    """The rule of each profile against all accounts; None where none finds 60 % of the profile on new accounts.

    Conditions are added one at a time, each the one that adds most to the share of the profile found minus the share of
    other accounts found (Youden 1950). 60 % of the accounts choose them, 20,000 best customers and 20,000 of the base
    at most; all that is quoted is counted on all of the other 40 %.

    Parameters
    ----------
    best : TraitTable
        Best customers.
    labels : ndarray of int64, shape (n_best,)
        Profile of each.
    base : TraitTable
        Accounts compared with; those of ``best`` in it do not count as others of their own profile.
    label : ndarray of float64, shape (n_base,), or None
        1 best, 0 not, NaN unknown.
    confidence : float
        Coverage of the interval of the rate.
    random_state : int, default=0
        Seed of the parting.

    Returns
    -------
    tuple of Rule or None
        One per profile.
    """
    rng = np.random.default_rng(random_state)
    conditions = _conditions(base)
    learn_best = rng.random(len(labels)) < _LEARN_SHARE
    learn_base = _same_side(best, base, learn_best, rng.random(len(base.values)) < _LEARN_SHARE)
    some = _at_most(np.flatnonzero(learn_base), rng)
    learned = _at_most(np.flatnonzero(learn_best), rng)
    in_best, in_base = _holds(conditions, best.values[learned]), _holds(conditions, base.values[some])
    rules = []
    for profile in range(int(labels.max()) + 1):
        own = labels == profile
        members = set(best.account_id[own])
        others = np.fromiter((account not in members for account in base.account_id[some]), bool, len(some))
        chosen = _grow(in_best[:, own[learned]], in_base[:, others])
        picked = [conditions[i] for i in chosen]
        found_own = _all_hold(picked, best.values)[own & ~learn_best]
        found = _all_hold(picked, base.values)[~learn_base] if picked else np.zeros(0, dtype=bool)
        rules.append(_judge(picked, found_own, found, None if label is None else label[~learn_base], confidence))
    return tuple(rules)


def _at_most(rows: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    """All rows, or a random 20,000."""
    return rows if len(rows) <= _MAX_ROWS else np.sort(rng.permutation(rows)[:_MAX_ROWS])


def _conditions(base: TraitTable) -> list[dict[str, Any]]:
    """Everything a rule may say of one trait, with round numbers."""
    found: list[dict[str, Any]] = []
    for j, trait in enumerate(base.traits):
        values = base.values[:, j]
        known = np.isfinite(values)
        if trait.kind == "categorical":
            found += _of_levels(j, trait, bool(known.all()))
        else:
            ranges = ranges_of(trait, values[known])
            for edge, above, below in zip(ranges.edges, ranges.above, ranges.below, strict=True):
                found += [_condition(j, trait, "at least", edge, above), _condition(j, trait, "below", edge, below)]
        if not known.all():
            unknown = unknown_words(trait)
            found += [
                _condition(j, trait, "known", 0.0, "known" if unknown == NOT_KNOWN else "on record"),
                _condition(j, trait, "not known", 0.0, unknown),
            ]
    return found


def _of_levels(j: int, trait: Trait, all_known: bool) -> list[dict[str, Any]]:
    """Each level, and each but that; of two, "is not" says nothing new. What is not known is no level and not "not"."""
    found = []
    other = "not" if all_known else "known but not"
    for code, level in enumerate(trait.levels):
        if level == OTHER_LEVEL:
            continue
        found.append(_condition(j, trait, "level", code, level_words(level)))
        if len(trait.levels) > 2 or OTHER_LEVEL in trait.levels:
            found.append(_condition(j, trait, "not level", code, f"{other} {level_words(level)}"))
    return found


def _condition(j: int, trait: Trait, kind: str, value: float, words: str) -> dict[str, Any]:
    text = fact(trait.label, words)
    if words in ("yes", "no", NOT_KNOWN, "known") or trait.kind == "categorical":
        text = f"{trait.label} is {words}"
    elif ": " in text and words not in ("none", NONE_ON_RECORD, ONE_ON_RECORD):
        text = f"{trait.label} {words}"
    return {"column": j, "trait": trait.name, "kind": kind, "value": value, "words": plain(text, 120)}


def _holds(conditions: Sequence[Mapping[str, Any]], values: Floats) -> Bools:
    rows = [condition_holds(condition, values) for condition in conditions]
    return np.array(rows, dtype=bool).reshape(len(conditions), len(values))


def _all_hold(conditions: Sequence[Mapping[str, Any]], values: Floats) -> Bools:
    return np.asarray(_holds(conditions, values).all(axis=0), dtype=bool)


def _grow(own: Bools, others: Bools) -> list[int]:
    """Positions of the conditions chosen, in the order of choice."""
    chosen: list[int] = []
    kept_own, kept_others = np.ones(own.shape[1], dtype=bool), np.ones(others.shape[1], dtype=bool)
    reached = 0.0
    while len(chosen) < _MAX_CONDITIONS and len(own):
        coverage = own[:, kept_own].sum(axis=1) / max(own.shape[1], 1)
        reach = others[:, kept_others].sum(axis=1) / max(others.shape[1], 1)
        worth = coverage - reach
        at = int(worth.argmax())
        if worth[at] < reached + _MIN_GAIN:
            break
        chosen.append(at)
        reached = float(worth[at])
        kept_own, kept_others = kept_own & own[at], kept_others & others[at]
    return chosen


def _same_side(best: TraitTable, base: TraitTable, learn_best: Bools, drawn: Bools) -> Bools:
    """Base accounts on the same side of the parting as themselves among the best customers."""
    side = dict(zip(best.account_id, learn_best.tolist(), strict=True))
    return np.array([side.get(account, own) for account, own in zip(base.account_id, drawn.tolist(), strict=True)])


def _judge(
    picked: list[dict[str, Any]], found_own: Bools, found: Bools, label: Floats | None, confidence: float
) -> Rule | None:
    n, n_own = int(found.sum()), int(found_own.sum())
    if not picked or not n_own or n_own / len(found_own) < _MIN_COVERAGE or n < n_own:
        return None
    rate = low = high = None
    if label is not None:
        seen = label[found]
        seen = seen[np.isfinite(seen)]
        if len(seen):
            rate = float(seen.mean())
            low, high = (float(bound) for bound in wilson(seen.sum(), len(seen), confidence))
    text = plain(" and ".join(condition["words"] for condition in picked))
    return Rule(text, tuple(picked), n_own / len(found_own), n_own / n, n, rate, low, high)
