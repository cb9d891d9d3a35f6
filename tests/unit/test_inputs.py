"""What commands read."""

import pytest

import icp
from icp import load_config
from icp._inputs import read_inputs
from icp._sources import read_history, read_raw_accounts
from icp.accounts import account_ids
from icp.config import resolve
from icp.errors import ConfigError


def test_accounts_derived_from_orders_are_scored_under_their_own_ids(tmp_path):
    orders = tmp_path / "orders.csv"
    orders.write_text("customer,day,total\nC-9,2026-01-05,10\nC-2,2026-01-06,20\nC-9,2026-01-07,5\n")
    overrides = [
        "accounts=derived", "outcomes=csv", f"outcomes.path='{orders}'", "outcomes.account_id=customer",
        "outcomes.at=day",
    ]  # fmt: skip
    run = resolve(load_config("score", overrides))
    raw = read_raw_accounts(run, *read_history(run))
    ids, findings = account_ids(raw, run.accounts)
    assert ids.tolist() == ["C-2", "C-9"]
    assert findings == ()


GONE = ("accounts=csv", "accounts.path=gone.csv", "labels=flag", "labels.column=won")


@pytest.mark.parametrize(
    ("overrides", "code", "says"),
    [
        (("labels.signoff=gone.yaml",), "ICP316", "labels.signoff: 'gone.yaml' cannot be read"),
        (("versus=rfm", "versus.signoff=gone.yaml"), "ICP316", "versus.signoff: 'gone.yaml' cannot be read"),
        (("versus=won", "versus.window=soon"), "ICP216", "versus.window is 'soon'"),
        (("labels.amount=5",), "ICP233", "labels.amount is 5"),
    ],
)
def test_options_that_cannot_be_used_are_told_before_the_table_is_looked_for(tmp_path, overrides, code, says):
    with pytest.raises(ConfigError, match=says) as caught:
        read_inputs(load_config("backtest", [*GONE, *overrides]))
    assert [problem.code for problem in caught.value.problems] == [code]


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        (("backtest.gap=soon",), "backtest.gap is 'soon'"),
        (("backtest.gap=30d", "labels=won", "labels.column=null"), "shorter than the prediction window of 180 days"),
        (("backtest.gap=30d", "backtest.order=rows"), "backtest.order=rows has no dates"),
    ],
)
def test_a_gap_that_cannot_be_used_is_told_before_the_table_is_looked_for(overrides, says):
    with pytest.raises(ConfigError, match=says) as caught:
        icp.backtest.run(load_config("backtest", [*GONE, *overrides]))
    assert [problem.code for problem in caught.value.problems] == ["ICP336"]
