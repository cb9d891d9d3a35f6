"""A profile's rule as a filter: text, SQL and plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from icp.profiles._book import Profile
from icp.tables import Trait

__all__ = ["NO_RULE", "RuleFilter", "rule_filter", "sql_name", "sql_text"]

NO_RULE = "no short rule"
"""What is said of a profile that no short rule finds."""

_DAY = np.timedelta64(24 * 3600 * 10**6, "us")
Spellings = Callable[[Trait, int], Sequence[str]]


@dataclass(frozen=True)
class RuleFilter:
    """The rule of one profile, for other programs.

    Parameters
    ----------
    id, name : str
        Of the profile.
    text : str
        The rule in words, or :data:`NO_RULE`.
    where : str
        SQL condition over the accounts table; empty where there is none.
    why : str
        Why there is no SQL; empty where there is.
    conditions : tuple of mapping
        ``column, trait, test`` (``in, not in, at least, below, known`` or ``not known``), ``values``, ``words``.
    judged : mapping
        ``coverage, precision, n`` of the rule on accounts it was not made from; empty without a rule.
    """

    id: str
    name: str
    text: str
    where: str
    why: str
    conditions: tuple[Mapping[str, Any], ...]
    judged: Mapping[str, float]

    def sql(self, table: str = "accounts") -> str:
        """A statement that selects the accounts the rule finds.

        Parameters
        ----------
        table : str, default="accounts"
            Name of the table; quoted as it is.

        Returns
        -------
        str
            A comment, and the statement where there is one.
        """
        comment = f"-- {self.id} {self.name}: {self.text}"
        if not self.where:
            return f"{comment}\n" + (f"-- no SQL: {self.why}\n" if self.text != NO_RULE else "")
        return f"{comment}\nSELECT * FROM {sql_name(table)} WHERE {self.where};\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            Keys ``id, name, text, where`` (null where there is none), ``why, conditions, judged``.
        """
        conditions = [dict(condition) for condition in self.conditions]
        return {**self.__dict__, "where": self.where or None, "conditions": conditions, "judged": dict(self.judged)}


def rule_filter(
    profile: Profile, traits: Sequence[Trait], spellings: Spellings, as_of: np.datetime64 | None = None
) -> RuleFilter:
    """The rule of a profile over the accounts table, its cells as ``icp`` reads them.

    Parameters
    ----------
    profile : Profile
        With its rule, or without.
    traits : sequence of Trait
        That profiles are made of, in order.
    spellings : callable
        Takes a categorical trait and a code, gives the cells that have it.
    as_of : datetime64, default=None
        The date of every account's picture, for ages; None where they differ or are not known.

    Returns
    -------
    RuleFilter
        Without SQL where a condition reads what is not in the accounts table.

    Notes
    -----
    Numbers are compared as numbers, dates as ISO text or dates, categories by the spellings there are. A cell that is
    NULL is "not known": it satisfies "not known" and nothing else. Names are quoted with doubled quotation marks, texts
    with doubled apostrophes (SQL-92).
    """
    rule = profile.rule
    if rule is None:
        return RuleFilter(profile.id, profile.name, NO_RULE, "", NO_RULE, (), {})
    parts, told, why = [], [], ""
    for condition in rule.conditions:
        trait = traits[condition["column"]]
        test, values = _test(condition, trait, spellings)
        told.append({
            "column": trait.sources[0], "trait": trait.name, "test": test, "values": values,
            "words": condition["words"],
        })  # fmt: skip
        if trait.rule not in ("value", "age"):
            why = f"'{trait.label}' is counted from dated rows, which are not in the accounts table"
        elif trait.rule == "age" and as_of is None:
            why = f"'{trait.label}' is an age, and accounts have no date in common that it counts to"
        else:
            parts.append(_sql(trait, test, values, as_of))
    judged = {"coverage": rule.coverage, "precision": rule.precision, "n": rule.n}
    where = "" if why else " AND ".join(parts)
    return RuleFilter(profile.id, profile.name, rule.text, where, why, tuple(told), judged)


def sql_name(name: str) -> str:
    """A name of SQL, quoted.

    Parameters
    ----------
    name : str
        Of a table or column.

    Returns
    -------
    str
        As SQL-92 has it.

    Examples
    --------
    >>> print(sql_name('size "m2" (net)'))
    "size ""m2"" (net)"
    """
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def sql_text(text: str) -> str:
    """A text of SQL.

    Parameters
    ----------
    text : str
        Any, without the character 0.

    Returns
    -------
    str
        As SQL-92 has it; a backslash is a backslash.

    Examples
    --------
    >>> sql_text("O'Neill")
    "'O''Neill'"
    """
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _test(condition: Mapping[str, Any], trait: Trait, spellings: Spellings) -> tuple[str, list[Any]]:
    kind = condition["kind"]
    if kind in ("level", "not level"):
        return "in" if kind == "level" else "not in", list(spellings(trait, int(condition["value"])))
    value = float(condition["value"])
    return kind, [int(value) if value.is_integer() else value] if kind in ("at least", "below") else []


def _sql(trait: Trait, test: str, values: Sequence[Any], as_of: np.datetime64 | None) -> str:
    name = sql_name(trait.sources[0])
    if trait.rule == "age":
        assert as_of is not None  # noqa: S101 - looked at by the caller
        return _sql_age(name, test, values, as_of)
    if test in ("in", "not in"):
        words = ", ".join(map(sql_text, values))
        return f"{name} IN ({words})" if test == "in" else f"({name} IS NOT NULL AND {name} NOT IN ({words}))"
    if test in ("known", "not known"):
        return f"{name} IS {'NOT ' if test == 'known' else ''}NULL"
    return f"{name} {'>=' if test == 'at least' else '<'} {values[0]!r}"


def _sql_age(name: str, test: str, values: Sequence[float], as_of: np.datetime64) -> str:
    """Ages as dates; a date after the picture is not known. A day and its midnight compare the same as text."""
    now = _moment(as_of)
    if test in ("known", "not known"):
        return f"{name} <= {now}" if test == "known" else f"({name} IS NULL OR {name} > {now})"
    days = max(float(values[0]), 0.0)  # no age is below 0
    then = _moment(as_of - np.timedelta64(round(days * float(_DAY.astype(np.int64))), "us"))
    if test == "at least":
        return f"{name} <= {then}"
    return f"({name} > {then} AND {name} <= {now})"


def _moment(moment: np.datetime64) -> str:
    text = str(moment.astype("datetime64[us]")).replace("T", " ")
    return sql_text(text.removesuffix(".000000"))
