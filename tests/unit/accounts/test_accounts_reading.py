import gzip
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from icp._stored import read_batches
from icp.accounts import _delimited, _text, read_accounts, read_raw, sample_folder
from icp.errors import ConfigError, ICPError, TableError
from icp.options import AccountOptions


@pytest.fixture
def write(tmp_path):
    def writer(content: str | bytes, name: str = "accounts.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return writer


def raw(path: str, **options):
    return read_raw(AccountOptions(path=path, **options), "accounts")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "^"])
def test_the_separator_is_detected(write, separator):
    text = "\n".join(separator.join(row) for row in [("id", "name", "n"), ("1", "a b", "3"), ("2", "c", "4")])
    found = raw(write(text))
    assert found.separator == separator
    assert found.table.column_names == ["id", "name", "n"]
    assert found.table.num_rows == 2


def test_decimal_commas_do_not_pass_for_separators(write):
    found = raw(write("id;a;b\n1;2,5;3,5\n2;2,7;1,1\n"))
    assert found.separator == ";"
    assert found.table.column("a").to_pylist() == ["2,5", "2,7"]


@pytest.mark.parametrize("word", ["tab", "\\t", "\t"])
def test_a_tab_can_be_asked_for_in_words(write, word):
    assert raw(write("id\ta,b\n1\t2\n"), separator=word).table.column_names == ["id", "a,b"]


@pytest.mark.parametrize(
    ("encoding", "reported"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_detected(write, encoding, reported):
    found = raw(write("id;Straße\n1;Köln €\n2;Zürich\n".encode(encoding)))
    assert found.encoding == reported
    assert found.table.column("Straße").to_pylist() == ["Köln €", "Zürich"]


def test_latin1_is_the_last_resort(write):
    found = raw(write(b"id;a\n1;x\x81y\n"))
    assert found.encoding == "latin-1"


def test_gzip_is_unpacked(write):
    assert raw(write(gzip.compress(b"id,a\n1,2\n"), "a.csv.gz")).table.num_rows == 1


def test_cells_are_kept_as_written(write):
    cells = raw(write('id,a\n001," x ""y""\nz "\n')).table
    assert cells.column("id").to_pylist() == ["001"]
    assert cells.column("a").to_pylist() == [' x "y"\nz ']


def test_old_mac_and_windows_line_ends_are_read(write):
    assert raw(write("id,a\r1,2\r3,4\r")).table.num_rows == 2
    assert raw(write("id,a\r\n1,2\r\n3,4\r\n")).table.column("a").to_pylist() == ["2", "4"]


def test_excels_separator_line_is_not_a_header(write):
    assert raw(write("sep=;\nid;a\n1;2\n")).table.column_names == ["id", "a"]


def test_blank_rows_at_the_end_are_not_accounts(write):
    assert raw(write("id,a\n1,2\n,\n,\n"), account_id="id").table.num_rows == 1


def test_a_few_nul_characters_are_left_out_and_said(write):
    found = raw(write(b"id,a\n1,2\x00\n"))
    assert found.table.column("a").to_pylist() == ["2"]
    assert [finding.code for finding in found.findings] == ["ICP110"]


def test_repeated_and_empty_headers_get_names_and_are_said(write):
    found = raw(write("id,a,a,,b,\n1,2,3,4,5,\n"))
    assert found.table.column_names == ["id", "a", "a (2)", "column 4", "b"]
    assert [finding.code for finding in found.findings] == ["ICP107"] * 3


def test_two_id_columns_that_differ_are_refused(write):
    with pytest.raises(TableError, match="ICP107"):
        raw(write("id,id,a\n1,2,3\n"), account_id="id")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "ICP101", id="empty"),
        pytest.param(b" \n\n", "ICP101", id="blank lines"),
        pytest.param(b"\xef\xbb\xbf", "ICP101", id="byte order mark"),
        pytest.param(b"a,b,c\n", "ICP101", id="header"),
        pytest.param(b"a,b,c", "ICP101", id="header without line end"),
        pytest.param(b"PK\x03\x04 workbook", "ICP106", id="workbook"),
        pytest.param(bytes(range(256)) * 20, "ICP106", id="binary"),
        pytest.param(gzip.compress(b"id,a\n" * 999, mtime=0)[:20], "ICP106", id="half a gzip"),
        pytest.param(b'id,a\n1,"x\n2,y\n', "ICP106", id="quote never closed"),
        pytest.param(b"id,a,b\n1,2,3\n2,3\n3,4,5,6\n", "ICP108", id="ragged"),
    ],
)
def test_what_is_no_table_is_refused_with_its_number(write, content, code):
    with pytest.raises(TableError) as caught:
        raw(write(content))
    assert [problem.code for problem in caught.value.problems] == [code]


def test_ragged_rows_are_counted_and_located(write):
    with pytest.raises(TableError) as caught:
        raw(write("id,a,b\n1,2,3\n2,3\n4,5,6\n3,4,5,6\n"))
    problem = caught.value.problems[0]
    assert problem.n_rows == 2
    assert problem.examples == ("line 3", "line 5")


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_text(file.read_text() + "A-3,Retail\n"),
        lambda file: file.write_text(file.read_text()[:-4]),
        lambda file: file.write_text("account_id\n"),
        lambda file: file.write_bytes(b"\xff\x00" * 40),
        Path.unlink,
    ],
    ids=["rows are added", "cut short", "begun anew", "no text any more", "removed"],
)
def test_a_file_that_changes_while_it_is_read_is_told_as_that(tmp_path, monkeypatch, change):
    file = tmp_path / "accounts.csv"
    file.write_text("account_id,industry\nA-1,Machinery\nA-2,Retail\n")

    def examined(*arguments):
        found = _text.examine(*arguments)
        change(file)
        return found

    monkeypatch.setattr(_delimited, "examine", examined)
    options = AccountOptions(source="csv", path=str(file), account_id="account_id")
    with pytest.raises(TableError, match=r"ICP100.*changed while it was read.*Start the run again"):
        read_accounts(options)


@pytest.mark.parametrize("path", ["/nowhere/x.csv", "/"])
def test_an_unreadable_path_is_said_without_a_traceback(path):
    with pytest.raises(TableError, match="ICP100"):
        raw(path)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (AccountOptions(), "ICP014"),
        (AccountOptions(source="derived"), "ICP015"),
        (AccountOptions(source="sql", url="nonsense", query="select 1"), "ICP016"),
        (AccountOptions(source="sql", url="sqlite://", query="delete from accounts"), "ICP016"),
        (AccountOptions(source="sql", url="sqlite://", query="select 1; drop table x"), "ICP016"),
    ],
)
def test_wrong_options_are_config_errors(options, code):
    with pytest.raises(ConfigError, match=code):
        read_raw(options, "accounts")


def test_a_database_error_never_shows_the_password():
    url = "postgresql+psycopg://sales:geheim@127.0.0.1:1/crm"
    with pytest.raises(ICPError) as caught:
        read_raw(AccountOptions(source="sql", url=url, query="select 1"), "accounts")
    assert "ICP109" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_query_reads_and_cannot_write(tmp_path):
    from sqlalchemy import create_engine

    url = f"sqlite:///{tmp_path / 'crm.db'}"
    frame = pd.DataFrame({"id": ["A-1", "A-2"], "employees": [10, 20], "note": ["at 10:30", None]})
    engine = create_engine(url)
    frame.to_sql("accounts", engine, index=False)
    query = "SELECT * FROM accounts WHERE note LIKE '%:30' OR note IS NULL ORDER BY id"
    accounts = read_accounts(AccountOptions(source="sql", url=url, query=query, account_id="id"))
    assert accounts.frame["employees"].tolist() == [10.0, 20.0]
    writing = "WITH x AS (SELECT 1) DELETE FROM accounts"
    with pytest.raises(TableError, match="ICP109"):
        read_raw(AccountOptions(source="sql", url=url, query=writing), "accounts")
    assert len(pd.read_sql("SELECT * FROM accounts", engine)) == 2
    engine.dispose()


def test_parquet_keeps_its_types(tmp_path):
    path = tmp_path / "a.parquet"
    table = pa.table(
        {
            "id": pa.array([1, 2, 3]),
            "n": pa.array([1.5, None, 3.0]),
            "day": pa.array([0, 1, None], pa.date32()),
            "flag": pa.array([True, False, None]),
            "level": pa.array(["a", "b", "a"]).dictionary_encode(),
        }
    )
    pq.write_table(table, path)
    accounts = read_accounts(AccountOptions(source="parquet", path=str(path), account_id="id"))
    assert accounts.frame.index.tolist() == ["1", "2", "3"]
    kinds = {column.name: column.kind for column in accounts.columns}
    assert kinds == {"id": "identifier", "n": "numeric", "day": "date", "flag": "boolean", "level": "categorical"}
    assert accounts.frame["flag"].tolist()[:2] == ["yes", "no"]


def test_a_csv_given_as_parquet_is_refused(write):
    with pytest.raises(TableError, match="ICP100"):
        read_raw(AccountOptions(source="parquet", path=write("id,a\n1,2\n")), "accounts")


def test_the_sample_is_found_and_named():
    assert (sample_folder() / "accounts.csv").is_file()
    found = read_raw(AccountOptions(source="sample", account_id="account_id"), "accounts")
    assert found.source == "built-in sample"
    assert Path(sample_folder()).is_absolute()


ODD = (
    'id;Größe;note\r\n1;12,5;"two\r\nlines; and a ""quote"""\r\n2;;plain\r\n3;7;" blanks "\r\n' + "4;8;Köln €\r\n" * 30
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("folder", [None, "cells"])
def test_blocks_and_places_change_no_cell(write, monkeypatch, tmp_path, encoding, pack, folder):
    path = write(pack(ODD.encode(encoding)))
    whole = raw(path)
    monkeypatch.setattr(_delimited, "_BLOCK", 48)
    monkeypatch.setattr(_text, "_CHUNK", 7)
    found = read_raw(AccountOptions(path=path), "accounts", folder=tmp_path / folder if folder else None)
    again = pa.Table.from_batches(read_batches(found.table, found.table.column_names))
    assert again.to_pydict() == whole.table.to_pydict()
    assert (found.encoding, found.separator, found.table.num_rows) == (encoding, ";", 33)


def test_a_row_longer_than_a_block_is_read(write, monkeypatch):
    monkeypatch.setattr(_delimited, "_BLOCK", 32)
    found = raw(write(f'id,a\n1,2\n2,"{"x" * 500}\n"\n3,4\n'))
    assert [len(cell) for cell in found.table.column("a").to_pylist()] == [1, 501, 1]


@pytest.mark.parametrize("folder", [None, "cells"])
def test_a_short_row_deep_in_a_file_is_numbered(write, monkeypatch, tmp_path, folder):
    monkeypatch.setattr(_delimited, "_BLOCK", 64)
    rows = [f"{i},x,y" for i in range(3000)]
    rows[2500] += ",z"
    rows[2700] = "2700"
    with pytest.raises(TableError) as caught:
        options = AccountOptions(path=write("id,a,b\n" + "\n".join(rows)))
        read_raw(options, "accounts", folder=tmp_path / folder if folder else None)
    problem = caught.value.problems[0]
    assert (problem.code, problem.n_rows, problem.examples) == ("ICP108", 2, ("line 2,502", "line 2,702"))


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("Leads of May\nid,a,b\n1,2,3\n4,5,6\n", "The first line seems to be a title"),
        ("id,a,b\n1,2,3\n4,5,6\nConfidential\n", "such as a footer"),
        ("id,a,b\n1,2,3\n4,5,6,7\n", "Put quotes around cells"),
    ],
)
def test_lines_of_another_length_are_told_by_what_they_look_like(write, text, advice):
    with pytest.raises(TableError) as caught:
        raw(write(text))
    assert advice in caught.value.problems[0].action


def test_a_byte_deep_in_a_file_decides_its_encoding(write, monkeypatch):
    monkeypatch.setattr(_text, "_CHUNK", 1000)
    text = b"id,a\n" + b"1,Z\xc3\xbcrich\n" * 2000
    assert raw(write(text)).encoding == "utf-8"
    deep = write(text + b"2,K\xf6ln\n")
    assert raw(deep).encoding == "cp1252"
    with pytest.raises(TableError, match="ICP106"):
        raw(deep, encoding="utf-8")


def test_a_quote_left_open_deep_in_a_file_is_said(write, monkeypatch):
    monkeypatch.setattr(_delimited, "_BLOCK", 256)
    monkeypatch.setattr(_delimited, "_LARGEST_BLOCK", 1024)
    with pytest.raises(TableError, match="never closed"):
        raw(write("id,a\n" + "1,x\n" * 500 + '2,"y\n' + "3,z\n" * 500))


@pytest.mark.parametrize("folder", [None, "cells"])
def test_blank_rows_before_the_end_stay(write, monkeypatch, tmp_path, folder):
    monkeypatch.setattr(_delimited, "_BLOCK", 16)
    path = write("id,a\n1,2\n,\n3,4\n" + ",\n" * 40)
    options = AccountOptions(path=path, account_id="id")
    found = read_raw(options, "accounts", folder=tmp_path / folder if folder else None)
    assert found.table.column("id").to_pylist() == ["1", "", "3"]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"PAR1" + bytes(40), "accounts=parquet"), (b"\x00\xd8" * 40 + b"a\x00" * 400, "binary data")],
)
def test_what_is_no_csv_is_told_without_an_encoding_nobody_asked_for(write, content, says):
    with pytest.raises(TableError, match="ICP106") as caught:
        raw(write(content))
    assert says in str(caught.value) and "utf-16" not in str(caught.value)


def test_a_pipe_is_refused_and_a_file_on_standard_input_is_read(write):
    path = write("id,n\n" + "".join(f"A{i},{i}\n" for i in range(30)))
    code = "from icp.accounts import read_accounts; from icp.options import AccountOptions; import sys\n"
    code += "print(len(read_accounts(AccountOptions(path=sys.argv[1], source=sys.argv[2])).frame))"
    command = [sys.executable, "-c", code, "/dev/stdin"]
    with Path(path).open("rb") as file:
        done = subprocess.run([*command, "csv"], stdin=file, capture_output=True, text=True, check=False)
    assert done.stdout == "30\n", done.stderr
    for source in ("csv", "parquet"):
        done = subprocess.run([*command, source], input="id\n1\n", capture_output=True, text=True, check=False)
        assert "ICP100  '/dev/stdin' is a pipe, not a file" in done.stderr
        assert "Write it to a file first, and name that: accounts.path=" in done.stderr
