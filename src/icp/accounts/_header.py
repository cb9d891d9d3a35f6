"""The first lines of a CSV, for engines that do not hold the whole file: what its columns are and how it is written."""

from __future__ import annotations

from dataclasses import dataclass

from icp.accounts._delimited import _find_separator, _names, _records, _separator_line
from icp.accounts._text import decoded_head
from icp.errors import TableError
from icp.tables import Finding

__all__ = ["Header", "read_header"]


@dataclass(frozen=True)
class Header:
    """What the first lines of a CSV say of all of it.

    Parameters
    ----------
    cells : tuple of str
        The header as written.
    names : tuple of str
        Column names made of it: trimmed, unnamed ones numbered, repeated ones told apart.
    separator, encoding : str
        As given, or as detected.
    findings : tuple of Finding
        Headers that were given another name.
    """

    cells: tuple[str, ...]
    names: tuple[str, ...]
    separator: str
    encoding: str
    findings: tuple[Finding, ...]


def read_header(head: bytes, source: str, table: str, separator: str | None, encoding: str | None) -> Header:
    r"""Read the header of a CSV by the rules of :func:`read_raw`.

    Parameters
    ----------
    head : bytes
        Whole first lines of the file.
    source, table : str
        For messages.
    separator, encoding : str or None
        Detected when None; ``tab`` and ``\t`` both mean tab.

    Returns
    -------
    Header
        Names and how to read on.

    Raises
    ------
    TableError
        Not a CSV, or one with NUL characters or a line ``sep=`` at its start (``ICP106``); no header (``ICP101``).
    """
    text, encoding = decoded_head(head, source, encoding)
    if _separator_line(text)[1]:
        message = f"file '{source}' begins with a line 'sep=', which Spark would read as a row."
        raise TableError.one("ICP106", message, f"Take the line out and set {table}.separator.")
    if b"\0" in text:
        message = f"file '{source}' holds NUL characters, which Spark would keep in the cells."
        raise TableError.one("ICP106", message, "Take them out, or use engine=local, which leaves them out.")
    used = {"tab": "\t", "\\t": "\t"}.get(separator or "", separator) or _find_separator(text)
    first = _records(text.decode("utf-8", "ignore"), used, 1)
    if not first:
        raise TableError.one("ICP101", f"file '{source}' for table '{table}' has no header.", "Export it again.")
    names, findings = _names(first[0])
    return Header(tuple(first[0]), tuple(names), used, encoding, tuple(findings))
