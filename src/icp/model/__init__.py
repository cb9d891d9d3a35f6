"""The stages composed: from accounts and labels to a model that scores, explains and can be saved as data."""

from __future__ import annotations

from icp.model._backtest import Rehearsal, rehearse
from icp.model._backtest_tables import BacktestTables, backtest_tables
from icp.model._card import left_out
from icp.model._compare import compare_fitted, compare_held_out
from icp.model._gap import check_gap
from icp.model._gate import Gate, decide, held
from icp.model._known import audit, know
from icp.model._model import IdealCustomerModel

__all__ = [
    "BacktestTables",
    "Gate",
    "IdealCustomerModel",
    "Rehearsal",
    "audit",
    "backtest_tables",
    "check_gap",
    "compare_fitted",
    "compare_held_out",
    "decide",
    "held",
    "know",
    "left_out",
    "rehearse",
]
