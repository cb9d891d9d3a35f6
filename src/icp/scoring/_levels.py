"""Values of levels, looked up for many columns in one go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["LevelTables"]

Floats = NDArray[np.float64]


class LevelTables:
    """One table per column, from codes to values.

    Parameters
    ----------
    columns : sequence of int
        Columns that hold codes.
    tables : sequence of sequence of float
        For each of them the value of code 0, 1, ... and last the value of everything else, NaN included.

    Examples
    --------
    >>> LevelTables([1], [(5.0, 6.0, -1.0)])(np.array([[0.0, 1.0], [0.0, 7.0], [0.0, np.nan]])).tolist()
    [[6.0], [-1.0], [-1.0]]
    """

    def __init__(self, columns: Sequence[int], tables: Sequence[Sequence[float]]) -> None:
        self.columns = np.array(columns, dtype=np.int64)
        self._n_codes = np.array([len(table) - 1 for table in tables], dtype=np.float64)
        self._first = np.cumsum([0, *map(len, tables)])[:-1]
        self._values = np.array([value for table in tables for value in table], dtype=np.float64)

    def __call__(self, X: Floats) -> Floats:
        """The values.

        Parameters
        ----------
        X : ndarray of float64, shape (n, p)
            Rows.

        Returns
        -------
        ndarray of float64, shape (n, n_columns)
            In the order of the columns.
        """
        codes = X[:, self.columns]
        inside = (codes >= 0) & (codes < self._n_codes)
        return self._values[self._first + np.where(inside, codes, self._n_codes).astype(np.int64)]
