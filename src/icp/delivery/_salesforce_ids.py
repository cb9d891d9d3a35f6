"""Record ids of Salesforce: 15 characters whose capitals count, or 18 whose last three say which are capitals."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["full_ids"]

_ALPHABET = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", dtype=np.uint8)
_PLACE = np.full(256, -1)
_PLACE[_ALPHABET] = np.arange(32)
_BIT = 1 << np.arange(5)
_SHORT, _FULL = 15, 18


def full_ids(ids: pa.Array) -> tuple[pa.Array, NDArray[np.bool_]]:
    """Ids with 18 characters, and which of them cannot be one.

    Parameters
    ----------
    ids : Array of string
        15 characters, 18, or 18 in which all letters have become small or all have become capitals.

    Returns
    -------
    full : Array of string
        18 characters; null where the id is wrong.
    wrong : ndarray of bool, shape (n_ids,)
        Of another length, with other characters, or with last characters that do not fit the others.

    Examples
    --------
    >>> full, wrong = full_ids(pa.array(["70130000001tcyI", "70130000001TCYIAAQ", "70130000001tcyIAAA"]))
    >>> full.to_pylist(), wrong.tolist()
    (['70130000001tcyIAAQ', '70130000001tcyIAAQ', None], [False, False, True])
    """
    shaped = pc.match_substring_regex(ids, r"^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$")
    texts = pc.if_else(shaped, ids, "0" * _SHORT).to_numpy(zero_copy_only=False).astype(f"S{_FULL}")
    codes = np.frombuffer(texts.tobytes(), dtype=np.uint8).reshape(-1, _FULL).copy()
    body, end = codes[:, :_SHORT], codes[:, _SHORT:]
    upper, lower = (body >= 65) & (body <= 90), (body >= 97) & (body <= 122)
    short = end[:, 0] == 0
    own = upper.reshape(-1, 3, 5) @ _BIT
    end[(end >= 97) & (end <= 122)] -= 32
    told = np.where(short[:, None], own, _PLACE[end])
    wanted = ((told[:, :, None] & _BIT) > 0).reshape(-1, _SHORT)
    one_case = ~upper.any(axis=1) | ~lower.any(axis=1)
    fits = (told >= 0).all(axis=1) & ~(wanted & ~(upper | lower)).any(axis=1)
    fits &= (wanted == upper).all(axis=1) | one_case
    body[wanted & lower] -= 32
    body[~wanted & upper] += 32
    codes[:, _SHORT:] = _ALPHABET[np.where(told >= 0, told, 0)]
    wrong = ~(fits & shaped.to_numpy(zero_copy_only=False))
    full = pa.array(np.frombuffer(codes.tobytes(), dtype=f"S{_FULL}").astype(str), pa.string(), mask=wrong)
    return full, wrong
