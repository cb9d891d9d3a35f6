"""What a column's cells are, judged from its different texts, with the reason in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from icp.accounts._cells import NO, YES, Cells
from icp.accounts._dates import DateFormats, date_formats, parse_dates
from icp.accounts._numbers import decimal_mark, is_beyond, is_whole_number, number_unit, parse_numbers
from icp.tables import Kind

__all__ = ["Guess", "Profile", "as_date", "as_number", "guess_kind", "names_a_worker", "profile_of"]

READABLE = 0.9
"""Share of the filled cells that must read as a number or a date."""
_MANY = 0.5
_SMALL_CODES = 15
_SAMPLE = 10_000
_CAMEL_ID = re.compile(r"[a-z](?:ID|Id|No|Nr|Key|Code)$")
_PHONE = re.compile(r"phone|telefon|\bmobile\b|\bfax\b|\bmobil\b", re.IGNORECASE)
_CONTACT = re.compile(rf"{_PHONE.pattern}|e-?mail|website|\burl\b|homepage", re.IGNORECASE)
_WHOLE_ID = re.compile(
    r"(?:^|[ _\-.#])(?:id|ids|no|nr|number|num|key|uuid|guid|code|zip|plz)\.?$|zip|postal|postcode|plz", re.IGNORECASE
)
_WORKER = re.compile(
    r"\b(owner|(sales|account) (agent|rep|representative|person|manager|executive)|salesperson|salesman|assigned to"
    r"|(sdr|bdr|sr|rep|closer)(?= id\b|$))\b",
    re.IGNORECASE,
)
_ADDRESS = r"^[^@ ]+@[^@ ]+\.[^@ ]+$|^(https?://|www\.)[^ ]+$"


@dataclass(frozen=True)
class Profile:
    """The filled cells of a column, each different text once.

    Parameters
    ----------
    text : Array of string, shape (n_distinct,)
        Different texts, most frequent first.
    counts : ndarray of int64, shape (n_distinct,)
        Rows of each.
    n_missing : int
        Rows without a value.
    """

    text: pa.Array
    counts: NDArray[np.int64]
    n_missing: int

    def sample(self) -> Profile:
        """At most a few thousand of the texts, evenly over frequent and rare ones, for what a sample can tell."""
        step = -(-len(self.text) // _SAMPLE)
        if step <= 1:
            return self
        return Profile(self.text.take(pa.array(np.arange(0, len(self.text), step))), self.counts[::step], 0)

    @property
    def n_filled(self) -> int:
        """Rows with a value."""
        return int(self.counts.sum())

    @property
    def n_distinct(self) -> int:
        """Different values."""
        return len(self.text)


@dataclass(frozen=True)
class Guess:
    """What a column was taken for.

    Parameters
    ----------
    kind : str
        See :class:`icp.tables.Column`.
    reason : str
        Why, in words.
    decimal, unit, date_format : str
        How to read it.
    n_unreadable : int, default=0
        Filled cells that do not fit.
    n_infinite : int, default=0
        Filled cells of a number that are infinite or too large to mean anything; they say nothing of the kind.
    note : str, default=""
        Something to tell the user about the guess.
    """

    kind: Kind
    reason: str
    decimal: str = "."
    unit: str = ""
    date_format: str = ""
    n_unreadable: int = 0
    n_infinite: int = 0
    note: str = ""


def profile_of(cells: Cells) -> Profile:
    """The filled cells of a column.

    Parameters
    ----------
    cells : Cells
        All its cells.

    Returns
    -------
    Profile
        Sorted by count, then by text, so that the order of rows does not matter.
    """
    known = ~cells.missing
    encoded = cells.text.filter(pa.array(known)).dictionary_encode()  # two may be equal after trimming
    totals = np.zeros(len(encoded.dictionary), dtype=np.int64)
    np.add.at(totals, encoded.indices.to_numpy(), cells.counts[known])
    order = pc.sort_indices(
        pa.table({"n": totals, "text": encoded.dictionary}), [("n", "descending"), ("text", "ascending")]
    )
    counts = totals[order.to_numpy()]
    return Profile(encoded.dictionary.take(order), counts, len(cells.index) - int(counts.sum()))


def guess_kind(name: str, profile: Profile, decimal: str) -> Guess:
    """What the cells of a column are.

    Parameters
    ----------
    name : str
        The column's name; its hints count only together with the cells.
    profile : Profile
        The cells.
    decimal : {".", ","}
        Decimal mark of the file, for cells that read with either.

    Returns
    -------
    Guess
        Never raises.
    """
    if not profile.n_filled:
        return Guess("empty", "no cell is filled")
    if profile.n_distinct == 1 and not profile.n_missing:
        return Guess("constant", f"every cell is '{profile.text[0].as_py()[:40]}'")
    boolean = _as_boolean(profile)
    if boolean is not None:
        return boolean
    if _may_be_dates(profile):
        date = as_date(profile)
        if date.n_unreadable <= (1 - READABLE) * profile.n_filled:
            return date
    coded = _as_code(name, profile)
    if coded is not None:
        return coded
    number = as_number(profile, decimal)
    finite = profile.n_filled - number.n_infinite
    if number.n_unreadable <= (1 - READABLE) * finite and finite >= _MANY * profile.n_filled:
        return number
    return _as_words(name, profile)


def _may_be_dates(profile: Profile) -> bool:
    """False where of thousands of texts, evenly over frequent and rare ones, hardly half are dates."""
    some = profile.sample()
    return some is profile or as_date(some).n_unreadable <= _MANY * some.n_filled


def names_a_worker(name: str) -> bool:
    """Whether a column's name says that it holds the person who works the account.

    A score that learns from it scores reps, not accounts, and changes whenever an account changes hands.

    Parameters
    ----------
    name : str
        As in the source.

    Returns
    -------
    bool
        True for ``owner``, ``sales_agent``, ``Account Manager``, ``sdr_id`` and the like.

    Examples
    --------
    >>> [names_a_worker(name) for name in ("owner", "SalesRep", "ownership", "lead_owner_id", "agent_count")]
    [True, True, False, True, False]
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return _WORKER.search(re.sub(r"[\W_]+", " ", words)) is not None


def as_number(profile: Profile, decimal: str) -> Guess:
    """The column read as numbers.

    Parameters
    ----------
    profile : Profile
        The cells.
    decimal : {".", ","}
        Decimal mark for cells that read with either.

    Returns
    -------
    Guess
        Of kind ``numeric``.
    """
    some = profile.sample()
    mark = decimal_mark(some.text, some.counts) or decimal
    values = parse_numbers(profile.text, mark)
    unit = number_unit(some.text, some.counts)
    unread = np.isnan(values)
    beyond = is_beyond(profile.text.filter(pa.array(unread)), mark)
    infinite = int(profile.counts[unread][beyond].sum())
    bad = int(profile.counts[unread].sum()) - infinite
    how = " with decimal comma" if mark == "," else ""
    reason = f"{_share(profile, bad + infinite)} as a number{how}{f' in {unit}' if unit else ''}"
    known = values[~np.isnan(values)]
    few = 2 < len(known) <= _SMALL_CODES and profile.n_filled > 3 * len(known)
    whole = few and bool((known == np.floor(known)).all())
    note = "few whole numbers: if they are codes, list it in accounts.categorical" if whole else ""
    return Guess("numeric", reason, mark, unit, n_unreadable=bad, n_infinite=infinite, note=note)


def as_date(profile: Profile, prefer: tuple[str, ...] = ()) -> Guess:
    """The column read as dates.

    Parameters
    ----------
    profile : Profile
        The cells.
    prefer : tuple of str, default=()
        Formats that win when day and month could be exchanged.

    Returns
    -------
    Guess
        Of kind ``date``; everything is unreadable when no cell is a date.
    """
    formats = date_formats(profile.text, profile.counts, prefer)
    if not formats.formats:
        return Guess("date", "no cell reads as a date", n_unreadable=profile.n_filled)
    bad = int(profile.counts[np.isnat(parse_dates(profile.text, formats.formats))].sum())
    reason = f"{_share(profile, bad)} as a date written {' or '.join(map(_date_words, formats.formats))}"
    return Guess("date", reason, date_format="|".join(formats.formats), n_unreadable=bad, note=_date_note(formats))


def _date_note(formats: DateFormats) -> str:
    if formats.mixed:
        return "day first in some cells and month first in others: cells that read both ways follow the more frequent"
    return "day and month could be exchanged in every cell: day first was assumed" if formats.ambiguous else ""


def _date_words(date_format: str) -> str:
    words = {"%Y": "yyyy", "%y": "yy", "%m": "mm", "%d": "dd", "%b": "Mon", "%B": "Month"}
    for code, word in words.items():
        date_format = date_format.replace(code, word)
    return date_format


def _share(profile: Profile, bad: int) -> str:
    filled = profile.n_filled
    if not bad:
        return f"all {filled:,} filled cells read" if filled > 1 else "the one filled cell reads"
    share = 100 * (filled - bad) / max(filled, 1)
    return f"{min(share, 99.9):.{1 if share > 99 else 0}f} % of {filled:,} filled cells read"


def _as_boolean(profile: Profile) -> Guess | None:
    if profile.n_distinct > len(YES) + len(NO):
        return None
    words = {text.lower() for text in profile.text.to_pylist()}
    digits = words <= {"0", "1", "0.0", "1.0"}
    if digits or not words <= {*YES, *NO}:
        return None
    one_sided = words <= set(YES) or words <= set(NO)
    if one_sided and not profile.n_missing:
        return None
    shown = "only " + "/".join(sorted(words)) if one_sided else "/".join(sorted(words))
    return Guess("boolean", f"the cells say {shown}")


def _as_code(name: str, profile: Profile) -> Guess | None:
    """Digits that name something: ids, zip codes, telephone numbers."""
    whole = is_whole_number(profile.text)
    n_whole = int(profile.counts[whole].sum())
    if n_whole < READABLE * profile.n_filled or profile.n_filled < 3:
        return None
    digits = profile.text.filter(pa.array(whole))
    lengths = pc.utf8_length(digits).to_numpy(zero_copy_only=False)
    leading = np.asarray(pc.match_substring_regex(digits, "^0[0-9]+$").to_numpy(zero_copy_only=False), dtype=bool)
    unique = profile.n_distinct == profile.n_filled
    many = profile.n_distinct > max(20, _MANY * profile.n_filled)
    phone = bool(_PHONE.search(name)) and bool(lengths.mean() >= 6)
    hint = phone or bool(_WHOLE_ID.search(name) or _CAMEL_ID.search(name))
    same_length = len(set(lengths.tolist())) == 1 and lengths[0] >= 4
    if leading.any():
        kind: Kind = "identifier" if many else "categorical"
        return Guess(kind, f"digits with leading zeros in {int(profile.counts[whole][leading].sum()):,} cells: a code")
    if hint and (same_length or (unique and profile.n_filled > 10) or phone):
        few = not many and re.search("code|zip|plz|postal", name, re.IGNORECASE)
        words = "different in every row" if unique else f"{profile.n_distinct:,} different"
        return Guess("categorical" if few else "identifier", f"whole numbers, {words}, under a name for ids")
    if unique and profile.n_filled > 20 and not profile.n_missing and _is_sequence(digits):
        return Guess("identifier", "counts the rows one by one")
    return None


def _is_sequence(digits: pa.Array) -> bool:
    numbers = parse_numbers(digits, ".")
    return float(numbers.max() - numbers.min()) + 1 == len(numbers)


def _as_words(name: str, profile: Profile) -> Guess:
    """Categories, names that are different for nearly every account, or free text."""
    n_filled, n_distinct = profile.n_filled, profile.n_distinct
    addresses = np.asarray(pc.match_substring_regex(profile.text, _ADDRESS).to_numpy(zero_copy_only=False), dtype=bool)
    if int(profile.counts[addresses].sum()) >= READABLE * n_filled or (_CONTACT.search(name) and n_distinct > 20):
        return Guess("identifier", "e-mail addresses, web addresses or telephone numbers")
    words = pc.add(pc.count_substring(profile.text, " "), 1).to_numpy(zero_copy_only=False)
    many = n_distinct > max(10 if n_distinct == n_filled else 50, _MANY * n_filled)
    if many and float(np.average(words, weights=profile.counts)) >= 6:
        return Guess("text", "long texts, different in most rows")
    if many:
        how = "every row" if n_distinct == n_filled else f"{n_distinct:,} of {n_filled:,} filled cells"
        return Guess("identifier", f"different in {how}: a name or an id")
    return Guess("categorical", f"{n_distinct:,} different texts in {n_filled:,} filled cells")
