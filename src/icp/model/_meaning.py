"""What a score means for one account, as the card tells it."""

from __future__ import annotations

from typing import Any

from icp.bundle import Bundle
from icp.model._grid import grid_evidence
from icp.model._judge import Judgement
from icp.model._known import Known
from icp.model._look_alike import look_alike_facts
from icp.model._trust import confidence_evidence
from icp.model._worked import worked_evidence
from icp.tables import LabelTable

__all__ = ["meaning"]


def meaning(bundle: Bundle, known: Known, labels: LabelTable, judgement: Judgement) -> dict[str, Any]:
    """What the card says of a score for one account.

    Parameters
    ----------
    bundle : Bundle
        The fitted model.
    known : Known
        What it was learned from.
    labels : LabelTable
        With the definition of best.
    judgement : Judgement
        On rows the model never saw.

    Returns
    -------
    dict
        Parts of the card.
    """
    return {
        "confidence": confidence_evidence(bundle, known, judgement),
        "grid": grid_evidence(bundle, known, judgement),
        "worked": worked_evidence(bundle, known),
        **look_alike_facts(labels.definition),
    }
