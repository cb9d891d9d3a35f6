from ._find import (
    find_bundle,
    find_gate,
    find_hash,
    find_profile_changes,
    find_release_note,
    find_version,
    find_versions,
    model_name,
)
from ._promotion import PromotionEntry, promote, promotion_log, roll_back
from ._record import GateRecord, RunRecord, VersionInfo, log_version
from ._store import store_words

__all__ = [
    "GateRecord",
    "PromotionEntry",
    "RunRecord",
    "VersionInfo",
    "find_bundle",
    "find_gate",
    "find_hash",
    "find_profile_changes",
    "find_release_note",
    "find_version",
    "find_versions",
    "log_version",
    "model_name",
    "promote",
    "promotion_log",
    "roll_back",
    "store_words",
]
