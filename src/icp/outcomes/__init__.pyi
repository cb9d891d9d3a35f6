from ._codes import DispositionCode, disposition_codes
from ._ledger import Ledger, check_entries
from ._returned import Loaded
from ._tidy import tidy

__all__ = ["DispositionCode", "Ledger", "Loaded", "check_entries", "disposition_codes", "tidy"]
