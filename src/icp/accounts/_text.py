"""A file's bytes as UTF-8, whatever they came in: encoding detected, gzip unpacked, a stream and never the whole."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from icp.errors import Problem, TableError
from icp.tables import Finding

__all__ = ["Stamp", "Text", "changed", "decoded_head", "examine", "refuse", "stamp_of", "unchanging"]

Stamp = tuple[int, int] | None
"""Size and time of a file; None of one that is not there."""

_CHUNK = 1 << 22
_UTF8 = ("utf-8", "utf-8-sig")
_BLANK = b" \t\r\n\0\xef\xbb\xbf"
_MAGIC = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"SQLite format 3", "a SQLite database"),
)
_SAVE_AS = "Save it as CSV (UTF-8) and try again."
_READ_AS = "Read it with parquet in place of csv (accounts=parquet, events=parquet, ...), or save it as CSV (UTF-8)."


@dataclass(frozen=True)
class Text:
    """A file that was looked through once.

    Parameters
    ----------
    path : str
        As the user wrote it.
    encoding : str
        Its encoding, as asked for or detected.
    size : int
        Bytes of the text as UTF-8.
    n_quotes, n_null : int
        Quotation marks, and NUL characters, which are left out.
    marked : bool
        Whether a byte-order mark stands before it, which is left out.
    """

    path: str
    encoding: str
    size: int
    n_quotes: int
    n_null: int
    marked: bool

    @contextmanager
    def open(self, skip: int = 0) -> Iterator[Any]:
        """A stream of the text as UTF-8.

        Parameters
        ----------
        skip : int, default=0
            Bytes of the text to leave out at the start.

        Yields
        ------
        file
            Open for reading bytes.
        """
        plain = codecs.lookup(self.encoding).name in _UTF8 and not self.n_null and not _is_packed(self.path)
        chunks = _Chunks(_utf8(self.path, self.encoding))
        with pa.OSFile(self.path) if plain else io.BufferedReader(chunks, _CHUNK) as stream:
            stream.read(skip + self.marked * len(codecs.BOM_UTF8))
            yield stream


def examine(path: str, table: str, encoding: str | None, key: str | None = None) -> tuple[Text, list[Finding]]:
    """Look through a file: the encoding in which all its bytes make sense, and what stands in it.

    Parameters
    ----------
    path : str
        As the user wrote it; gzip is unpacked.
    table : str
        For messages.
    encoding : str or None
        None: the first that fits of what the first bytes say, else of UTF-8, Windows-1252 and Latin-1.
    key : str, default=None
        That names the file; None is ``<table>.path``.

    Returns
    -------
    text : Text
        At least one character that is not white space.
    findings : list of Finding
        Characters left out (``ICP110``).

    Raises
    ------
    TableError
        The file is not there or cannot be read (``ICP100``), is damaged, binary or not in the encoding (``ICP106``), or
        is empty (``ICP101``).
    """
    try:
        with _opened(path) as file:
            head = file.read(4096)
        tried = (encoding,) if encoding else _likely(head, path)
        text = next((found for found in (_counted(path, name) for name in tried) if found is not None), None)
    except OSError as error:
        why = "is damaged gzip" if isinstance(error, gzip.BadGzipFile) else (error.strerror or "cannot be read").lower()
        raise refuse(
            "ICP100", f"file '{path}' for table '{table}': {why}.", f"Check {key or f'{table}.path'}."
        ) from None
    except (EOFError, zlib.error):
        raise refuse("ICP106", f"file '{path}' is gzip that breaks off.", "Copy the file again.") from None
    if text is None:
        raise _not_in(encoding, path)
    if not text.size:
        raise refuse("ICP101", f"file '{path}' for table '{table}' is empty.", "Export it again, with a header line.")
    if not text.n_null:
        return text, []
    if text.n_null > max(100, text.size // 1000):
        raise refuse("ICP106", f"file '{path}' is not a CSV: it holds binary data.", _SAVE_AS)
    message = f"{text.n_null:,} NUL characters in the file were left out."
    return text, [Finding("ICP110", "warning", message, "repaired")]


def decoded_head(head: bytes, path: str, encoding: str | None) -> tuple[bytes, str]:
    """The first bytes of a file as UTF-8, by the rules of :func:`examine`.

    Parameters
    ----------
    head : bytes
        Unpacked; a character that is cut off at the end is left out.
    path : str
        For messages.
    encoding : str or None
        None: the first that fits.

    Returns
    -------
    text : bytes
        Without a byte-order mark.
    encoding : str
        As asked for or detected.

    Raises
    ------
    TableError
        Binary, or not in the encoding (``ICP106``).
    """
    tried = (encoding,) if encoding else _likely(head[:4096], path)
    for name in tried:
        try:
            text = codecs.getincrementaldecoder(name)().decode(head)
        except (LookupError, UnicodeDecodeError):
            continue
        return text.encode().removeprefix(codecs.BOM_UTF8), name
    raise _not_in(encoding, path)


def refuse(code: str, message: str, action: str, **details: Any) -> TableError:
    """An error about a file, whose title is its message.

    Parameters
    ----------
    code, message, action : str
        As in :class:`icp.errors.Problem`.
    **details : object
        More of it.

    Returns
    -------
    TableError
        To be raised.
    """
    return TableError(message[0].upper() + message[1:], [Problem(code, message, action, **details)])


@contextmanager
def unchanging(path: str, table: str) -> Iterator[None]:
    """Refuse a file that is written to while the block reads it: its rows would be half of a table.

    Parameters
    ----------
    path : str
        As the user wrote it.
    table : str
        For messages.

    Raises
    ------
    TableError
        It changed (``ICP100``), whatever else came of that.
    """
    before = stamp_of(path)
    try:
        yield
    except Exception:
        if stamp_of(path) != before:
            raise changed(path, table) from None
        raise
    if stamp_of(path) != before:
        raise changed(path, table)


def stamp_of(path: str | Path) -> Stamp:
    """What a file looks like from outside, by which to see that it was written anew.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    tuple of int or None
        Bytes and nanoseconds; None of one that is gone.
    """
    try:
        now = Path(path).stat()
    except (OSError, ValueError):
        return None
    return now.st_size, now.st_mtime_ns


def changed(path: str, table: str) -> TableError:
    """The error of a file that changed.

    Parameters
    ----------
    path : str
        The file or folder, as the user wrote it.
    table : str
        For messages.

    Returns
    -------
    TableError
        Code ``ICP100``.
    """
    message = f"'{path}' for table '{table}' changed while it was read."
    return TableError.one("ICP100", message, "Start the run again when nothing writes to it.")  # type: ignore[return-value]


def _not_in(encoding: str | None, path: str) -> TableError:
    if encoding is None:
        return refuse("ICP106", f"file '{path}' is not a CSV: it holds binary data.", _SAVE_AS)
    message = f"file '{path}' is not text in the encoding '{encoding}'."
    return refuse("ICP106", message, "Leave encoding out to have it detected.")


class _Chunks(io.RawIOBase):
    """Pieces of text as a file to read, without NUL characters."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece.replace(b"\0", b"")
        given = self._left[: len(buffer)]
        buffer[: len(given)] = given
        self._left = self._left[len(given) :]
        return len(given)


def _is_packed(path: str) -> bool:
    with Path(path).open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _opened(path: str) -> Any:
    return gzip.open(path, "rb") if _is_packed(path) else Path(path).open("rb")


def _utf8(path: str, encoding: str) -> Iterator[bytes]:
    """The text in pieces; bytes that do not decode raise UnicodeDecodeError."""
    name = codecs.lookup(encoding).name
    decode = codecs.getincrementaldecoder("utf-8" if name in _UTF8 else name)().decode
    with _opened(path) as file:
        while piece := file.read(_CHUNK):
            text = decode(piece)
            yield piece if name in _UTF8 else text.encode()
        decode(b"", final=True)


def _counted(path: str, encoding: str) -> Text | None:
    """What stands in the file; None when it is not in this encoding. Nothing but white space has size 0."""
    size, n_quotes, n_null, first, filled = 0, 0, 0, b"", False
    try:
        for piece in _utf8(path, encoding):
            first = first or piece[:3]
            filled = filled or bool(piece.strip(_BLANK))
            size, n_quotes, n_null = size + len(piece), n_quotes + piece.count(b'"'), n_null + piece.count(b"\0")
    except (LookupError, UnicodeDecodeError):
        return None
    return Text(path, encoding, size if filled else 0, n_quotes, n_null, first == codecs.BOM_UTF8)


def _likely(head: bytes, path: str) -> tuple[str, ...]:
    """Encodings to try, by the first bytes."""
    for magic, what in _MAGIC:
        if head.startswith(magic):
            action = _READ_AS if "Parquet" in what else _SAVE_AS
            raise refuse("ICP106", f"file '{path}' is not a CSV: it looks like {what}.", action)
    if head.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if len(head) > 3 and head[1::2].count(0) > len(head) * 0.4:
        return ("utf-16-le",)
    if len(head) > 3 and head[::2].count(0) > len(head) * 0.4:
        return ("utf-16-be",)
    control = sum(head.count(bytes([byte])) for byte in (*range(1, 9), 11, 12, *range(14, 27), *range(28, 32)))
    if control > len(head) // 20:
        raise refuse("ICP106", f"file '{path}' is not a CSV: it holds binary data.", _SAVE_AS)
    return ("utf-8", "cp1252", "latin-1")
