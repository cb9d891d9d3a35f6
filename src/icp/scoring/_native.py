"""Predicting with LightGBM's library itself: its Python package loads scikit-learn first, which costs a second.

The functions called are those of LightGBM's documented C interface. They know nothing of pattern tables, so what they
predict is a check on contributions.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["NativeBooster"]

_FLOAT64, _ROW_MAJOR, _RAW_SCORE, _ALL_TREES = 1, 1, 1, -1
_FEW = 500


class NativeBooster:
    """A booster of one output, for prediction only.

    Parameters
    ----------
    text : str
        In LightGBM's text format.

    Raises
    ------
    ValueError
        LightGBM cannot read it.
    """

    def __init__(self, text: str) -> None:
        self._handle, n_trees = ctypes.c_void_p(), ctypes.c_int()
        self._library = _library()
        made = self._library.LGBM_BoosterLoadModelFromString(
            text.encode(), ctypes.byref(n_trees), ctypes.byref(self._handle)
        )
        self._check(made)
        self._of_one, n_columns = ctypes.c_void_p(), ctypes.c_int()
        self._check(self._library.LGBM_BoosterGetNumFeature(self._handle, ctypes.byref(n_columns)))
        self._n_columns = n_columns.value
        made = self._library.LGBM_BoosterPredictForMatSingleRowFastInit(
            self._handle, _RAW_SCORE, 0, _ALL_TREES, _FLOAT64, n_columns, b"num_threads=1", ctypes.byref(self._of_one)
        )
        self._check(made)

    def __del__(self) -> None:
        if self._handle and sys is not None:
            self._library.LGBM_FastConfigFree(self._of_one)
            self._library.LGBM_BoosterFree(self._handle)

    def margin(self, X: NDArray[np.float64], n_threads: int = 0) -> NDArray[np.float64]:
        """What the trees add up to.

        Parameters
        ----------
        X : ndarray of float64, shape (n, p)
            Rows; C-contiguous.
        n_threads : int, default=0
            Threads; 0 leaves it to OpenMP, and takes one for few rows, where waking others costs more than they do.

        Returns
        -------
        ndarray of float64, shape (n,)
            In log-odds.
        """
        if X.shape == (1, self._n_columns):
            return self._margin_of_one(X)
        n_threads = 1 if n_threads == 0 and len(X) < _FEW else n_threads
        X = np.ascontiguousarray(X, dtype=np.float64)
        margin, n_made = np.empty(len(X)), ctypes.c_int64()
        done = self._library.LGBM_BoosterPredictForMat(
            self._handle,
            X.ctypes.data_as(ctypes.c_void_p),
            _FLOAT64,
            ctypes.c_int32(X.shape[0]),
            ctypes.c_int32(X.shape[1]),
            _ROW_MAJOR,
            _RAW_SCORE,
            0,
            _ALL_TREES,
            f"num_threads={n_threads}".encode(),
            ctypes.byref(n_made),
            margin.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
        )
        self._check(done)
        return margin

    def _margin_of_one(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same for one row: LightGBM reads its parameters once, which takes longer than the row."""
        X = np.ascontiguousarray(X, dtype=np.float64)
        margin, n_made = np.empty(1), ctypes.c_int64()
        done = self._library.LGBM_BoosterPredictForMatSingleRowFast(
            self._of_one,
            X.ctypes.data_as(ctypes.c_void_p),
            ctypes.byref(n_made),
            margin.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
        )
        self._check(done)
        return margin

    def _check(self, code: int) -> None:
        if code != 0:
            raise ValueError(f"LightGBM: {self._library.LGBM_GetLastError().decode(errors='replace')}")


@cache
def _library() -> ctypes.CDLL:
    """The library that the installed package brings."""
    package = importlib.util.find_spec("lightgbm")
    places = package.submodule_search_locations if package else None
    for place in places or ():
        for name in ("lib/lib_lightgbm.so", "lib/lib_lightgbm.dylib", "bin/lib_lightgbm.dll", "lib/lib_lightgbm.dll"):
            if (file := Path(place, name)).is_file():
                library = ctypes.CDLL(str(file))
                library.LGBM_GetLastError.restype = ctypes.c_char_p
                return library
    raise ImportError("LightGBM's library is not where its package keeps it; install lightgbm again.")
