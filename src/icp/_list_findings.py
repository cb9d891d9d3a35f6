"""What there is to say of the tables of sales operations, once the accounts are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from icp._rules import ListTables
from icp.delivery import NEXT_ACTION
from icp.errors import did_you_mean
from icp.tables import Finding

__all__ = ["action_findings", "crm_action_findings", "near_ids", "unknown_ids"]

_SHOWN, _LOOKED_AT = 3, 200
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
        what = "none of them is" if len(unknown) == len(every) else f"{len(unknown):,} not"
        message = f"'{path}' names {len(every):,} accounts, {what} among those scored: {', '.join(said)}"
        more = f" and {len(unknown) - _SHOWN:,} more" if len(unknown) > _SHOWN else ""
        yield Finding("ICP733", "warning", f"{message}{more}.", n_rows=len(unknown))


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
