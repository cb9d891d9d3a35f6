"""The list that the README shows is the one that ``make run`` makes."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from executed_notebooks import FOLDER, executed

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.slow
@pytest.mark.filterwarnings("default::DeprecationWarning")  # of the Jupyter packages that drive the kernel, not ours
def test_the_readme_shows_the_top_of_the_sample(tmp_path_factory):
    """The second notebook trains and scores the sample by the same two commands, of which it changes names only, and
    the words of a message, which the table does not show."""
    script = FOLDER / "02_profiles_and_messages.py"
    code = script.read_text("utf-8")
    assert 'job = [*table, *label, "name=profiles", "output=out/profiles", "tracking=none"]' in code
    given = '"model=out/profiles", "tracking=none", "messages.library=out/messages.yaml", "output=out/first_list"'
    assert f"given = [{given}]" in code and "table: list[str] = []" in code and "label: list[str] = []" in code
    folder = executed(tmp_path_factory, script)
    scores = pd.read_csv(folder / "out" / "first_list" / "scores.csv", dtype=str, keep_default_na=False)
    best = scores.assign(chance=scores["propensity"].astype(float)).nlargest(5, "chance", keep="first")
    made = [
        " | ".join(
            ["", one.account_id, one.tier, one.percentile, f"{100 * one.chance:.0f} %", one.profile, one.reason_2, ""]
        )
        for one in best.itertuples()
    ]
    told = re.findall(r"^\| A-\d+ \|.*$", README.read_text("utf-8"), re.M)
    assert told == [line.strip() for line in made], "the rows to put into README.md:\n" + "\n".join(made)
