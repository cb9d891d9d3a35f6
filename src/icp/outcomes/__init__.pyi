from ._adoption import adoption, concordance, rate_gap, worked_by_tier
from ._codes import DispositionCode, disposition_codes
from ._follow import FollowRules, follow
from ._ledger import Ledger, check_entries
from ._returned import Loaded
from ._tidy import tidy

__all__ = [
    "DispositionCode",
    "FollowRules",
    "Ledger",
    "Loaded",
    "adoption",
    "check_entries",
    "concordance",
    "disposition_codes",
    "follow",
    "rate_gap",
    "tidy",
    "worked_by_tier",
]
