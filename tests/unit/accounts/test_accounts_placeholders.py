"""Drop-down lists nobody touched."""

from __future__ import annotations

import pandas as pd
import pytest

from icp import load_config, read_accounts
from icp import score as score_command
from icp import train as train_command
from icp.options import AccountOptions
from icp.simulation import simulate

ROWS = 40


def read(tmp_path, **columns):
    frame = pd.DataFrame({"id": [f"A{i}" for i in range(ROWS)], **columns})
    frame.to_csv(tmp_path / "accounts.csv", index=False)
    return read_accounts(AccountOptions(path=str(tmp_path / "accounts.csv"), account_id="id"))


@pytest.mark.parametrize("form", ["Select", "select", "Please select", "--Select--", "- Select -", "SELECT"])
def test_a_choice_nobody_made_in_two_columns_is_not_known(tmp_path, form):
    city, source = [form, "Rome", "Oslo", "Bonn"] * 10, ["Ads", form] * 20
    table = read(tmp_path, city=city, source=source)
    assert table.frame["city"].isna().sum() == 10 and table.frame["source"].isna().sum() == 20
    assert table.placeholders == (form.lower(),)
    (told,) = [finding for finding in table.findings if finding.code == "ICP127"]
    assert told.action == "repaired" and told.evidence == {"columns": {"city": 10, "source": 20}} and told.n_rows == 20


def test_in_one_column_it_is_a_value_like_any_other(tmp_path):
    table = read(tmp_path, plan=["Select", "Basic", "Plus", "Select"] * 10, city=["Rome", "Oslo"] * 20)
    assert (table.frame["plan"] == "Select").sum() == 20 and table.placeholders == ()
    assert not any(finding.code == "ICP127" for finding in table.findings)


def test_new_accounts_are_read_as_those_that_were_learned_from(tmp_path):
    crm = simulate(seed=3)
    frame = crm.accounts.assign(won=crm.truth["best"].map({True: "1", False: "0"}).to_numpy())
    frame["city"] = ["Select", "Rome", "Oslo", "Bonn"] * (len(frame) // 4)
    frame["channel"] = ["Ads", "Select"] * (len(frame) // 2)
    frame.to_csv(tmp_path / "accounts.csv", index=False)
    table = ["accounts=csv", "accounts.account_id=account_id", "tracking=none"]
    label = ["labels=flag", "labels.column=won", "labels.positive=1", "promotion=never", "scoring.max_trees=20"]
    path = f"accounts.path='{tmp_path}/accounts.csv'"
    train_command.run(load_config("train", [*table, path, *label, f"output='{tmp_path}/train'"]))
    frame.head(50).assign(channel="Ads").to_csv(tmp_path / "new.csv", index=False)
    frame.head(50).assign(channel="Ads", city=frame["city"].replace("Select", "")).to_csv(
        tmp_path / "blank.csv", index=False
    )
    scored = []
    for name in ("new", "blank"):
        overrides = [*table[:2], f"accounts.path='{tmp_path}/{name}.csv'", f"model='{tmp_path}/train/bundle'"]
        score_command.run(load_config("score", [*overrides, f"output='{tmp_path}/{name}'"]))
        scored.append((tmp_path / name / "scores.csv").read_bytes())
    assert scored[0] == scored[1]
