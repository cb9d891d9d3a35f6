"""The header of a CSV from its first lines alone is the one that reading the whole file gives."""

from __future__ import annotations

import pytest

from icp.accounts import read_header, read_raw
from icp.errors import TableError
from icp.options import AccountOptions

TEXT = "account_id;Größe;Größe;note\r\nA-1;1,5;2;é\r\nA-2;3;4;x\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_it_is_the_header_of_the_whole_file(tmp_path, encoding):
    data = TEXT.encode(encoding)
    (tmp_path / "accounts.csv").write_bytes(data)
    raw = read_raw(AccountOptions(source="csv", path=str(tmp_path / "accounts.csv")), "accounts")
    header = read_header(data + b"\n", "accounts.csv", "accounts", None, None)
    assert list(header.names) == raw.table.column_names == ["account_id", "Größe", "Größe (2)", "note"]
    assert (header.separator, header.encoding) == (raw.separator, raw.encoding)
    assert header.cells == ("account_id", "Größe", "Größe", "note")
    assert [one.message for one in header.findings] == [one.message for one in raw.findings]


def test_a_separator_that_is_given_stands():
    assert read_header(b"a;b\tc\n1;2\t3\n", "accounts.csv", "accounts", "tab", None).cells == ("a;b", "c")


@pytest.mark.parametrize(
    ("head", "encoding", "code"),
    [
        (b"sep=;\na;b\n1;2\n", None, "ICP106"),
        (b"a,b\n1,\0 2\n" * 3, None, "ICP106"),
        (b"PK\x03\x04" + bytes(40), None, "ICP106"),
        ("Größe,b\n1,2\n".encode("cp1252"), "utf-8", "ICP106"),
        (b"\n\n\n", None, "ICP101"),
    ],
    ids=["separator line", "NUL", "workbook", "another encoding", "nothing"],
)
def test_what_spark_would_read_otherwise_is_refused(head, encoding, code):
    with pytest.raises(TableError) as refused:
        read_header(head, "accounts.csv", "accounts", None, encoding)
    assert refused.value.problems[0].code == code
