from ._ledger import Ledger

__all__ = ["Ledger"]
