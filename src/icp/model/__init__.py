"""The stages composed: from accounts and labels to a model that scores, explains and can be saved as data."""

from __future__ import annotations

from icp.model._gate import Gate, decide, held
from icp.model._model import IdealCustomerModel

__all__ = ["Gate", "IdealCustomerModel", "decide", "held"]
