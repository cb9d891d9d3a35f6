"""What sales was given, remembered: the ledger of delivered lists.

Every list delivered for a campaign is appended once, whole or not at all: which account, tier, reasons and message,
from which model version. What sales did with it is held against this record.
"""

from __future__ import annotations

from icp.outcomes._ledger import Ledger, check_entries

__all__ = ["Ledger", "check_entries"]
