"""Files as they come: the right result, or one clear block and exit code 2; never a traceback, never half a file."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pandas as pd
import pytest
from commands import contents

from icp.outcomes import Ledger

ID = ("accounts=csv", "accounts.path=new.csv", "accounts.account_id=account_id")


@pytest.fixture
def score(command, leads, tmp_path):
    """Score a table (or bytes) with the accounts-only model, from the file ``new.csv``."""

    def call(table, *overrides, encoding="utf-8", sep=","):
        if isinstance(table, bytes):
            (tmp_path / "new.csv").write_bytes(table)
        else:
            table.to_csv(tmp_path / "new.csv", index=False, encoding=encoding, sep=sep, lineterminator="\n")
        return command("score", *ID, f"model={leads.bundle}", *overrides)

    return call


def findings(ended):
    found = json.loads((ended.folder / "out/score/findings.json").read_text("utf-8"))
    return {item["code"]: item for item in found}


@pytest.fixture(scope="module")
def known(leads):
    """200 accounts of the model's own table."""
    return leads.accounts.drop(columns=["best"]).iloc[:200]


def test_one_row_gets_the_score_it_has_in_the_whole_file(score, known):
    whole = score(known).scores()
    alone = score(known.iloc[[17]])
    assert alone.code == 0
    pd.testing.assert_frame_equal(alone.scores(), whole.iloc[[17]].reset_index(drop=True))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xef\xbb\xbf", id="only a byte order mark"),
        pytest.param(b"\n\n\n", id="only blank lines"),
        pytest.param(b"account_id,industry,employees\n", id="only a header"),
        pytest.param(bytes(range(256)) * 40, id="binary"),
        pytest.param(gzip.compress(b"account_id\n1\n")[:-9], id="half a gzip"),
        pytest.param(b'account_id,industry\n1,"never closed\n2,x\n', id="a quote never closed"),
    ],
)
def test_a_file_that_is_no_table_is_refused(score, tmp_path, content):
    (tmp_path / "out/score").mkdir(parents=True)
    (tmp_path / "out/score/scores.csv").write_text("of last week")
    score(content).refused("new.csv")
    assert contents(tmp_path / "out") == {"score/scores.csv": b"of last week"}


def test_a_missing_file_and_a_folder_are_refused(command, leads, tmp_path):
    (tmp_path / "folder.csv").mkdir()
    for name in ("nowhere.csv", "folder.csv"):
        command("score", *ID, f"model={leads.bundle}", f"accounts.path={name}").refused(name)
    assert not (tmp_path / "out").exists()


def test_every_missing_column_is_named_at_once(score, known, tmp_path):
    ended = score(known.drop(columns=["industry", "employees"]).rename(columns={"crm_system": "crm_sytem"}))
    ended.refused("'industry' is missing", "'employees' is missing", "'crm_system' is missing", "'crm_sytem'")
    assert not (tmp_path / "out").exists()


def test_extra_columns_change_nothing_and_are_noted(score, known):
    before = score(known).scores()
    extra = known.assign(Notiz='ruft an; "bald"', zzz="1")
    extra.insert(0, "first", "x")
    after = score(extra)
    assert after.code == 0
    pd.testing.assert_frame_equal(after.scores(), before)
    assert set(findings(after)["ICP113"]["evidence"]["columns"]) >= {"first", "Notiz", "zzz"}


def test_a_column_that_stands_there_twice_is_read_once_and_told(score, known):
    before = score(known).scores()
    text = known.assign(again="Other").rename(columns={"again": "industry"}).to_csv(index=False)
    after = score(text.encode())
    assert after.code == 0
    pd.testing.assert_frame_equal(after.scores(), before)
    assert "industry" in findings(after)["ICP107"]["message"]


def test_a_category_never_seen_counts_as_a_rare_or_unknown_one(score, known):
    odd = known.copy()
    odd.loc[3, "industry"] = "Weltraumbergbau 🚀"
    blank = known.copy()
    blank.loc[3, "industry"] = ""
    before, after, unknown = score(known).scores(), score(odd), score(blank).scores()
    assert after.code == 0
    rest = np.arange(len(known)) != 3
    pd.testing.assert_frame_equal(after.scores()[rest], before[rest])
    row = after.scores().loc[3]
    assert row["status"] == "scored" and 0 < float(row["propensity"]) < 1
    assert "Weltraum" not in row.to_json()
    assert row["propensity"] == unknown.loc[3, "propensity"]


def test_text_in_a_numeric_column_counts_as_not_known_and_is_counted(score, known):
    odd, blank = known.copy(), known.copy()
    odd.loc[[2, 5, 9], "employees"] = ["many", "=1+1", "12 or so"]
    blank.loc[[2, 5, 9], "employees"] = ""
    after = score(odd)
    assert after.code == 0
    found = findings(after)["ICP402"]
    assert (found["column"], found["n_rows"], found["action"]) == ("employees", 3, "repaired")
    pd.testing.assert_frame_equal(after.scores(), score(blank).scores())


def test_a_numeric_column_full_of_text_is_scored_as_unknown_and_said_aloud(score, known):
    after = score(known.assign(employees="see website"))
    assert after.code == 3
    assert findings(after)["ICP402"]["severity"] == "issue"
    assert "issue ICP402: 200 cells of column 'employees'" in after.out
    pd.testing.assert_frame_equal(after.scores(), score(known.assign(employees="")).scores())


def test_dates_after_the_picture_count_as_not_known_and_are_told_with_the_way_out(score, known):
    late, blank = known.copy(), known.copy()
    late.loc[late.index[:30], "created_on"] = "2031-01-05"
    blank.loc[blank.index[:30], "created_on"] = ""
    after = score(late)
    found = findings(after)["ICP132"]
    assert (found["column"], found["n_rows"], found["severity"]) == ("created_on", 30, "warning")
    assert "warning ICP132: 30 dates of 'created_on' lie after the date of the picture" in after.out
    pd.testing.assert_frame_equal(after.scores(), score(blank).scores())
    assert "ICP132" not in findings(score(late, "as_of=2031-01-05"))


def test_repeated_ids_are_scored_row_by_row_and_end_with_code_3(score, known):
    ended = score(pd.concat([known, known.iloc[:2]]))
    assert ended.code == 3
    scores = ended.scores()
    assert len(scores) == 202
    pd.testing.assert_frame_equal(scores.iloc[200:].reset_index(drop=True), scores.iloc[:2])
    assert findings(ended)["ICP104"]["n_rows"] == 4


@pytest.mark.parametrize("override", ["delivery=generic", "delivery=salesforce", "campaign=spring"])
def test_repeated_ids_never_reach_a_crm_file_or_the_ledger(score, known, override, tmp_path):
    score(pd.concat([known, known.iloc[:2]]), override).refused("A-00001")
    assert not (tmp_path / "out").exists()
    if (tmp_path / "ledger").exists():
        ledger = Ledger("sqlite:///ledger/icp.db")
        assert ledger.lists().empty
        ledger.close()


def test_cp1252_with_decimal_commas_gives_the_same_file(score, known):
    point = score(known)
    before = contents(point.folder / "out/score")["scores.csv"]
    comma = known.copy()
    for name in ("Umsatz je Kopf (€)", "revenue_growth"):
        comma[name] = comma[name].str.replace(".", ",")
    after = score(comma, encoding="cp1252", sep=";")
    assert after.code == 0
    assert contents(after.folder / "out/score")["scores.csv"] == before
    assert "€".encode("cp1252") in (after.folder / "new.csv").read_bytes()


def test_an_all_empty_row_gets_exactly_the_base_rate(score, known, leads):
    empty = known.iloc[:3].copy()
    empty.loc[1, known.columns.drop("account_id")] = ""
    ended = score(empty)
    row = ended.scores().loc[1]
    base_rate = json.loads((leads.bundle / "model.json").read_text("utf-8"))["base_rate"]
    assert row["propensity"] == f"{base_rate:.6f}"
    assert (row["status"], row["confidence"], row["reason_1"], row["watch_out"]) == ("too_little_data", "low", "", "")
    assert findings(ended)["ICP403"]["n_rows"] == 1


def test_a_file_whose_columns_are_all_empty_gets_base_rates(score, known, leads):
    ended = score(known.assign(**dict.fromkeys(known.columns.drop("account_id"), "")))
    assert ended.code == 3  # columns that training knew are empty now: an issue
    assert "ICP412" in ended.out
    assert ended.scores()["propensity"].nunique() == 1
    assert set(ended.scores()["status"]) == {"too_little_data"}


def test_thirty_empty_columns_change_no_score(score, known):
    before = score(known).scores()
    after = score(known.assign(**{f"empty {i}": "" for i in range(30)}))
    assert after.code == 0
    pd.testing.assert_frame_equal(after.scores(), before)


def test_unusual_line_ends_quotes_and_a_byte_order_mark_change_no_score(score, known):
    before = score(known).scores()
    text = known.to_csv(index=False, lineterminator="\r\n", quoting=1)
    after = score(b"\xef\xbb\xbf" + text.encode())
    assert after.code == 0
    pd.testing.assert_frame_equal(after.scores(), before)


@pytest.mark.parametrize("file", ["new.csv.gz", "new.parquet"])
def test_other_kinds_of_file_give_the_same_scores(score, command, known, leads, tmp_path, file):
    before = score(known).scores()
    kind = "csv" if file.endswith(".gz") else "parquet"
    known.to_csv(tmp_path / file, index=False) if kind == "csv" else known.to_parquet(tmp_path / file, index=False)
    after = command("score", f"accounts={kind}", f"accounts.path={file}", ID[2], f"model={leads.bundle}")
    assert after.code == 0
    pd.testing.assert_frame_equal(after.scores(), before)
