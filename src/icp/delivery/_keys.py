"""What a key may be: constrained, unique whatever its capitals, and never repaired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from icp._spill import find_repeats
from icp.delivery._salesforce_ids import full_ids
from icp.delivery._targets import Target
from icp.errors import Problem
from icp.options import DeliveryOptions

__all__ = ["FORMULA", "KeyRule", "call_list_problems", "key_problems", "key_rule"]

# starts with a letter and holds nothing a spreadsheet or an importer would read as a number, date or formula
KEY = r"^[A-Za-z][A-Za-z0-9_.:-]*$"
# random ids (8-4-4-4-12 hexadecimal digits) cannot be taken for anything else either
GUID = r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
_DIGITS = r"^[0-9]+$"
_REWRITTEN = r"^[0-9]+[.,][0-9]*$|^[0-9]+([.,][0-9]*)?[eE][+-]?[0-9]+$"
_RECORDS = {"digits": r"^[1-9][0-9]{0,18}$", "guid": GUID, "zoho": r"^(zcrm_)?[1-9][0-9]{0,18}$"}
_SALESFORCE = r"^00[A-Za-z0-9]{13}([A-Za-z0-9]{3})?$"
"""Record ids of standard objects; those of others are told by ``key=record``."""

FORMULA = "^[-=+@\\t\\r\\n'＝＋－＠＇]"
"""What a spreadsheet runs, or does not show as it is."""

_SHOWN = 3


class KeyRule:
    """How ids become keys of a target.

    Parameters
    ----------
    rules : Target
        Whose keys.
    prefix : str
        Put before each id.
    record : bool
        Whether the ids are the target's own record ids.
    """

    def __init__(self, rules: Target, prefix: str, record: bool) -> None:
        self.rules, self.prefix, self.record = rules, prefix, record
        self.of_salesforce = record and rules.record is not None and rules.record.kind == "salesforce"

    def keys(self, ids: pa.Array) -> pa.Array:
        """The keys of some ids.

        Parameters
        ----------
        ids : Array of string
            As read.

        Returns
        -------
        Array of string
            With the prefix; record ids of Salesforce with all 18 characters. An id that is none stays as it is.
        """
        if self.of_salesforce:
            full, wrong = full_ids(ids)
            return pc.if_else(pa.array(wrong), ids, full)
        return pc.binary_join_element_wise(self.prefix, ids, "") if self.prefix else ids


def key_rule(ids: Callable[[], Iterable[pa.Array]], options: DeliveryOptions, rules: Target) -> KeyRule:
    """What the ids of a list are.

    Parameters
    ----------
    ids : callable
        Gives batches of them, as read.
    options : DeliveryOptions
        ``key`` and ``key_prefix``.
    rules : Target
        Of the system.

    Returns
    -------
    KeyRule
        With ``key=auto``, record ids of Salesforce where all ids look so.
    """
    record = options.key == "record"
    if options.key == "auto" and rules.record is not None and rules.record.kind == "salesforce":
        record = not options.key_prefix and _of_salesforce(ids())
    return KeyRule(rules.by_record() if record and rules.record else rules, options.key_prefix, record)


def _of_salesforce(batches: Iterable[pa.Array]) -> bool:
    """Whether all ids look like Salesforce's own, and some have letters: long numbers are numbers."""
    letters = False
    for ids in batches:
        if not pc.all(pc.match_substring_regex(ids, _SALESFORCE)).as_py():
            return False
        letters |= bool(pc.any(pc.match_substring_regex(ids, "[A-Za-z]")).as_py())
    return letters


def key_problems(ids: Callable[[], Iterable[pa.Array]], rule: KeyRule, folder: Path | None = None) -> list[Problem]:
    """What is wrong with the keys of a list.

    Parameters
    ----------
    ids : callable
        Gives batches of ids, as read.
    rule : KeyRule
        How they become keys.
    folder : Path, default=None
        Where keys go while repeats are looked for; None keeps them in memory.

    Returns
    -------
    list of Problem
        Empty when every key is allowed and none comes twice, capitals or not.
    """
    problems = list(_refused(ids(), lambda part: _rules(part, rule), rule.of_salesforce))
    again = find_repeats((rule.keys(part) for part in ids()), folder, fold=True)
    if again.n_rows:
        message = "the key comes more than once (capitals do not count): the CRM would overwrite one with the other."
        action = "Keep one row per account."
        problems.append(Problem("ICP603", message, action, "account_id", again.n_rows, again.examples))
    elif rule.of_salesforce:
        problems += _short_twins(ids, folder)
    return problems


def call_list_problems(ids: Iterable[pa.Array]) -> list[Problem]:
    """Ids that reps cannot get in a call list, which they open in a spreadsheet.

    Parameters
    ----------
    ids : iterable of Array
        As read.

    Returns
    -------
    list of Problem
        ``ICP602``; ids are never repaired.
    """
    message = "the key cannot be put on a call list safely: a spreadsheet takes it for a formula."
    action = "Mend the ids at their source: a key is never repaired."

    def rules(part: pa.Array) -> Iterator[tuple[np.ndarray, str, str, str]]:
        yield _match(part, FORMULA), "ICP602", message, action

    return list(_refused(ids, rules))


def _refused(
    batches: Iterable[pa.Array],
    rules: Callable[[pa.Array], Iterable[tuple[np.ndarray, str, str, str]]],
    of_salesforce: bool = False,
) -> Iterator[Problem]:
    """Keys that break a rule, one problem for each rule, with the rows they stand in."""
    found: dict[tuple[str, str, str], tuple[int, list[str]]] = {}
    first, objects = 1, set()
    for ids in batches:
        left = np.ones(len(ids), dtype=bool)
        for broken, *words in rules(ids):
            rows = np.flatnonzero(left & np.asarray(broken))
            left[rows] = False
            if len(rows):
                n, shown = found.get(tuple(words), (0, []))  # type: ignore[arg-type]
                shown += [f"row {first + int(i)}: '{ids[int(i)].as_py()[:60]}'" for i in rows[: _SHOWN - len(shown)]]
                found[tuple(words)] = (n + len(rows), shown)  # type: ignore[index]
        if of_salesforce:
            objects.update(pc.utf8_slice_codeunits(ids.filter(pa.array(left)), 0, 3).unique().to_pylist())
        first += len(ids)
    for (code, message, action), (n, shown) in found.items():
        yield Problem(code, message, action, "account_id", n, tuple(shown))
    if len(objects) > 1:
        message = f"the ids are of several objects of Salesforce: they begin with {', '.join(sorted(objects))}."
        yield Problem("ICP607", message, "Keep the ids of one object; those of accounts begin with 001.", "account_id")


def _rules(ids: pa.Array, rule: KeyRule) -> Iterator[tuple[np.ndarray, str, str, str]]:
    """Where each rule is broken, with code, message and action; a key breaks the first one that it breaks."""
    rules, keys = rule.rules, rule.keys(ids)
    if rules.view_only:
        return
    if rule.record:
        yield from _record_rules(ids, rule)
        return
    numbers = "Numbers are taken for a CRM's own record numbers: declare a prefix, delivery.key_prefix=C- ."
    if rules.record is not None:
        numbers += f" Where they are {rules.record.words}: delivery.key=record."
    own = ids if rule.prefix else keys
    rewritten = "Mend the ids at their source: a spreadsheet has rewritten them as numbers; a prefix does not help."
    yield _match(own, _REWRITTEN), "ICP602", "the key looks like a number that was rewritten.", rewritten
    yield _match(keys, _DIGITS), "ICP602", "the key is only digits and cannot be loaded safely.", numbers
    most = min(rules.key.length, rules.most("key"))
    action = (
        f"A key starts with a letter and holds letters, digits, _ . : - only, {most} at most; it is never repaired."
    )
    fine = (_match(keys, KEY) & (pc.utf8_length(keys).to_numpy() <= most)) | _match(keys, GUID)
    yield ~fine, "ICP602", "the key cannot be loaded safely.", action
    dots = pc.count_substring(keys, ".").to_numpy() > rules.key_dots
    action = f"{rules.title} takes {rules.key_dots} dot at most in a key."
    yield dots, "ICP602", "the key has too many dots.", action


def _record_rules(ids: pa.Array, rule: KeyRule) -> Iterator[tuple[np.ndarray, str, str, str]]:
    record = rule.rules.record
    assert record is not None  # noqa: S101 - plan_list refuses record ids where the target has none
    action = f"With delivery.key=record all ids are {record.words}, without a prefix."
    if not rule.of_salesforce:
        yield ~_match(ids, _RECORDS[record.kind]), "ICP607", f"the id is not one of {rule.rules.title}.", action
        return
    yield ~_match(ids, r"^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$"), "ICP607", "the id is not one of Salesforce.", action
    message = "the last three characters of the id do not fit the others: a letter was changed."
    yield full_ids(ids)[1], "ICP607", message, "Take the ids from Salesforce again; none is guessed."


def _short_twins(ids: Callable[[], Iterable[pa.Array]], folder: Path | None) -> list[Problem]:
    """Ids of 15 characters that differ by capitals only: two records, or one that a spreadsheet damaged."""
    if not any(pc.any(pc.equal(pc.utf8_length(part), 15)).as_py() for part in ids()):
        return []
    place = None if folder is None else folder / "short"
    again = find_repeats((pc.utf8_slice_codeunits(part, 0, 15) for part in ids()), place, fold=True)
    if not again.n_rows:
        return []
    message = "ids of 15 characters differ by capitals only: nobody can tell whether a capital was lost."
    action = "Export the ids with 18 characters."
    return [Problem("ICP607", message, action, "account_id", again.n_rows, again.examples)]


def _match(texts: pa.Array, pattern: str) -> np.ndarray:
    return pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
