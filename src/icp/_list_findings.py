"""What there is to say of the tables of sales operations, once the accounts are known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from icp._rules import ListTables
from icp.delivery import NEXT_ACTION
from icp.errors import did_you_mean
from icp.tables import Finding

if TYPE_CHECKING:
    from icp.lists import HoldoutDesign

__all__ = [
    "action_findings",
    "crm_action_findings",
    "holdout_findings",
    "little_known",
    "near_ids",
    "twice_ruled",
    "unknown_ids",
    "unworked",
    "without_slot",
]

_SHOWN, _SHOWN_TERRITORIES, _LOOKED_AT = 3, 6, 200
_ALIKE = str.maketrans({"l": "1", "i": "1", "o": None, "0": None})


def unknown_ids(tables: ListTables, ids: Sequence[str]) -> Iterator[Finding]:
    """Accounts of rules that are not scored, so that the rule does nothing for them.

    Parameters
    ----------
    tables : ListTables
        As read.
    ids : sequence of str
        Scored accounts.

    Yields
    ------
    Finding
        ``ICP733`` for each file, those first for which a scored account has almost the same id.
    """
    known = set(ids)
    for path, named in tables.files.items():
        every = tuple(dict.fromkeys(named))
        unknown = [name for name in every if name not in known]
        if not unknown:
            continue
        near = near_ids(unknown[:_LOOKED_AT], known)
        shown = sorted(unknown, key=lambda name: name not in near)[:_SHOWN]
        said = [f"'{name[:60]}'" + (f" (did you mean '{near[name]}'?)" if name in near else "") for name in shown]
        what = "none" if len(unknown) == len(every) else f"{len(unknown):,} not"
        names = "1 account" if len(every) == 1 else f"{len(every):,} accounts"
        message = f"'{path}' names {names}, {what} among those scored: {', '.join(said)}"
        more = f" and {len(unknown) - _SHOWN:,} more" if len(unknown) > _SHOWN else ""
        yield Finding("ICP733", "warning", f"{message}{more}.", n_rows=len(unknown))


def unworked(territories: Sequence[str]) -> Finding:
    """Accounts that nobody may call.

    Parameters
    ----------
    territories : sequence of str, shape (n_accounts,)
        Their territories, in which nobody works.

    Returns
    -------
    Finding
        ``ICP734``, with the largest territories.

    Examples
    --------
    >>> unworked(["north", "Select", "Select"]).message
    "3 accounts lie in territories in which nobody works: 'Select' (2), 'north' (1)."
    """
    counts = Counter(territories)
    largest = sorted(counts, key=lambda name: (-counts[name], name))
    said = ", ".join(f"'{name[:60]}' ({counts[name]:,})" for name in largest[:_SHOWN_TERRITORIES])
    more = len(largest) - _SHOWN_TERRITORIES
    what = (
        "1 account lies in a territory"
        if len(territories) == 1
        else f"{len(territories):,} accounts lie in territories"
    )
    message = f"{what} in which nobody works: {said}"
    return Finding(
        "ICP734", "warning", message + (f" and {more:,} more." if more > 0 else "."), n_rows=len(territories)
    )


def twice_ruled(tables: ListTables) -> Iterator[Finding]:
    """Accounts that one rule puts on the call list and another takes off all lists.

    Parameters
    ----------
    tables : ListTables
        As read.

    Yields
    ------
    Finding
        ``ICP762``.
    """
    both = [name for name in tables.included if name in tables.excluded]
    if both:
        said = ", ".join(f"'{name[:60]}' ({tables.excluded[name][:60]})" for name in both[:_SHOWN])
        more = f" and {len(both) - _SHOWN:,} more" if len(both) > _SHOWN else ""
        what = "1 account is" if len(both) == 1 else f"{len(both):,} accounts are"
        message = f"{what} in rules.include and in rules.exclude, and so on no list: {said}{more}."
        yield Finding("ICP762", "warning", message, n_rows=len(both))


def without_slot(accounts: Sequence[tuple[str, str]]) -> Finding:
    """Accounts that a person put on the call list and that are not on it.

    Parameters
    ----------
    accounts : sequence of (str, str)
        Ids, and why.

    Returns
    -------
    Finding
        ``ICP736``.

    Examples
    --------
    >>> without_slot([("A-1", "no free slot")]).message
    "1 account that rules put on the call list is not on it: 'A-1' (no free slot)."
    """
    said = ", ".join(f"'{name[:60]}' ({why})" for name, why in accounts[:_SHOWN])
    more = f" and {len(accounts) - _SHOWN:,} more" if len(accounts) > _SHOWN else ""
    what, verb = ("1 account", "is") if len(accounts) == 1 else (f"{len(accounts):,} accounts", "are")
    message = f"{what} that rules put on the call list {verb} not on it: {said}{more}."
    return Finding("ICP736", "warning", message, n_rows=len(accounts))


def little_known(low: NDArray[np.bool_], included: NDArray[np.bool_], wanted: bool) -> Iterator[Finding]:
    """Nobody is known well enough to be called or held out, so the list is empty.

    Parameters
    ----------
    low : ndarray of bool, shape (n_accounts,)
        Accounts of low confidence, or without a score.
    included : ndarray of bool, shape (n_accounts,)
        Those that a person put on the list.
    wanted : bool
        Whether there is a call list or a hold-out, which leave such accounts off.

    Yields
    ------
    Finding
        ``ICP206``, with what to do next.
    """
    if not wanted or not len(low) or not low.all():
        return
    n = int((~included).sum())
    message = (
        f"all {len(low):,} accounts have low confidence, so {n:,} are on no call list and in no arm of a hold-out. "
        "That is so where the model learned from fewer than 40 best customers, or found no signal (ICP202, ICP321): "
        "bring more best customers (a wider definition, a longer window, older deals) and train again. Until then, "
        "give the scores out as something to look into (no call_list.reps, no holdout.share), or name accounts that a "
        "person has chosen with rules.include=[...]."
    )
    yield Finding("ICP206", "issue", message, n_rows=n)


def near_ids(unknown: Sequence[str], known: set[str]) -> dict[str, str]:
    """The known id that was probably meant: the same but for case, or for one character.

    Parameters
    ----------
    unknown : sequence of str
        Ids that nobody has.
    known : set of str
        Ids there are.

    Returns
    -------
    dict of str to str
        Without those that no id is near, and those near several of which none is more alike.

    Examples
    --------
    >>> near_ids(["a-00031", "A-0O031", "B-7"], {"A-00031", "A-00032"})
    {'a-00031': 'A-00031', 'A-0O031': 'A-00031'}
    """
    folded: dict[str, str] = {}
    for name in sorted(known, reverse=True):
        folded[name.strip().casefold()] = name
    letters = set().union(*folded)
    found = {}
    for name in unknown:
        text = name.casefold()
        near = [text] if text in folded else sorted(one for one in set(_edits(text, letters)) if one in folded)
        alike = [one for one in near if one.translate(_ALIKE) == text.translate(_ALIKE)]
        if len(near) == 1 or len(alike) == 1:
            found[name] = folded[(alike or near)[0]]
    return found


def _edits(text: str, letters: set[str]) -> Iterator[str]:
    """Every text that is one character away."""
    for i in range(len(text) + 1):
        before, after = text[:i], text[i:]
        yield before + after[1:]
        for letter in letters:
            yield before + letter + after
            yield before + letter + after[1:]


def crm_action_findings(actions: Mapping[str, str]) -> Iterator[Finding]:
    """Tiers for which the CRM file will say nothing.

    Parameters
    ----------
    actions : mapping of str to str
        The company's own next action of each tier; empty where it has no table.

    Yields
    ------
    Finding
        ``ICP737``.
    """
    without = [tier for tier in NEXT_ACTION if not actions.get(tier)] if actions else []
    if without:
        message = f"call_list.actions has no next action for tier {_words(without)}: it is empty in the CRM file."
        yield Finding("ICP737", "warning", message)


def action_findings(tables: ListTables, tiers: Sequence[str], on_list: Sequence[str]) -> Iterator[Finding]:
    """Where the company's table of next actions and the tiers do not meet.

    Parameters
    ----------
    tables : ListTables
        As read.
    tiers : sequence of str
        Of all scored accounts.
    on_list : sequence of str
        Of the accounts on the call list.

    Yields
    ------
    Finding
        ``ICP737``: tiers without an action, and actions without a tier.
    """
    if not tables.actions:
        return
    without = [tier for tier in on_list if not tables.actions.get(tier)]
    if without:
        message = f"call_list.actions has no next action for tier {_words(without)}: it is blank on the call list"
        yield Finding("ICP737", "warning", f"{message} for {len(without):,} accounts.", n_rows=len(without))
    there = {*NEXT_ACTION, *tiers}
    strange = [tier for tier in tables.actions if tier not in there]
    if strange:
        hint = did_you_mean(strange[0], sorted(there)).strip()
        message = f"call_list.actions names tier {_words(strange)}, which there is not; there are {_words(there)}."
        yield Finding("ICP737", "warning", f"{message} {hint}".strip())


def _words(tiers: Sequence[str] | set[str]) -> str:
    return ", ".join(repr(tier[:60]) for tier in sorted(set(tiers)))


def holdout_findings(design: HoldoutDesign, n_others: int, n_before: int = 0) -> tuple[Finding, ...]:
    """What to know of a hold-out before launch.

    Parameters
    ----------
    design : HoldoutDesign
        As drawn.
    n_others : int
        Accounts left out of the list for another reason.
    n_before : int, default=0
        Accounts that the campaign delivered before it had a hold-out: they count as treated.

    Returns
    -------
    tuple of Finding
        ``ICP721`` where it shows too little, ``ICP722`` where a missing account gives its arm away.
    """
    found: list[Finding] = []
    if not design.n_held_out + design.n_treated:
        return ()

    def add(code: str, severity: Any, message: str, n_rows: int | None = None) -> None:
        found.append(Finding(code, severity, message, n_rows=n_rows))

    if design.smallest_difference is None or design.smallest_difference > design.expected_rate:
        seen = "no difference at all" if design.smallest_difference is None else "only a list that doubles the rate"
        n = design.n_held_out + design.n_treated
        message = f"this hold-out ({design.n_held_out:,} of {n:,} accounts held out) shows {seen}."
        more = "Hold more out, or take a campaign with more accounts."
        if n_before > n / 2:
            more = (
                f"{n_before:,} of them were delivered in campaign '{design.campaign}' before there was a hold-out, and "
                "count as treated: give this trial a campaign of its own."
            )
        add("ICP721", "warning", f"{message} {more}")
    if design.n_held_out and not n_others:
        add(
            "ICP722",
            "warning",
            "every account left out of the list is held out, so a missing account gives its arm away. Leave others out "
            "too, such as customers and open opportunities.",
            design.n_held_out,
        )
    return tuple(found)
