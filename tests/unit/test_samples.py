"""What looks at a part of the rows of a large table is said, and stands in the docs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from icp import IdealCustomerModel, load_config, read_inputs
from icp._samples import LINES, NUMBER_OF_PROFILES, SAMPLES, samples_of
from icp.model._findings import sample_findings
from icp.options import BacktestOptions, ScoringOptions

PAGE = Path(__file__).parents[2] / "docs" / "design" / "0020-training-at-size.md"


def test_every_step_stands_in_the_docs_with_its_number():
    told = {
        what: int(rows.replace(",", ""))
        for what, rows in re.findall(r"^\| ([^|]+) \| ([\d,]+)", PAGE.read_text("utf-8"), re.M)
    }
    assert {one.what: told[one.what] for one in SAMPLES} == {one.what: one.rows for one in SAMPLES}


def test_a_step_is_told_from_the_first_row_it_does_not_see():
    assert samples_of(LINES.rows, NUMBER_OF_PROFILES.rows, SAMPLES[1:2]) == [
        {"what": one.what, "rows": one.rows, "of": LINES.rows, "of_best": False}
        for one in SAMPLES
        if not one.of_best and one.rows < LINES.rows and one is not SAMPLES[1]
    ]
    (told,) = [one for one in samples_of(9_000, NUMBER_OF_PROFILES.rows + 1) if one["of_best"]]
    assert told == {"what": NUMBER_OF_PROFILES.what, "rows": 2_000, "of": 2_001, "of_best": True}


def test_the_card_and_a_note_say_what_a_large_table_was_learned_from(tmp_path):
    rng = np.random.default_rng(0)
    n = 10_500
    x = rng.normal(size=n).round(3)
    frame = pd.DataFrame({"id": [f"A{i}" for i in range(n)], "x": x, "y": rng.normal(size=n).round(3)})
    frame["best"] = np.where(rng.random(n) < 1 / (1 + np.exp(3 - x)), "yes", "no")
    frame.to_csv(tmp_path / "accounts.csv", index=False)
    source = ["accounts=csv", f"accounts.path='{tmp_path}/accounts.csv'", "accounts.account_id=id"]
    inputs = read_inputs(load_config("train", [*source, "labels=flag", "labels.column=best", "labels.positive=yes"]))
    model = IdealCustomerModel(
        scoring=ScoringOptions(max_trees=10), backtest=BacktestOptions(order="rows", n_bootstrap=50)
    ).fit(inputs.accounts, inputs.labels)
    samples = model.bundle_.card["samples"]
    assert [one["what"] for one in samples] == ["penalty of the lines"] and samples[0]["of"] == n
    (note,) = [finding for finding in model.findings_ if finding.code == "ICP205"]
    assert "penalty of the lines: 10,000 of 10,500 accounts" in note.message and note.severity == "note"
    assert sample_findings([]) == []
