"""What commands read."""

from icp import load_config
from icp._inputs import read_history, read_raw_accounts
from icp.accounts import account_ids
from icp.config import resolve


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
