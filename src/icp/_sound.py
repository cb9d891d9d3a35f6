"""What a part of a stored model must be like: nothing of it is used before it has been found to be so."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

__all__ = ["LARGEST", "ascending", "check_types", "within"]

LARGEST = 1e100
"""No number that a score is added up from is larger, so that sums of products of them are numbers."""

_PLAIN: dict[Any, set[type]] = {float: {float, int}, int: {int}, bool: {bool}, str: {str}, NoneType: {NoneType}}


def ascending(values: Sequence[float], *, strictly: bool = True) -> bool:
    """Whether numbers can be searched.

    Parameters
    ----------
    values : sequence of float
        None and one are in order.
    strictly : bool, default=True
        Whether two may not be equal.

    Returns
    -------
    bool
        False where one is NaN.
    """
    return all(map(operator.lt if strictly else operator.le, values, values[1:]))


def within(positions: Sequence[int], n: int) -> bool:
    """Whether positions are those of ``n`` things.

    Parameters
    ----------
    positions : sequence of int
        From 0.
    n : int
        How many there are.

    Returns
    -------
    bool
        True where there are no positions.
    """
    return all(0 <= position < n for position in positions)


def check_types(part: Any) -> None:
    """Refuse a dataclass in which a field, at any depth, holds what it is not declared to hold.

    Parameters
    ----------
    part : dataclass
        Its annotations say what it may hold: plain types, literals, tuples, mappings, arrays and dataclasses.

    Raises
    ------
    ValueError
        Naming the field.
    """
    made_by: Any = type(part)
    for name, kind in _declared(made_by):
        if not _fits(getattr(part, name), kind):
            raise ValueError(f"{made_by.__name__}.{name} is of another kind")


@cache
def _declared(part: type) -> tuple[tuple[str, Any], ...]:
    kinds = get_type_hints(part)
    return tuple((item.name, kinds[item.name]) for item in fields(part) if item.init)


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a kind; dataclasses are looked into."""
    if kind in _PLAIN:
        return type(value) in _PLAIN[kind]
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return type(value) is str and value in args
    if origin is UnionType:
        return any(_fits(value, one) for one in args)
    if origin is tuple:
        return type(value) is tuple and _items_fit(value, args)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(_fits(k, args[0]) and _fits(v, args[1]) for k, v in value.items())
    if origin is np.ndarray:
        return isinstance(value, np.ndarray) and value.dtype == np.float64 and bool(np.isfinite(value).all())
    if is_dataclass(value) and not isinstance(value, type):
        check_types(value)
    return kind is Any or getattr(kind, "_is_protocol", False) or isinstance(value, kind)


def _items_fit(values: tuple[Any, ...], kinds: tuple[Any, ...]) -> bool:
    if kinds[-1:] != (...,):
        return len(values) == len(kinds) and all(map(_fits, values, kinds))
    if kinds[0] in _PLAIN:
        return set(map(type, values)) <= _PLAIN[kinds[0]]
    return all(_fits(value, kinds[0]) for value in values)
