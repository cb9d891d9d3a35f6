"""A scoring run with a hold-out: whom the CRM gets, who knows the arms, and what is said before launch."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest

import icp
from icp.errors import ConfigError, DeliveryError
from icp.outcomes import Ledger
from trained_models import inside


def score(leads, folder, *more):
    """A run in its own folder, with its own ledger."""
    ledger = f"ledger.url=sqlite:///{folder}/icp.db"
    settings = [*leads.reading, "accounts.path=accounts.csv", "model=models:/leads@champion", ledger]
    with inside(leads.folder):
        return icp.score.run(icp.load_config("score", [*settings, f"output={folder / 'out'}", *more]))


def ledger_rows(folder, campaign="spring"):
    ledger = Ledger(f"sqlite:///{folder}/icp.db")
    try:
        return ledger.deliveries(campaign).set_index("account_id"), ledger.lists()
    finally:
        ledger.close()


def keys(result, target="generic"):
    files = sorted((result.output / target).glob("scores.*.csv"))
    return set(pd.concat([pd.read_csv(file, dtype=str) for file in files])["account_key"])


HOLDOUT = ("delivery=generic", "campaign=spring", "holdout.share=0.2")


@pytest.fixture(scope="module")
def held(leads, tmp_path_factory):
    folder = tmp_path_factory.mktemp("held")
    return folder, score(leads, folder, *HOLDOUT)


def test_held_out_accounts_are_in_the_ledger_and_not_in_the_crm(held):
    folder, result = held
    rows, _ = ledger_rows(folder)
    assert len(rows) == len(result.scores)
    out = set(rows.index[rows["arm"] == "held_out"])
    assert abs(len(out) - 0.2 * int(rows["arm"].notna().sum())) <= 0.5
    assert keys(result) == set(rows.index[rows["left_out"].isna()]) == set(rows.index[rows["arm"] == "treated"])
    assert keys(result).isdisjoint(out)


def test_the_absence_of_an_account_does_not_tell_its_arm(held):
    folder, result = held
    rows, _ = ledger_rows(folder)
    low = set(result.scores.index[result.scores["confidence"] == "low"])
    assert low == set(rows.index[rows["left_out"] == "low_confidence"])
    assert bool(low) != any(finding.code == "ICP722" for finding in result.findings)


def test_arms_are_in_the_analysts_folder_alone(held):
    folder, result = held
    rows, _ = ledger_rows(folder)
    told = pd.read_csv(result.output / "analyst" / "holdout.csv", dtype=str).set_index("account_id")
    assert told["arm"].to_dict() == rows["arm"].dropna().to_dict()
    others = [file for file in result.output.rglob("*") if file.is_file() and file.parent.name != "analyst"]
    assert len(others) > 5
    for file in others:
        if file.name != "config.yaml":
            assert "held" not in file.read_text("utf-8").replace("held-out rows", ""), file


def test_what_can_be_seen_is_said_before_launch(held):
    folder, result = held
    design = json.loads((result.output / "analyst" / "holdout.json").read_text("utf-8"))
    _, lists = ledger_rows(folder)
    assert json.loads(lists["holdout"][0]) == design
    assert 0 < design["smallest_difference"] < 1 and design["needed"] > 0
    assert f"+{100 * design['smallest_difference']:.1f} points" in result.summary()
    manifest = json.loads((result.output / "generic" / "manifest.json").read_text("utf-8"))
    assert manifest["not_listed"] == len(result.scores) - manifest["rows"] > 0


def test_the_same_list_again_changes_nothing(held, leads):
    folder, result = held
    before = {file.name: file.read_bytes() for file in sorted((result.output / "generic").iterdir()) if file.is_file()}
    rows, _ = ledger_rows(folder)
    again = score(leads, folder, *HOLDOUT)
    assert {
        file.name: file.read_bytes() for file in sorted((again.output / "generic").iterdir()) if file.is_file()
    } == before
    assert "had this list already" in again.summary() and again.findings == result.findings
    pd.testing.assert_frame_equal(ledger_rows(folder)[0], rows)


def test_a_later_list_says_whose_arms_are_kept(held, leads, tmp_path):
    rows, _ = ledger_rows(held[0])
    score(leads, tmp_path, *HOLDOUT)
    ids = rows.index[rows["arm"].notna()]
    pd.DataFrame({"account_id": ids[:5]}).to_csv(tmp_path / "customers.csv", index=False)
    later = score(leads, tmp_path, *HOLDOUT, f"rules.exclude=[{tmp_path / 'customers.csv'}]")
    assert [one.n_rows for one in later.findings if one.code == "ICP723"] == [len(ids) - 5]


def test_accounts_delivered_before_count_as_treated(leads, tmp_path):
    score(leads, tmp_path, "campaign=spring")
    later = score(leads, tmp_path, *HOLDOUT)
    assert set(ledger_rows(tmp_path)[0]["arm"].dropna()) == {"treated"}
    assert any(one.code == "ICP721" for one in later.findings)


def test_without_a_hold_out_everyone_is_delivered(leads, tmp_path):
    result = score(leads, tmp_path, "delivery=generic", "campaign=spring")
    assert keys(result) == set(result.scores.index)
    assert not (result.output / "analyst").exists()
    assert ledger_rows(tmp_path)[0]["arm"].isna().all()


def test_a_list_of_changes_against_the_list_before(leads, tmp_path):
    first = score(leads, tmp_path, "delivery=generic")
    since = f"delivery.since={first.output / 'generic' / 'manifest.json'}"
    again = score(leads, tmp_path, "delivery=generic", since)
    manifest = json.loads((again.output / "generic" / "manifest.json").read_text("utf-8"))
    assert manifest["rows"] == 0 and manifest["since"]["same"] == len(first.scores)
    assert "0 rows changed" in again.summary()
    assert (again.output / "generic" / "state" / "sent.csv").is_file()


def test_a_hold_out_needs_a_campaign(leads):
    with pytest.raises(ConfigError, match=r"ICP008.*campaign"):
        icp.load_config("score", ["holdout.share=0.1"])


def damage(folder, to, how):
    """A copy of a delivered list with one fault."""
    shutil.copytree(folder, to)
    file = next(to.glob("scores.*.csv"))
    if how == "missing":
        file.unlink()
    elif how == "altered":
        file.write_bytes(file.read_bytes().replace(b"A,", b"B,", 1))
    elif how == "manifest":
        (to / "manifest.json").write_text("[1, 2")
    elif how == "no folder":
        shutil.rmtree(to)
    return to


@pytest.mark.parametrize(
    ("how", "code"),
    [("missing", "ICP742"), ("altered", "ICP742"), ("manifest", "ICP608"), ("no folder", "ICP608")],
)
def test_a_damaged_list_is_refused_by_the_command_before_anything_is_written(held, leads, tmp_path, how, code):
    _, result = held
    earlier = damage(result.output / "generic", tmp_path / "earlier", how)
    with pytest.raises(DeliveryError, match=code):
        score(leads, tmp_path, "delivery=generic", f"delivery.since={earlier / 'manifest.json'}")
    assert not (tmp_path / "out").exists()


def test_the_arms_are_refused_where_a_spreadsheet_would_run_an_id(leads, tmp_path):
    accounts = leads.accounts.assign(account_id=leads.accounts["account_id"].where(leads.accounts.index > 0, "=1+1"))
    accounts.to_csv(tmp_path / "odd.csv", index=False)
    asks = ("campaign=spring", "holdout.share=0.2", f"accounts.path={tmp_path / 'odd.csv'}")
    with pytest.raises(DeliveryError, match="ICP602"):
        score(leads, tmp_path, *asks)
    assert not (tmp_path / "out").exists()


def test_a_list_on_which_nobody_can_be_says_what_to_do_next():
    from icp._list_findings import holdout_findings, little_known
    from icp.lists import design_holdout

    low, chosen = np.ones(4, dtype=bool), np.array([True, False, False, False])
    (told,) = little_known(low, chosen, True)
    assert told.code == "ICP206" and told.severity == "issue" and told.n_rows == 3
    assert "rules.include=" in told.message and "train again" in told.message
    assert not list(little_known(low, chosen, False)) and not list(little_known(~chosen, chosen, True))
    nobody = design_holdout(np.zeros(0), 0, campaign="spring", share=0.2, effect=None)
    assert holdout_findings(nobody, 4) == ()
    little = design_holdout(np.full(60, 0.1), 2, campaign="spring", share=0.1, effect=None)
    (told,) = holdout_findings(little, 4, 20)
    assert told.code == "ICP721" and told.message.endswith("Hold more out, or take a campaign with more accounts.")
    (told,) = holdout_findings(little, 4, 58)
    assert "58 of them were delivered in campaign 'spring' before there was a hold-out" in told.message
    assert told.message.endswith("give this trial a campaign of its own.")
