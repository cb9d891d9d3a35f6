"""The sentences: what is so about the account, and how often such accounts became best customers."""

from __future__ import annotations

import math

from icp._wording import MAX_TEXT, capital, fact, inner, plain, times

__all__ = ["is_evidence", "is_firm", "sentence"]

MIN_EFFECT = 0.1
ONE_IN_SIX = 1.0
ONE_IN_TWENTY = 1.645
ONE_IN_TWO_HUNDRED = 2.576
MAY_BE_CHANCE = ", which may be chance"
_LABEL_LIMIT = 80


def is_evidence(best: int, n: int, base: float, direction: int, min_group: int, z: float = ONE_IN_TWENTY) -> bool:
    """Whether a rate points one way, by more than a trifle and by more than chance.

    Parameters
    ----------
    best, n : int
        Best customers in the group, and its size.
    base : float
        Share of best customers among all.
    direction : {1, -1}
        Above the base, or below.
    min_group : int
        Fewest accounts behind a quoted rate.
    z : float, default=1.645
        Standard errors, under the base rate, that the rate must be off (1.645: one-sided 5 %).

    Returns
    -------
    bool
        True when the group is large enough, and its rate off by a tenth of the rarer side and by ``z`` errors.
    """
    if n < max(min_group, 1) or not 0 < base < 1:
        return False
    gap = direction * (best / n - base)
    return gap >= MIN_EFFECT * min(base, 1 - base) and gap >= z * math.sqrt(base * (1 - base) / n)


def is_firm(text: str) -> bool:
    """Whether there is a sentence, and it quotes a rate that is off by more than chance.

    Parameters
    ----------
    text : str
        As made by :func:`sentence`, or empty.

    Returns
    -------
    bool
        False for no sentence, and for one that says it may be chance.
    """
    return bool(text) and MAY_BE_CHANCE not in text


def sentence(facts: list[tuple[str, str]], best: int, n: int, base: float, *, firm: bool = True) -> str:
    """One reason, safe in a CRM cell, that keeps its numbers whatever the length of the user's words.

    Parameters
    ----------
    facts : list of (str, str)
        What is so about the account: label and group; a second fact is worded "in combination with".
    best, n : int
        Best customers among accounts of which this is so, and their number.
    base : float
        Share of best customers among all.
    firm : bool, default=True
        Whether the rate is off by more than chance; if not, the sentence says that it may be chance.

    Returns
    -------
    str
        At most 255 characters and bytes.

    Examples
    --------
    >>> sentence([("employees", "50 to 199")], 41, 690, 0.0283)
    'Employees: 50 to 199. Such accounts became best customers 2.1 times as often as the average (41 of 690).'
    >>> sentence([("industry", "Retail"), ("country", "Norway")], 0, 310, 0.08)
    'Industry: Retail, in combination with country: Norway. None of 310 such accounts became a best customer.'
    >>> sentence([("age", "3")], 18, 160, 0.1, firm=False)
    'Age: 3. Such accounts became best customers 12 % more often than the average (18 of 160, which may be chance).'
    """
    said = _rate(best, n, base, "" if firm else MAY_BE_CHANCE)
    room = MAX_TEXT - len(said.encode()) - 1
    words = " in combination with "
    share = room if len(facts) == 1 else (room - len(words) - 1) // len(facts)
    heads = [_fact(label, group, share - 2) for label, group in facts]
    heads[0] = capital(heads[0])
    return plain(f"{f',{words}'.join(heads)}. {said}")


def _fact(label: str, group: str, limit: int) -> str:
    """Label and group in ``limit`` bytes; the group gets what the label leaves."""
    named = plain(label, min(_LABEL_LIMIT, limit // 2)).rstrip(" :.") or "a column without readable letters"
    room = limit - len(named.encode()) - 2
    return fact(named, inner(group, room)).rstrip(". ")


def _rate(best: int, n: int, base: float, doubt: str) -> str:
    """How often such accounts became best customers, against the average."""
    if best == 0:
        return f"None of {n:,} such accounts became a best customer{doubt}."
    if best == n:
        return f"All {n:,} such accounts became best customers{doubt}."
    ratio = best / n / base
    counts = f"({best:,} of {n:,}{doubt})"
    if round(100 * ratio) >= 150:
        return f"Such accounts became best customers {times(ratio)} as often as the average {counts}."
    change = f"{100 * abs(ratio - 1):.0f} %" if ratio > 0.01 else "over 99 %"
    more = "more" if ratio > 1 else "less"
    return f"Such accounts became best customers {change} {more} often than the average {counts}."
