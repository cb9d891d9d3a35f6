import numpy as np
import pyarrow as pa
import pytest

from icp.accounts import RawTable, conform, infer_columns, parse_column
from icp.accounts._cells import distinct_cells
from icp.accounts._columns import column_findings
from icp.errors import TableError
from icp.options import AccountOptions
from icp.tables import Column


def raw(separator: str = ",", **columns) -> RawTable:
    table = pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    return RawTable(table, "test", "csv", separator, "utf-8", None)


def infer(cells, name="x", **options) -> Column:
    return infer_columns(raw(**{name: [str(cell) for cell in cells]}), AccountOptions(**options))[0]


many = range(60)


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("employees", [i * 7 % 53 for i in many], "numeric"),
        ("revenue", [f"${i},{i:03d}.50" for i in range(1, 61)], "numeric"),
        ("Anteil", [f"{i},5 %" for i in many], "numeric"),
        ("converted", ["0", "1"] * 30, "numeric"),
        ("TotalTime Website", [i * 7 % 1000 for i in range(200)], "numeric"),
        ("customer", ["yes", "No", "y", "N"] * 15, "boolean"),
        ("Kunde", ["ja", "nein", ""] * 20, "boolean"),
        ("newsletter", ["yes", ""] * 30, "boolean"),
        ("zip", [f"0{i % 9}123" for i in many], "categorical"),
        ("Lead Number", range(1000, 1060), "identifier"),
        ("row", range(1, 61), "identifier"),
        ("CustomerID", [17000 + i % 30 for i in many], "identifier"),
        ("phone", [f"030 {i:06d}" for i in range(100, 160)], "identifier"),
        ("contact", [f"a{i}@example.org" for i in many], "identifier"),
        ("web", [f"https://x{i}.example" for i in many], "identifier"),
        ("company", [f"Firm {i} Ltd" for i in many], "identifier"),
        ("uuid", [f"{i:08x}-ab" for i in many], "identifier"),
        ("industry", ["retail", "farming", "steel"] * 20, "categorical"),
        ("size", ["1-10", "11-50", "51-200"] * 20, "categorical"),
        ("notes", [f"met at the fair in hall {i}, wants a call soon" for i in many], "text"),
        ("created", [f"2024-01-{i % 28 + 1:02d}" for i in many], "date"),
        ("country", ["DE"] * 60, "constant"),
        ("fax", [""] * 60, "empty"),
        ("gone", ["n/a", "-", "NULL", "#N/A", " none ", "?"] * 10, "empty"),
    ],
)
def test_a_column_is_taken_for_what_a_person_would(name, cells, kind):
    column = infer(cells, name)
    assert column.kind == kind, column.reason
    assert column.reason
    assert column.is_trait == (kind in ("numeric", "categorical", "boolean", "date"))


def test_a_few_bad_cells_do_not_change_the_kind_and_are_counted():
    column = infer([*range(100, 195), "lots", "many", "", "n/a", "x"], "employees")
    assert (column.kind, column.n_unreadable, column.n_missing) == ("numeric", 3, 2)
    assert "97 % of 98" in column.reason


@pytest.mark.parametrize("cell", ["inf", "-inf", "Infinity", "1e400", "9" * 400, "1e300"])
def test_infinite_cells_do_not_make_numbers_a_category(cell):
    cells = [cell if i % 5 == 0 else str(i * 7 % 53 + 0.5) for i in many]
    column = infer(cells, "turnover")
    assert (column.kind, column.role, column.n_infinite, column.n_unreadable) == ("numeric", "trait", 12, 0)
    assert column.reason.startswith("80 % of 60 filled cells read as a number")
    (found,) = column_findings([column])
    assert (found.code, found.severity, found.n_rows, found.action) == ("ICP126", "warning", 12, "repaired")
    assert np.isnan(parse_column(pa.array([cell]), column)[0][0])


def test_words_beside_infinite_cells_are_still_words_and_mostly_infinite_is_no_number():
    assert infer(["inf", "low", "high"] * 20).kind == "categorical"
    assert infer(["inf", "-inf", "3"] * 20).kind == "categorical"


def test_infinite_cells_of_a_typed_column_are_missing_and_told():
    values = np.where(np.arange(60) % 5 == 0, np.inf, np.arange(60) * 1.25)
    values[1] = 1e200
    source = RawTable(pa.table({"x": pa.array(values)}), "test", "parquet", "", "", None)
    (column,) = infer_columns(source, AccountOptions())
    assert (column.kind, column.role, column.n_infinite) == ("numeric", "trait", 13)
    parsed, _ = parse_column(source.table.column("x"), column)
    assert np.isnan(parsed).sum() == 13 and np.nanmax(parsed) == 73.75


def test_mostly_words_is_not_a_number():
    assert infer(["1", "2", "x", "y"] * 15).kind == "categorical"


def test_an_ambiguous_column_takes_the_decimal_mark_of_the_file():
    cells = ["1.234", "5.678", "2.345"] * 4
    german = infer_columns(raw(a=["1,5", "2,5", "3,75"] * 4, b=cells), AccountOptions())
    english = infer_columns(raw(a=["1.5", "2.5", "3.75"] * 4, b=cells), AccountOptions())
    assert [column.decimal for column in german] == [",", ","]
    assert [column.decimal for column in english] == [".", "."]


def test_options_win_over_cells():
    source = raw(
        a=[str(i) for i in many], b=["x", "y"] * 30, c=["1"] * 30 + ["2"] * 30, d=["k"] * 60, e=["1", "0"] * 30
    )
    options = AccountOptions(categorical=["c"], ignore=["a"], sensitive=["b"], known_after=["d"])
    columns = infer_columns(source, options, label_text=["e"])
    assert [column.role for column in columns] == ["ignored", "sensitive", "trait", "known_after", "label"]
    assert columns[2].kind == columns[4].kind == "categorical"


def test_every_wrong_name_is_reported_at_once():
    options = AccountOptions(account_id="idd", ignore=["nothere"], numeric=["id"], categorical=["id"])
    with pytest.raises(TableError) as caught:
        infer_columns(raw(id=["1"]), options)
    assert sorted(problem.code for problem in caught.value.problems) == ["ICP102", "ICP102", "ICP105"]
    assert "Did you mean 'id'?" in str(caught.value)


def test_row_order_changes_no_guess():
    cells = [*map(str, range(100, 160)), "x", "1,5", "2.5", ""]
    forward, backward = infer(cells), infer(cells[::-1])
    assert forward == backward


COLUMNS = {
    "numeric": Column("x", "trait", "numeric", ""),
    "date": Column("x", "trait", "date", "", date_format="%d.%m.%Y|%Y-%m-%d"),
    "boolean": Column("x", "trait", "boolean", ""),
    "categorical": Column("x", "trait", "categorical", ""),
}
CELLS = ["12", " 1,200 ", "yes", "N/A", "", None, "3.4.2024", "2024-05-01", "Caf\u0065\u0301", "a  b", "Select", "no"]


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_cell_reads_the_same_alone_as_in_a_batch(kind):
    column = COLUMNS[kind]
    whole, bad = parse_column(pa.array(CELLS, pa.string()), column, ["select"])
    for position, cell in enumerate(CELLS):
        one, one_bad = parse_column(pa.chunked_array([pa.array([cell], pa.string())]), column, ["select"])
        assert one_bad[0] == bad[position]
        np.testing.assert_array_equal(one[:1], whole[position : position + 1])


def test_words_are_trimmed_folded_and_composed():
    values, bad = parse_column(pa.array(CELLS, pa.string()), COLUMNS["categorical"], ["select"])
    assert values.tolist()[3:6] == [None, None, None]
    assert values[8:11].tolist() == ["Caf\u00e9", "a b", None]
    assert not bad.any()


def test_missing_is_not_unreadable():
    values, bad = parse_column(pa.array(["5", "n/a", "Select", "five"]), COLUMNS["numeric"], ["SELECT "])
    assert np.isnan(values).tolist() == [False, True, True, True]
    assert bad.tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("values", "kind", "wanted"),
    [
        (pa.array([1, None, 3]), "numeric", [1.0, np.nan, 3.0]),
        (pa.array([True, None, False]), "numeric", [1.0, np.nan, 0.0]),
        (pa.array(["1", "2", "1"]).dictionary_encode(), "numeric", [1.0, 2.0, 1.0]),
        (pa.array([1.5, float("nan"), float("inf")]), "numeric", [1.5, np.nan, np.nan]),
        (pa.array([1, 2, None]), "categorical", ["1", "2", None]),
        (pa.array([1.0, 2.0, None]), "categorical", ["1", "2", None]),
        (pa.array([True, False, None]), "boolean", ["yes", "no", None]),
        (pa.array([1, 0, None]), "boolean", ["yes", "no", None]),
        (pa.array([None, None, None]), "categorical", [None, None, None]),
        (pa.array(["a", "b", None], pa.large_string()), "categorical", ["a", "b", None]),
    ],
)
def test_typed_cells_are_taken_as_they_are(values, kind, wanted):
    parsed, _ = parse_column(values, COLUMNS[kind])
    np.testing.assert_array_equal(parsed, np.array(wanted, dtype=parsed.dtype))


def test_typed_dates_lose_their_zone_in_utc():
    values = pa.array([0, None], pa.timestamp("s", "Europe/Berlin"))
    parsed, _ = parse_column(values, COLUMNS["date"])
    assert str(parsed[0]) == "1970-01-01T00:00:00.000000"
    assert np.isnat(parsed[1])


@pytest.mark.parametrize("kind", COLUMNS)
def test_no_rows_are_no_values(kind):
    for empty in (pa.array([], pa.string()), pa.chunked_array([], pa.string())):
        values, bad = parse_column(empty, COLUMNS[kind])
        assert len(values) == len(bad) == 0


def test_conform_takes_the_marks_of_the_new_file():
    stored = (COLUMNS["numeric"], Column("day", "trait", "date", "", date_format="%m/%d/%Y"))
    source = raw(x=["1,5", "2.345,75"], day=["25/03/2024", "03/04/2024"])
    columns, findings = conform(source, stored, AccountOptions())
    assert columns[0].decimal == ","
    assert columns[1].date_format == "%d/%m/%Y"
    assert findings == ()


def test_conform_keeps_the_stored_marks_where_the_file_does_not_tell():
    stored = (
        Column("x", "trait", "numeric", "", decimal=","),
        Column("day", "trait", "date", "", date_format="%m/%d/%Y"),
    )
    columns, _ = conform(raw(x=["1.234"], day=["03/04/2024"]), stored, AccountOptions())
    assert columns == stored


def marked(**marks):
    return [Column(name, "trait", "numeric", "", decimal=mark) for name, mark in marks.items()]


@pytest.mark.parametrize("findings", [True, False])
@pytest.mark.parametrize(
    ("stored", "cells", "marks"),
    [
        ({"x": ",", "y": ","}, {"x": ["1,234", "12"], "y": ["964,217.19", "5.5"]}, ".."),
        ({"x": ".", "y": "."}, {"x": ["1.234", "12"], "y": ["964.217,19", "5,5"]}, ",,"),
        ({"x": ",", "y": "."}, {"x": ["1,234", "12"], "y": ["964,217.19", "5.5"]}, ",."),
        ({"x": ",", "y": ",", "z": ","}, {"x": ["1,234", "7"], "y": ["5.5", "7"], "z": ["5,5", "7"]}, ",.,"),
        ({"x": ".", "y": "."}, {"x": ["0,125", "0,333"], "y": ["7", "8"]}, ",,"),
    ],
)
def test_a_column_that_does_not_tell_its_mark_turns_with_those_that_were_written_alike(findings, stored, cells, marks):
    columns, _ = conform(raw(**cells), marked(**stored), AccountOptions(), findings=findings)
    assert "".join(column.decimal for column in columns) == marks


def test_numbers_that_nothing_in_the_file_decides_are_told_and_those_that_it_does_are_not():
    stored = marked(x=",", y=",")
    found = conform(raw(x=["1,234", "$ 12,500", "7"], y=["1", "2", "3"]), stored, AccountOptions())[1]
    assert [(one.code, one.column, one.n_rows) for one in found] == [("ICP133", "x", 2)]
    assert "accounts.decimal='.'" in found[0].message and "1,234" in found[0].message
    for cells in ({"x": ["1,234"], "y": ["1,5"]}, {"x": ["1,234"], "y": ["1.5"]}, {"x": ["1.234"], "y": ["1"]}):
        assert conform(raw(**cells), stored, AccountOptions())[1] == ()
    assert conform(raw(x=["1,234"], y=["2"]), stored, AccountOptions(decimal="."))[1] == ()


def test_conform_names_every_missing_column():
    with pytest.raises(TableError) as caught:
        conform(raw(y=["1"]), [COLUMNS["numeric"], Column("z", "trait", "numeric", "")], AccountOptions())
    assert [problem.column for problem in caught.value.problems] == ["x", "z"]


def test_conform_says_what_does_not_fit_and_what_is_extra():
    columns, findings = conform(raw(x=["a", "b", "3"], extra=["1"] * 3), [COLUMNS["numeric"]], AccountOptions())
    assert [(finding.code, finding.n_rows) for finding in findings] == [("ICP112", 2), ("ICP113", None)]
    assert len(columns) == 1


def test_a_column_read_in_many_parts_has_the_same_different_cells():
    cells = [None if i % 7 == 0 else f" Firm {i * i % 500}" for i in range(2000)]
    whole = distinct_cells(pa.array(cells, pa.string()))
    parts = distinct_cells(pa.chunked_array([pa.array(cells[i : i + 90], pa.string()) for i in range(0, 2000, 90)]))
    assert parts.text.equals(whole.text)
    np.testing.assert_array_equal(parts.index, whole.index)
    assert distinct_cells(pa.chunked_array([], pa.string())).text.to_pylist() == []


def test_cells_are_tidied_whether_one_or_all_of_them_need_it():
    assert distinct_cells(pa.array(["a b", "c"])).text.to_pylist() == ["a b", "c"]
    untidy = ["a  b", " c", "d ", "e\tf", "g\u200b", "Zu\u0308rich"]
    assert distinct_cells(pa.array(untidy)).text.to_pylist() == ["a b", "c", "d", "e f", "g", "Z\u00fcrich"]


def test_thousands_of_different_dates_and_numbers_are_told_apart():
    moments = [f"2024-{i % 12 + 1:02d}-{i % 28 + 1:02d} {i // 60 % 24:02d}:{i % 60:02d}" for i in range(15_000)]
    assert infer([*moments, *["soon"] * 300]).kind == "date"
    assert infer([f"{i}.{i % 97:02d}" for i in range(15_000)]).kind == "numeric"
