"""A scored list as files that a CRM takes as they are meant.

Everything a target needs (headers, types, lengths, empty cells, chunk sizes, mapping, field definitions, manifest)
comes from one :class:`Target`, so nothing can drift. A cell or key that breaks the target's rules is refused before a
file exists, all at once; nothing is escaped or repaired. The same scores give the same bytes, so a list is safe to load
twice.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
