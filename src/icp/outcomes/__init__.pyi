from ._ledger import Ledger, check_entries

__all__ = ["Ledger", "check_entries"]
