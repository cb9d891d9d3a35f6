"""What sales was given, remembered: the ledger of delivered lists.

Every list delivered for a campaign is appended once, whole or not at all: which account, tier, reasons and message,
from which model version. What sales did with it is held against this record.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
