"""Lists for every CRM from the command line: the files, what is left out, what is refused."""

from __future__ import annotations

import csv
import io
import json

import pandas as pd
import pytest
from commands import contents

from icp.delivery import check_load, read_list, target, target_names
from icp.outcomes import Ledger


def score(command, leads, *more, path=None):
    path = path or leads.folder / "accounts.csv"
    return command("score", *leads.reading, f"accounts.path={path}", f"model={leads.bundle}", *more)


def rows(folder):
    return [
        row
        for file in sorted(folder.glob("scores.*.csv"))
        for row in csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline=""))
    ]


@pytest.mark.parametrize("name", target_names())
def test_every_target_gets_the_accounts_of_the_scores(command, leads, name):
    ended = score(command, leads, f"delivery={name}", f"output={name}")
    assert ended.code == 0, ended.err
    folder, scores = ended.folder / name / name, ended.scores(name)
    listed = rows(folder)
    keys, percentiles = target(name).headers[0], dict(zip(scores["account_id"], scores["percentile"], strict=True))
    assert {row[keys] for row in listed} == set(percentiles)
    assert all(row[target(name).headers[2]] == percentiles[row[keys]] for row in listed)
    assert [problem.code for problem in check_load(folder)] == (["ICP608"] if name == "spreadsheet" else [])
    again = score(command, leads, f"delivery={name}", f"output={name}-again")
    assert contents(ended.folder / f"{name}-again" / name) == contents(folder)
    assert again.code == 0


def test_columns_of_the_accounts_stand_beside_their_own_row(command, leads, tmp_path):
    ended = score(command, leads, "delivery=generic", "delivery.more=[city,expected_value]", "output=more")
    assert ended.code == 0, ended.err
    city = dict(zip(leads.accounts["account_id"], leads.accounts["city"], strict=True))
    listed = rows(ended.folder / "more/generic")
    assert len(listed) == len(city)
    assert [row["city"] for row in listed] == [city[row["account_key"]] for row in listed]
    assert "city" not in ended.scores("more").columns
    plain = score(command, leads, "output=plain")
    assert ended.scores("more").equals(plain.scores("plain"))


def test_they_do_so_over_many_batches(command, leads, tmp_path):
    frame = pd.concat([leads.accounts] * 20, ignore_index=True)
    keys = frame["account_id"] + "-" + (frame.index // len(leads.accounts)).astype(str)
    frame.assign(account_id=keys, note=[f"row {i}" for i in range(len(frame))]).to_csv(
        tmp_path / "long.csv", index=False
    )
    ended = score(command, leads, "delivery=generic", "delivery.more=[note]", "output=long", path="long.csv")
    assert ended.code in (0, 3), ended.err
    note = dict(zip(keys, (f"row {i}" for i in range(len(frame))), strict=True))
    listed = rows(ended.folder / "long/generic")
    assert len(listed) == len(frame) == 24_000
    assert all(row["note"] == note[row["account_key"]] for row in listed)


def test_a_column_there_is_not_is_refused_with_the_nearest(command, leads):
    ended = score(command, leads, "delivery=generic", "delivery.more=[ctiy]", "output=out")
    ended.refused("ICP102", "Did you mean 'city'")
    assert not (ended.folder / "out").exists()
    score(command, leads, "delivery=generic", 'delivery.columns=["scroe=x"]', "output=out").refused("ICP606", "score")


def test_what_is_not_in_the_crm_is_left_out(command, leads, tmp_path):
    ids = sorted(leads.accounts["account_id"])
    pd.DataFrame({"Id; of ours": [*ids[100:], "Z-1"], "Name": "x"}).to_csv(tmp_path / "known.csv", index=False, sep=";")
    known = ("delivery.known_keys=known.csv", 'delivery.known_column="Id; of ours"')
    ended = score(command, leads, "delivery=salesforce", *known, "output=known")
    assert ended.code == 0, ended.err
    assert "1,100 accounts in the list, 100 not in the CRM (not_in_crm.csv), 1 in the CRM without a score" in ended.out
    folder = ended.folder / "known/salesforce"
    listed = pd.concat(part.to_pandas() for part in read_list(folder)).to_dict("records")
    assert [row["account_key"] for row in listed] == [*ids[100:], "Z-1"]
    assert listed[-1]["status"] == "not_in_list"
    left = pd.read_csv(folder / "not_in_crm.csv")
    assert left["account_key"].tolist() == ids[:100]


def test_a_file_of_known_keys_without_them_is_refused(command, leads, tmp_path):
    (tmp_path / "known.csv").write_text("Name,Other\na,b\n", "utf-8")
    ended = score(command, leads, "delivery=generic", "delivery.known_keys=known.csv", "output=out")
    ended.refused("ICP610", "known_column", "Name, Other")
    ended = score(command, leads, "delivery=generic", "delivery.known_keys=nowhere.csv", "output=out")
    ended.refused("nowhere.csv")
    assert not (ended.folder / "out").exists()


def test_accounts_held_out_are_neither_in_the_list_nor_told_as_unscored(command, leads, tmp_path):
    leads.accounts[["account_id"]].to_csv(tmp_path / "known.csv", index=False)
    ended = score(
        command, leads, "delivery=generic", "delivery.known_keys=known.csv", "campaign=spring", "holdout.share=0.2",
        "ledger.url='sqlite:///ledger.db'", "output=held",
    )  # fmt: skip
    assert ended.code in (0, 3), ended.err
    folder = ended.folder / "held/generic"
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["not_listed"] > 100
    assert manifest["not_in_list"] == 0
    assert manifest["rows"] == len(rows(folder)) == len(leads.accounts) - manifest["not_listed"]
    assert not list(folder.glob("*not_in_list*"))


def test_accounts_that_are_not_in_the_crm_are_in_no_arm_and_the_ledger_says_why(command, leads, tmp_path):
    ids = sorted(leads.accounts["account_id"])
    pd.DataFrame({"account_key": ids[300:]}).to_csv(tmp_path / "known.csv", index=False)
    for output, more in (("plain", ()), ("held", ("holdout.share=0.2",))):
        ended = score(
            command, leads, "delivery=generic", "delivery.known_keys=known.csv", f"campaign={output}", *more,
            "ledger.url='sqlite:///ledger.db'", f"output={output}",
        )  # fmt: skip
        assert ended.code in (0, 3), ended.err
        folder = ended.folder / output / "generic"
        assert pd.read_csv(folder / "not_in_crm.csv")["account_key"].tolist() == ids[:300]
        ledger = Ledger(f"sqlite:///{tmp_path}/ledger.db")
        entered = ledger.deliveries(output).set_index("account_id")
        ledger.close()
        assert set(entered.loc[ids[:300], "left_out"]) == {"not_in_crm"}
        assert entered.loc[ids[:300], "arm"].isna().all()
        delivered = {row["account_key"] for row in rows(folder)}
        assert delivered == set(entered.index[entered["left_out"].isna()])
        assert json.loads((folder / "manifest.json").read_text("utf-8"))["left_out"] == {"not in the CRM": 300}


def test_ids_of_salesforce_are_seen_and_loaded_as_such(command, leads, tmp_path):
    frame = leads.accounts.iloc[:40].assign(account_id=[f"0013000000t{i:04d}" for i in range(40)])
    frame.to_csv(tmp_path / "sf.csv", index=False)
    ended = score(command, leads, "delivery=salesforce", "output=sf", path="sf.csv")
    assert ended.code == 0, ended.err
    assert {len(row["Id"]) for row in rows(ended.folder / "sf/salesforce")} == {18}
    lines = (ended.folder / "sf/salesforce/ids/keys.csv").read_text("utf-8").splitlines()
    assert lines[1] == "0013000000t0000,0013000000t0000AAA"
