"""The role and kind of every column: what the options say, else what the cells show."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import pyarrow as pa

from icp._progress import part
from icp.accounts._cells import distinct_cells
from icp.accounts._kinds import Guess, Profile, as_date, as_number, guess_kind, names_a_worker, profile_of
from icp.accounts._numbers import decimal_mark
from icp.accounts._raw import RawTable, missing_columns
from icp.errors import Problem, TableError
from icp.options import AccountOptions
from icp.tables import Column, Finding, Kind, Role

__all__ = ["A_KIND", "column_findings", "infer_columns", "typed_kind"]

_ROLES: tuple[Role, ...] = ("ignored", "sensitive", "engagement", "known_after", "current_score")
_KINDS: tuple[Kind, ...] = ("numeric", "categorical", "date", "text")
_MAX_EXAMPLES = 3

A_KIND = {"numeric": "a number", "date": "a date", "boolean": "yes or no"}
"""Words for what a cell of each kind reads as."""


def infer_columns(
    raw: RawTable,
    options: AccountOptions,
    *,
    label_text: Collection[str] = (),
    label_numeric: Collection[str] = (),
) -> tuple[Column, ...]:
    """Role and kind of each column, with the reason in words.

    Parameters
    ----------
    raw : RawTable
        The cells.
    options : AccountOptions
        What the user says about columns; this wins over what the cells show.
    label_text, label_numeric : collection of str, default=()
        Columns the label is made from, kept as text or read as numbers.

    Returns
    -------
    tuple of Column
        In the order of the source.

    Raises
    ------
    TableError
        Options name columns that are not there (``ICP102``) or one column twice (``ICP105``); all at once.
    """
    roles = _declared_roles(options, label_text, label_numeric)
    kinds = _declared_kinds(options, label_text, label_numeric)
    _refuse_wrong_names(raw, options, [*roles, *kinds])
    profiles: dict[str, Profile] = {}
    typed: dict[str, Kind] = {}
    names = raw.table.column_names
    with part("telling columns apart", raw.table.num_rows) as advance:
        for done, name in enumerate(names, start=1):
            cells = raw.table.column(name)
            typed[name] = typed_kind(cells.type)
            profiles[name] = profile_of(distinct_cells(cells, options.missing_values))
            advance(done / len(names))
    decimal = options.decimal or _file_decimal(raw, profiles)
    return tuple(
        _column(name, profiles[name], roles.get(name), kinds.get(name), typed[name], decimal) for name in names
    )


def column_findings(columns: Sequence[Column]) -> Iterator[Finding]:
    """What a user should know of the columns that were read.

    Parameters
    ----------
    columns : sequence of Column
        From :func:`infer_columns`.

    Yields
    ------
    Finding
        Unreadable cells (``ICP111``), infinite ones (``ICP126``), dates whose order had to be assumed (``ICP114``).
    """
    for column in columns:
        if column.role in ("ignored", "text"):
            continue
        if column.n_unreadable:
            message = f"cells of column '{column.name}' do not read as {A_KIND[column.kind]}: taken as missing."
            yield Finding("ICP111", "warning", message, "repaired", column.name, column.n_unreadable)
        if column.n_infinite:
            message = f"cells of column '{column.name}' are infinite or too large for a quantity: taken as missing."
            yield Finding("ICP126", "warning", message, "repaired", column.name, column.n_infinite)
        if column.kind == "date" and ("exchanged" in column.reason or "month first" in column.reason):
            message = f"dates of column '{column.name}' leave the order of day and month open: {column.reason}."
            yield Finding("ICP114", "warning", message, "noted", column.name)


def _declared_roles(
    options: AccountOptions, label_text: Collection[str], label_numeric: Collection[str]
) -> dict[str, Role]:
    """Roles by column; the later wins."""
    roles: dict[str, Role] = {}
    lists = (options.ignore, options.sensitive, options.engagement, options.known_after, options.current_score)
    for role, names in zip(_ROLES, lists, strict=True):
        roles.update(dict.fromkeys(names, role))
    roles.update({name: "text" for name in options.text if name not in roles})
    roles.update(dict.fromkeys((*label_text, *label_numeric), "label"))
    single: tuple[tuple[str | None, Role], ...] = (
        (options.name_column, "name"),
        (options.parent_id, "parent"),
        (options.observed_at, "observed_at"),
        (options.worked, "worked"),
        (options.account_id, "id"),
    )
    roles.update({name: role for name, role in single if name})
    return roles


def _declared_kinds(
    options: AccountOptions, label_text: Collection[str], label_numeric: Collection[str]
) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    lists = (options.numeric, options.categorical, options.date, options.text)
    for kind, names in zip(_KINDS, lists, strict=True):
        kinds.update(dict.fromkeys(names, kind))
    kinds.update(dict.fromkeys(label_text, "categorical"))
    kinds.update(dict.fromkeys(label_numeric, "numeric"))
    kinds.update({name: "identifier" for name in (options.name_column, options.parent_id, options.account_id) if name})
    if options.observed_at:
        kinds[options.observed_at] = "date"
    return kinds


def _refuse_wrong_names(raw: RawTable, options: AccountOptions, wanted: Sequence[str]) -> None:
    problems = missing_columns(wanted, raw.table.column_names, "accounts")
    for group in (
        {"numeric": options.numeric, "categorical": options.categorical, "date": options.date, "text": options.text},
        {"ignore": options.ignore, "engagement": options.engagement, "known_after": options.known_after},
    ):
        seen: dict[str, str] = {}
        for key, names in group.items():
            for name in dict.fromkeys(names):
                if name in seen:
                    message = f"column '{name}' is listed in accounts.{seen[name]} and in accounts.{key}."
                    problems.append(Problem("ICP105", message, "Keep it in one list.", column=name))
                seen[name] = key
    if problems:
        raise TableError.in_table("accounts", raw.table.num_rows, raw.source, problems)


def _file_decimal(raw: RawTable, profiles: dict[str, Profile]) -> str:
    """The decimal mark most columns give away; a comma is likelier where cells are separated by semicolons."""
    votes = {".": 0, ",": 0}
    for profile in (whole.sample() for whole in profiles.values()):
        guess = as_number(profile, ".") if profile.n_filled else None
        if guess is not None and guess.n_unreadable <= 0.1 * profile.n_filled:
            mark = decimal_mark(profile.text, profile.counts)
            if mark:
                votes[mark] += 1
    if votes["."] == votes[","]:
        return "," if raw.separator == ";" and not votes["."] and raw.encoding != "utf-8" else "."
    return "." if votes["."] > votes[","] else ","


def typed_kind(given: pa.DataType) -> Kind:
    """The kind that a source's own type says.

    Parameters
    ----------
    given : DataType
        Of a column.

    Returns
    -------
    str
        ``text`` where it says nothing.
    """
    types = pa.types
    if types.is_boolean(given):
        return "boolean"
    if types.is_integer(given) or types.is_floating(given) or types.is_decimal(given):
        return "numeric"
    return "date" if types.is_timestamp(given) or types.is_date(given) else "text"


def _column(name: str, profile: Profile, role: Role | None, kind: Kind | None, typed: Kind, decimal: str) -> Column:
    guess = _guess(name, profile, kind, typed, decimal)
    usable = guess.kind in ("numeric", "categorical", "boolean", "date")
    found: Role = "trait" if usable else ("text" if guess.kind == "text" else "ignored")
    reason = f"{guess.reason}; {guess.note}" if guess.note else guess.reason
    if found == "trait" and kind is None and role is None and names_a_worker(name):
        found, reason = "ignored", f"{reason}; its name says who works the account, not who the account is"
    return Column(
        name=name,
        role=role or found,
        kind=guess.kind,
        reason=reason,
        decimal=guess.decimal,
        unit=guess.unit,
        date_format=guess.date_format,
        n_missing=profile.n_missing,
        n_unreadable=guess.n_unreadable,
        n_infinite=guess.n_infinite,
        n_distinct=profile.n_distinct,
        examples=tuple(str(text)[:60] for text in profile.text[:_MAX_EXAMPLES].to_pylist()),
    )


def _guess(name: str, profile: Profile, kind: Kind | None, typed: Kind, decimal: str) -> Guess:
    """What the options say, else what the source's type says, else what the cells show."""
    if kind == "numeric":
        guess = as_number(profile, decimal)
        return replace(guess, reason=f"declared a number; {guess.reason}", note="")
    if kind == "date":
        guess = as_date(profile) if typed != "date" else Guess("date", "a date in the source")
        return replace(guess, reason=f"declared a date; {guess.reason}")
    if kind is not None:
        return Guess(kind, "named in the options")
    guess = guess_kind(name, profile, decimal)
    if typed == "date" and guess.kind not in ("empty", "constant"):
        return Guess("date", "a date in the source")
    if typed == "numeric" and guess.kind == "categorical":
        return as_number(profile, ".")
    return guess
