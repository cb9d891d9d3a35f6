"""The scorecard's tables take a few scans of the ledger, and grow as its rows do."""

from benchmarks.ledger_size import MOST, measure


def test_every_table_takes_few_scans_and_grows_as_the_rows_do(tmp_path):
    small, large = (least_of_two(n, tmp_path) for n in (3_000, 24_000))
    of_tables = [sum(time for name, time in one.items() if name not in ("entering and loading", "scan"))
                 for one in (small, large)]  # fmt: skip
    assert of_tables[1] < MOST * large["scan"]
    assert of_tables[1] < 2.5 * 8 * of_tables[0]  # eight times the rows; the square would be 64 times
    assert large["scan"] < 2.5 * 8 * small["scan"]


def least_of_two(n, folder):
    """Processor seconds of each step, the lesser of two runs: whatever else runs makes a step dearer, never cheaper."""
    first, second = (
        measure(f"sqlite:///{folder}/{n}.{run}.db", n, folder, size=n // 4, whole=False) for run in ("first", "second")
    )
    return {name: min(time, second[name]) for name, time in first.items()}
