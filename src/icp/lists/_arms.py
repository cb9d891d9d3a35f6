"""Which accounts of a campaign are held out: by hash, inside score bands, the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["BANDS", "HELD_OUT", "TREATED", "Arms", "assign_arms", "score_band"]

TREATED, HELD_OUT = "treated", "held_out"
BANDS = 10
"""Score bands: tenths of the reference population."""


@dataclass(frozen=True)
class Arms:
    """The arm of every account of a trial.

    Parameters
    ----------
    held : ndarray of bool, shape (n_accounts,)
        Whether it is held out.
    kept : int
        Accounts whose arm was fixed before.
    """

    held: NDArray[np.bool_]
    kept: int

    @property
    def n_held(self) -> int:
        """Accounts held out."""
        return int(self.held.sum())

    @property
    def n_treated(self) -> int:
        """Accounts that sales gets."""
        return len(self.held) - self.n_held


def score_band(percentile: ArrayLike) -> NDArray[np.int64]:
    """Band of a score: the tenth of the reference population it lies in, 0 to 9.

    Parameters
    ----------
    percentile : array-like of float, shape (n_accounts,)
        0 to 100.

    Returns
    -------
    ndarray of int64, shape (n_accounts,)
        It does not depend on who else is on the list.

    Examples
    --------
    >>> score_band([0.0, 9.99, 10.0, 100.0]).tolist()
    [0, 0, 1, 9]
    """
    tenths = np.floor(np.asarray(percentile, dtype=np.float64) * BANDS / 100.0)
    return np.clip(tenths, 0, BANDS - 1).astype(np.int64)


def assign_arms(
    ids: Sequence[str],
    bands: ArrayLike,
    *,
    campaign: str,
    share: float,
    fixed: Mapping[str, bool] | None = None,
) -> Arms:
    """Hold out a share of every score band.

    In a band the accounts are put in the order of a hash of campaign and account (BLAKE2b), and the first of them are
    held out; how many is the share of the band, rounded so that bands together hold the share of all. The order of the
    rows plays no part. An account whose arm is fixed keeps it: an account has one arm in a campaign, that of its first
    list.

    Parameters
    ----------
    ids : sequence of str, shape (n_accounts,)
        Without repeats.
    bands : array-like of int, shape (n_accounts,)
        From :func:`score_band`.
    campaign : str
        Another campaign holds others out.
    share : float in [0, 1)
        Share held out.
    fixed : mapping of str to bool, default=None
        Whether an account that had a list of this campaign was held out.

    Returns
    -------
    Arms
        In the order of ``ids``.

    Examples
    --------
    >>> arms = assign_arms(["A-1", "A-2", "A-3", "A-4"], [9, 9, 9, 9], campaign="spring", share=0.5)
    >>> arms.n_held, assign_arms(["A-4", "A-2"], [9, 9], campaign="spring", share=0.5).n_held
    (2, 1)
    """
    known = fixed or {}
    band = np.asarray(bands, dtype=np.int64)
    held = np.array([known.get(name, False) for name in ids], dtype=bool)
    is_new = np.array([name not in known for name in ids], dtype=bool)
    hashes = np.array([_hash(campaign, name) for name in ids], dtype=np.uint64)
    names = np.array(ids, dtype=object)
    order = np.lexsort((names, hashes, band))
    levels, counts = np.unique(band, return_counts=True)
    ends = np.floor(share * np.cumsum(counts) + 0.5).astype(np.int64)
    for level, wanted in zip(levels, np.diff(ends, prepend=0), strict=True):
        rows = order[band[order] == level]
        wanted = max(0, int(wanted) - int(held[rows].sum()))
        held[rows[is_new[rows]][:wanted]] = True
    return Arms(held, int((~is_new).sum()))


def _hash(campaign: str, account: str) -> int:
    text = f"{campaign}\x1f{account}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8, person=b"icp-arms").digest(), "big")
