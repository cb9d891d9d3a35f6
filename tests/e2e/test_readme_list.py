"""The list that the README shows is the one that ``make run`` makes."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from icp import load_config
from icp import score as score_command
from icp import train as train_command

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.slow
def test_the_readme_shows_the_top_of_the_sample(tmp_path):
    train_command.run(load_config("train", [f"output='{tmp_path}/train'", "tracking=none"]))
    model = f"model='{tmp_path}/train/bundle'"
    score_command.run(load_config("score", [model, f"output='{tmp_path}/score'", "tracking=none"]))
    scores = pd.read_csv(tmp_path / "score" / "scores.csv", dtype=str, keep_default_na=False)
    best = scores.assign(chance=scores["propensity"].astype(float)).nlargest(5, "chance", keep="first")
    made = [
        " | ".join(
            ["", one.account_id, one.tier, one.percentile, f"{100 * one.chance:.0f} %", one.profile, one.reason_2, ""]
        )
        for one in best.itertuples()
    ]
    told = re.findall(r"^\| A-\d+ \|.*$", README.read_text("utf-8"), re.M)
    assert told == [line.strip() for line in made], "the rows to put into README.md:\n" + "\n".join(made)
