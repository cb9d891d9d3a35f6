"""An error block says what, where, how many, examples and what to do."""

import pytest

from icp.errors import ConfigError, ICPError, Problem, TableError, did_you_mean


def test_a_block_lists_every_problem_under_one_title():
    problems = TableError.missing_columns(["industy", "zzz"], ["industry", "city"], "Set accounts.ignore.")
    problems.append(Problem("ICP104", "'id' repeats.", "Keep one.", n_rows=1, examples=("a", "b", "c", "d")))
    block = TableError.in_table("accounts", 1204, "leads.csv", problems).block()
    assert block.splitlines() == [
        "3 problems in table 'accounts' (1,204 rows), leads.csv",
        "  ICP102  column 'industy' is missing.  Did you mean 'industry'?  Set accounts.ignore.",
        "  ICP102  column 'zzz' is missing.  Set accounts.ignore.",
        "  ICP104  'id' repeats. (1 row, e.g. a, b, c)  Keep one.",
    ]


def test_a_title_that_only_repeats_the_one_problem_is_said_once():
    assert str(TableError.one("ICP104", "'id' repeats.", "Keep one.")) == "ICP104  'id' repeats.  Keep one."


def test_every_error_is_also_a_builtin_one():
    with pytest.raises(ValueError, match="ICP001"):
        raise ConfigError.one("ICP001", "wrong.", "Mend it.")
    assert issubclass(ConfigError, ICPError)


def test_a_name_that_is_like_nothing_gets_no_hint():
    assert did_you_mean("qqqq", ["industry"]) == ""
    assert did_you_mean("INDUSTRY", ["industry"]) == "Did you mean 'industry'?  "
