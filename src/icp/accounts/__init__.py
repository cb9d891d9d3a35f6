"""Reading the accounts: from any CSV, Parquet file or query to typed tables.

The idea: nobody should have to clean a CRM export before a model can read it, and nobody should have to guess what was
read. So every cell arrives as written (:func:`read_raw`), every column is judged as a whole and the verdict is kept in
words (:func:`infer_columns`), and one function turns cells into values (:func:`parse_column`), the same at training and
at serving, cell by cell, so that a score never depends on which other rows stand in the file. What cannot be read is
missing and counted, never guessed; what makes the table unusable is refused in one numbered list.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
