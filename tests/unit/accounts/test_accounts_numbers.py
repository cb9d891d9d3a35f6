import numpy as np
import pyarrow as pa
import pytest

from icp.accounts._numbers import decimal_mark, is_beyond, number_unit, parse_numbers


def parse(*cells: str, decimal: str = ".") -> list[float]:
    return parse_numbers(pa.array(cells, pa.string()), decimal).tolist()


def ones(cells: list[str]) -> np.ndarray:
    return np.ones(len(cells), dtype=np.int64)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234", 1234.0),
        ("-12.5", -12.5),
        ("+7", 7.0),
        ("1,234", 1234.0),
        ("1,234,567.89", 1234567.89),
        ("1 234", 1234.0),
        ("1'234", 1234.0),
        ("1’234", 1234.0),
        ("1.234,5", 1234.5),
        ("12,5", 12.5),
        ("$1,200.50", 1200.5),
        ("1200 EUR", 1200.0),
        ("€ 3.5", 3.5),
        ("USD 12", 12.0),
        ("CHF 1'000", 1000.0),
        ("R$ 5", 5.0),
        ("12 %", 12.0),
        ("12%", 12.0),
        ("(250)", -250.0),
        ("($1,200)", -1200.0),
        ("-$5", -5.0),
        ("$-5", -5.0),
        ("5-", -5.0),
        ("−5", -5.0),
        ("10k", 10_000.0),
        ("$1.2M", 1_200_000.0),
        ("1.5bn", 1.5e9),
        ("3 Mio.", 3e6),
        ("2,5 Mrd", 2.5e9),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
    ],
)
def test_a_number_is_read_however_it_is_written(cell, value):
    assert parse(cell) == [pytest.approx(value)]


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "abc",
        "1,2,3",
        "12,34,5",
        "1.2.3",
        "10-20",
        "(5",
        "5)",
        "--5",
        "-(5)",
        "1 2",
        "12 apples",
        "0x10",
        "inf",
        "1e400",
        "-1e101",
        "$",
    ],
)
def test_what_is_not_a_number_is_never_guessed(cell):
    assert np.isnan(parse(cell)[0])


def test_the_decimal_mark_settles_what_reads_both_ways():
    assert parse("1,234", decimal=".") == [1234.0]
    assert parse("1,234", decimal=",") == [1.234]
    assert parse("1.234", decimal=",") == [1234.0]


def test_a_cell_does_not_depend_on_its_neighbours():
    cells = ["1,234", "$5", "x", "1.234,5", "7"]
    together = parse(*cells)
    alone = [parse(cell)[0] for cell in cells]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1,5", "2,75", "1,234"], ","),
        (["1.5", "1,234.5"], "."),
        (["1.234.567"], ","),
        (["1,234", "12"], None),
        (["a"], None),
    ],
)
def test_decimal_mark_is_given_away_by_the_cells(cells, mark):
    assert decimal_mark(pa.array(cells), ones(cells)) == mark


@pytest.mark.parametrize(
    ("cells", "unit"),
    [(["1 %", "2%"], "%"), (["$1", "$2", "3"], "$"), (["1 eur", "2 EUR"], "EUR"), (["1 eur", "2", "3"], ""), ([], "")],
)
def test_unit_is_what_most_cells_carry(cells, unit):
    assert number_unit(pa.array(cells, pa.string()), ones(cells)) == unit


@pytest.mark.parametrize("cell", ["inf", "-INF", "Infinity", "+∞", "1e101", "-1e300", "1e400", "9" * 400, "1e99k"])
def test_what_is_beyond_every_quantity_is_told_from_what_is_no_number(cell):
    assert is_beyond(pa.array([cell]), ".").tolist() == [True] and np.isnan(parse(cell)[0])


@pytest.mark.parametrize("cell", ["1e100", "-12", "info", "infinite", "x", "", "nan"])
def test_other_cells_are_not_beyond(cell):
    assert is_beyond(pa.array([cell]), ".").tolist() == [False]
