"""Levels of a category as numbers: trees grow on how often each level is best and on how common it is.

Where a category has many levels, a split on such numbers needs fewer trees than one on sets of levels (Micci-Barreca
2001), as long as no row has a say in the rate it is seen with. A threshold on such a number is a set of levels, so the
finished trees ask for the codes themselves and nothing of this has to be served.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LevelNumbers", "learn_numbers", "others_numbers"]

Floats = NDArray[np.float64]
_PRIOR_ROWS = 10.0
_CATEGORICAL = 1


@dataclass(frozen=True)
class LevelNumbers:
    """Two numbers for each level of each category: its rate of best customers and its share of the rows.

    Parameters
    ----------
    rates, shares : dict of int to ndarray of float64, shape (n_levels + 1,)
        For each column of codes, the number of each level; the last is that of "not known" and of levels never seen.
    """

    rates: dict[int, Floats]
    shares: dict[int, Floats]

    def encode(self, X: Floats) -> Floats:
        """The rows as the trees see them.

        Parameters
        ----------
        X : ndarray of float64, shape (n, p)
            Values and codes.

        Returns
        -------
        ndarray of float64, shape (n, p + k)
            A copy with rates in place of codes, then one column of shares for each of the k columns of codes.
        """
        encoded = np.empty((len(X), X.shape[1] + len(self.shares)))
        encoded[:, : X.shape[1]] = X
        for place, (column, shares) in enumerate(self.shares.items(), start=X.shape[1]):
            places = _places(X[:, column], len(shares))
            encoded[:, column], encoded[:, place] = self.rates[column][places], shares[places]
        return encoded

    def as_sets(self, text: str) -> str:
        """A booster grown on these numbers, as one that asks for codes and says the same of every row.

        Parameters
        ----------
        text : str
            In LightGBM's text format, grown on rows that :meth:`encode` made.

        Returns
        -------
        str
            In the same format. A level goes where its number would have gone.
        """
        head, *blocks = text.partition("end of trees")[0].split("Tree=")
        p = int(re.findall(r"^max_feature_idx=(\d+)$", head, re.MULTILINE)[0]) + 1 - len(self.shares)
        sources = {column: (column, table) for column, table in self.rates.items()}
        sources |= dict(enumerate(self.shares.items(), start=p))
        blocks = [_tree_as_sets(block, sources) for block in blocks]
        sizes = " ".join(str(len(f"Tree={block}".encode())) for block in blocks)
        head = re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", head, flags=re.MULTILINE)
        head = re.sub(r"^max_feature_idx=.*$", f"max_feature_idx={p - 1}", head, flags=re.MULTILINE)
        for line in ("feature_names", "feature_infos"):
            head = re.sub(
                rf"^({line}=)(.*)$", lambda told: told[1] + " ".join(told[2].split(" ")[:p]), head, flags=re.M
            )
        return head + "".join(f"Tree={block}" for block in blocks) + "end of trees\n"


def learn_numbers(X: Floats, y: Floats, columns: NDArray[np.int64], n_levels: NDArray[np.int64]) -> LevelNumbers:
    """Rate of each level among these rows, drawn towards the rate of all as if ten more rows had it; and its share.

    Parameters
    ----------
    X : ndarray of float64, shape (n, p)
        Values and codes.
    y : ndarray of float64, shape (n,)
        1 best, 0 not.
    columns : ndarray of int64, shape (k,)
        Columns of codes.
    n_levels : ndarray of int64, shape (k,)
        Levels that each of them has, the ones not among these rows included.

    Returns
    -------
    LevelNumbers
        Two tables per column.
    """
    rates, shares, of_all = {}, {}, float(y.mean()) if len(y) else 0.5  # folds that coincide leave no others
    for column, n in zip(columns, n_levels, strict=True):
        places = _places(X[:, column], int(n) + 1)
        rows = np.bincount(places, minlength=int(n) + 1)
        best = np.bincount(places, weights=y, minlength=int(n) + 1)
        rates[int(column)] = (best + _PRIOR_ROWS * of_all) / (rows + _PRIOR_ROWS)
        shares[int(column)] = rows / max(1, len(y))
    return LevelNumbers(rates, shares)


def others_numbers(
    X: Floats, y: Floats, columns: NDArray[np.int64], n_levels: NDArray[np.int64], fold: NDArray[np.int64]
) -> Floats:
    """The rows as :meth:`LevelNumbers.encode` has them, but each row's rates are by the rows of the other folds.

    Parameters
    ----------
    X, y, columns, n_levels
        As in :func:`learn_numbers`.
    fold : ndarray of int64, shape (n,)
        Fold of each row.

    Returns
    -------
    ndarray of float64, shape (n, p + k)
        A copy. Shares, which know nothing of ``y``, are by all rows.
    """
    encoded = learn_numbers(X, y, columns, n_levels).encode(X)
    for number in np.unique(fold):
        inside = fold == number
        others = learn_numbers(X[~inside], y[~inside], columns, n_levels)
        for column, table in others.rates.items():
            encoded[inside, column] = table[_places(X[inside, column], len(table))]
    return encoded


def _tree_as_sets(block: str, sources: dict[int, tuple[int, Floats]]) -> str:
    """One tree that asks for sets of levels; ``sources`` has the codes and numbers behind a column."""
    facts = dict(line.partition("=")[::2] for line in block.strip("\n").split("\n")[1:])
    columns = [int(column) for column in facts.get("split_feature", "").split()]
    nodes = [node for node, column in enumerate(columns) if column in sources]
    if not nodes:
        return block
    named = {name: facts[name].split() for name in ("threshold", "decision_type", "left_child", "right_child")}
    bounds, words = [0], []
    for number, node in enumerate(nodes):
        columns[node], table = sources[columns[node]]
        left = table <= float(named["threshold"][node])
        if left[-1]:  # what is not in a set goes right, and so does what is not known
            left = ~left
            ours, theirs = named["left_child"], named["right_child"]
            ours[node], theirs[node] = theirs[node], ours[node]
        words += _bit_set(left[:-1])
        bounds.append(len(words))
        named["threshold"][node] = str(number)
        named["decision_type"][node] = str(_CATEGORICAL)
    facts["split_feature"] = " ".join(map(str, columns))
    facts |= {name: " ".join(values) for name, values in named.items()}
    sets = {"cat_boundaries": " ".join(map(str, bounds)), "cat_threshold": " ".join(map(str, words))}
    facts = {"num_leaves": facts.pop("num_leaves"), **facts, "num_cat": str(len(nodes)), **sets}
    lines = "".join(f"{name}={value}\n" for name, value in facts.items())
    return f"{block.partition(chr(10))[0]}\n{lines}\n\n"


def _places(codes: Floats, n: int) -> NDArray[np.int64]:
    """Place of each code in a table of so many entries, of which the last is for what is not known."""
    known = np.isfinite(codes) & (codes >= 0) & (codes < n - 1)
    return np.where(known, codes, n - 1).astype(np.int64)


def _bit_set(members: NDArray[np.bool_]) -> list[int]:
    """Which codes are members, as LightGBM's words of 32 bits; one word at least."""
    bits = np.zeros(32 * max(1, -(-len(members) // 32)), dtype=np.uint8)
    bits[: len(members)] = members
    return [int(word) for word in np.packbits(bits, bitorder="little").view(np.uint32)]
