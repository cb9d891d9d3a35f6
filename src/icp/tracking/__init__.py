"""Versions of models: logged, registered, found again, promoted and rolled back. The only package that uses MLflow.

``tracking=local`` keeps everything under ``mlruns/`` in the working directory: an SQLite store and the artifacts
beside it. ``tracking=server`` speaks to an MLflow server. The logged model is a bundle (data) with a script of a few
lines for MLflow's own tools; ``icp`` itself reads the bundle and never runs the script. MLflow's telemetry is switched
off before MLflow is imported, its global state is not touched, and its messages never reach the user.
"""

from __future__ import annotations

from icp.tracking._find import (
    find_bundle,
    find_gate,
    find_profile_changes,
    find_version,
    find_versions,
    model_name,
)
from icp.tracking._promotion import PromotionEntry, promote, promotion_log, roll_back
from icp.tracking._record import GateRecord, RunRecord, VersionInfo, log_version

__all__ = [
    "GateRecord",
    "PromotionEntry",
    "RunRecord",
    "VersionInfo",
    "find_bundle",
    "find_gate",
    "find_profile_changes",
    "find_version",
    "find_versions",
    "log_version",
    "model_name",
    "promote",
    "promotion_log",
    "roll_back",
]
