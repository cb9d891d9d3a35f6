"""Scoring: one pure function from Arrow record batch to Arrow record batch, and what drives it.

Whatever the engine, a row is scored by :func:`score_batch` alone. It reads nothing but its arguments, treats each row
by itself, sums in a fixed order, and rounds what it returns, so batch size, row order and threads change no row.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
