import json

import pandas as pd
import pytest

from icp import train, validate
from icp.config import load_config
from icp.errors import ICPError


@pytest.fixture
def leads(tmp_path):
    """200 leads, 50 won; the column that the sales team fills in afterwards gives it away."""
    rows = range(200)
    frame = pd.DataFrame(
        {
            "id": [f"L-{i:03d}" for i in rows],
            "employees": [(i * 37) % 211 for i in rows],
            "sector": [("retail", "steel", "farming")[i % 3] for i in rows],
            "won": [int(i % 4 == 0) for i in rows],
            "close_reason": ["contract signed" if i % 4 == 0 else "no budget" for i in rows],
        }
    )
    path = tmp_path / "leads.csv"
    frame.to_csv(path, index=False)
    return path


def options(path, tmp_path, *more: str) -> list[str]:
    return ["accounts=csv", f"accounts.path={path}", f"output={tmp_path / 'out'}", *more]


def test_the_columns_and_findings_are_written(leads, tmp_path):
    more = ("accounts.account_id=id", "labels=flag", "labels.column=won", "labels.positive=1")
    result = validate.run(load_config("validate", options(leads, tmp_path, *more)))
    columns = pd.read_csv(result.output / "columns.csv")
    assert columns["column"].tolist() == ["id", "employees", "sector", "won", "close_reason"]
    assert columns["role"].tolist() == ["id", "trait", "trait", "label", "trait"]
    assert columns["used"].tolist() == ["no", "yes", "yes", "no", "no"]
    assert columns["why"].iloc[4].endswith("; quarantined: it seems to give the answer away (ICP301)")
    assert "5 columns, 2 of them usable as traits" in result.summary()
    findings = json.loads((result.output / "findings.json").read_text())
    assert [item["column"] for item in findings if item["code"] == "ICP301"] == ["close_reason"]
    assert "50 best, 150 not" in result.summary()


def test_a_suspect_that_is_kept_is_used(leads, tmp_path):
    more = ("accounts.account_id=id", "labels=flag", "labels.column=won", "traits.keep=[close_reason]")
    result = validate.run(load_config("validate", options(leads, tmp_path, *more)))
    columns = pd.read_csv(result.output / "columns.csv").set_index("column")
    assert columns.loc["close_reason", "used"] == "yes" and "quarantined" not in columns.loc["close_reason", "why"]


def test_columns_are_left_out_for_the_same_reason_as_in_training(leads, tmp_path):
    more = ("accounts.account_id=id", "labels=flag", "labels.column=won", "labels.positive=1", "tracking=none")
    columns = pd.read_csv(validate.run(load_config("validate", options(leads, tmp_path, *more))).output / "columns.csv")
    quick = ("scoring.max_trees=5", "profiles.n_resamples=2", f"output={tmp_path / 'model'}")
    model = train.run(load_config("train", options(leads, tmp_path, *more, *quick))).model
    card = model.bundle_.card["data"]["columns"]
    assert columns["used"].tolist() == ["yes" if column["used"] else "no" for column in card]
    assert columns["why"].tolist() == ["; ".join(filter(None, (c["reason"], c["left_out"]))) for c in card]


def test_without_a_label_the_tables_alone_are_looked_at(leads, tmp_path):
    result = validate.run(load_config("validate", options(leads, tmp_path, "accounts.account_id=id")))
    assert [finding.code for finding in result.findings] == ["ICP123"]
    assert "accounts: 200 rows, 5 columns" in result.summary()


def test_too_few_best_customers_are_an_issue_and_no_error(leads, tmp_path):
    leads.write_text("".join(leads.read_text().splitlines(keepends=True)[:21]))
    more = ("accounts.account_id=id", "labels=flag", "labels.column=won")
    result = validate.run(load_config("validate", options(leads, tmp_path, *more)))
    assert ("ICP201", "issue") in [(finding.code, finding.severity) for finding in result.findings]


def test_problems_of_all_tables_come_together_and_nothing_is_written(leads, tmp_path):
    more = (
        "accounts.account_id=idd",
        "outcomes=csv",
        "outcomes.path=/nowhere.csv",
        "outcomes.account_id=a",
        "outcomes.at=b",
        "labels=flag",
        "labels.column=won",
    )
    with pytest.raises(ICPError) as caught:
        validate.run(load_config("validate", options(leads, tmp_path, *more)))
    assert sorted(problem.code for problem in caught.value.problems) == ["ICP100", "ICP102"]
    assert not (tmp_path / "out").exists()


def test_the_same_data_gives_the_same_bytes(leads, tmp_path):
    more = ("accounts.account_id=id", "labels=flag", "labels.column=won")
    results = []
    for name in ("one", "two"):
        config = load_config("validate", [*options(leads, tmp_path, *more), f"output={tmp_path / name}"])
        folder = validate.run(config).output
        results.append([(folder / file).read_bytes() for file in ("columns.csv", "findings.json")])
    assert results[0] == results[1]
