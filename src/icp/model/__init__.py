"""The stages composed: from accounts and labels to a model that scores, explains and can be saved as data."""

from __future__ import annotations

from icp.model._backtest import Rehearsal, rehearse
from icp.model._backtest_tables import BacktestTables, backtest_tables
from icp.model._model import IdealCustomerModel

__all__ = ["BacktestTables", "IdealCustomerModel", "Rehearsal", "backtest_tables", "rehearse"]
