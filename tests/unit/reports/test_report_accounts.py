"""The best of a scored list on the page: what is written stays text, what is left out is said."""

import pandas as pd
import pytest
from report_cards import CARDS, FINDINGS

import icp
from icp._reporting import _off_list
from icp.engines import read_best, read_scores
from icp.engines._core import SCORE_COLUMNS
from icp.errors import TableError
from icp.reports import AccountList, build_report
from trained_models import inside

ROW = {
    "status": "scored", "propensity": 0.123456, "percentile": 91.5, "tier": "A", "profile_id": "P1",
    "profile": "Software",
    "reason_1": "Industry: Software. Such accounts became best customers 17 % more often.", "reason_2": "Second.",
    "reason_3": None, "watch_out": "Old.", "talking_point": "Ask for the data team.", "confidence": "high",
    "expected_value": 1234.5, "as_of": "2026-03-31", "model_version": "leads-0123456789ab",
}  # fmt: skip


def accounts(n: int = 3, **changed) -> AccountList:
    rows = [ROW | {"propensity": 0.9 - i / 1000} | changed for i in range(n)]
    index = pd.Index([f"A-{i:03d}" for i in range(n)], name="account_id")
    return AccountList(pd.DataFrame(rows, index=index), {"A": n, "D": 4000}, "leads-0123456789ab")


def test_the_page_says_how_many_of_how_many_are_listed_and_warns_of_who_sees_them():
    section = accounts().section()
    assert "The best 3 of 4,003 accounts" in section
    assert section.count('<th scope="row">A-00') == 3
    assert "names accounts: share it as you would share the list" in section


def test_every_cell_stays_text():
    nasty = "<script>alert(1)</script>\x1b[31m"
    listed = accounts(1, **dict.fromkeys(("tier", "profile", "reason_1", "watch_out", "confidence", "as_of"), nasty))
    listed = AccountList(listed.best.rename(index={"A-000": nasty}), {nasty: 1}, nasty)
    section = listed.section()
    assert "<script" not in section
    assert "\x1b" not in section + listed.sentence()
    assert "&lt;script&gt;alert(1)" in section


def test_a_list_scored_by_another_version_says_so_on_the_page_and_in_the_terminal():
    other = AccountList(accounts().best, {"A": 3}, "leads-ba9876543210")
    assert "not from the version this page is about" in other.section()
    assert "scored by leads-0123456789ab, not by this version" in other.sentence()
    assert "not from the version" not in accounts().section()
    assert "not by this version" not in accounts().sentence()


def test_cells_that_are_not_known_are_dashes_and_a_column_without_values_is_left_out():
    bare = dict.fromkeys(("profile", "reason_1", "reason_2", "watch_out", "talking_point", "expected_value"))
    section = accounts(2, **bare).section()
    assert "None" not in section
    assert "nan" not in section
    assert "Expected value" not in section
    assert "Expected value" in accounts().section()


def test_the_registered_page_has_no_list_and_one_is_shown_only_when_given():
    assert 'id="accounts"' not in build_report(CARDS["full"](), FINDINGS)
    page = build_report(CARDS["full"](), FINDINGS, accounts=accounts(300))
    assert page.count('<section id="accounts"') == 1
    assert '<a href="#accounts">' in page
    assert len(page.encode()) < 1_000_000


def test_the_list_gives_its_table_and_its_figure():
    listed = accounts()
    assert listed.frame()["account_id"].tolist() == ["A-000", "A-001", "A-002"]
    assert listed.plot().frame()["n"].tolist() == [3, 4000]


def test_the_best_are_the_same_from_csv_from_parquet_and_from_all_rows_sorted(leads, tmp_path):
    reading = [*leads.reading, "accounts.path=accounts.csv", f"model={leads.bundle}", "tracking=none"]
    with inside(leads.folder):
        for form in ("csv", "parquet"):
            icp.score.run(icp.load_config("score", [*reading, f"format={form}", f"output={tmp_path / form}"]))
    best, tiers = read_best(tmp_path / "csv" / "scores.csv", 25)
    everyone = read_scores(tmp_path / "csv" / "scores.csv")
    wanted = everyone.sort_values(["percentile", "propensity"], ascending=False, kind="stable").head(25)
    assert best.index.tolist() == wanted.index.tolist()
    assert tiers == everyone["tier"].value_counts().sort_index().to_dict()
    again, same = read_best(tmp_path / "parquet", 25)
    assert same == tiers
    assert again.index.tolist() == best.index.tolist()


def test_the_command_lists_the_best_of_the_scores_it_is_given(leads, tmp_path):
    with inside(leads.folder):
        model = [f"model={leads.bundle}", "tracking=none"]
        icp.score.run(
            icp.load_config("score", [*leads.reading, "accounts.path=accounts.csv", *model, f"output={tmp_path}"])
        )
        more = [f"report.scores={tmp_path / 'scores.csv'}", "report.top=7", f"output={tmp_path / 'page'}"]
        result = icp.report.run(icp.load_config("report", [*model, *more]))
    page = (tmp_path / "page" / "report.html").read_text("utf-8")
    best = read_scores(tmp_path / "scores.csv").sort_values(
        ["percentile", "propensity"], ascending=False, kind="stable"
    )
    for account in best.index[:7]:
        assert page.count(f'<th scope="row">{account}</th>') == 1
    assert f'<th scope="row">{best.index[7]}</th>' not in page
    assert "listed: the best 7 of 1,200 accounts" in result.summary()


def test_accounts_that_sales_does_not_get_are_not_named(leads, tmp_path):
    run, model = tmp_path / "run", [f"model={leads.bundle}", "tracking=none"]

    def report(scores):
        given = [*model, f"report.scores={scores}", "report.top=1200", f"output={tmp_path / 'page'}"]
        result = icp.report.run(icp.load_config("report", given))
        return result, (tmp_path / "page" / "report.html").read_text("utf-8")

    with inside(leads.folder):
        ids = sorted(pd.read_csv("accounts.csv", dtype=str)["account_id"])
        (tmp_path / "customers.csv").write_text("\n".join(["account_id", *ids[:30]]) + "\n")
        asked = ["campaign=spring", "holdout.share=0.2", f"rules.exclude=[{tmp_path / 'customers.csv'}]"]
        asked += [*leads.reading, "accounts.path=accounts.csv", f"ledger.url=sqlite:///{tmp_path}/icp.db"]
        icp.score.run(icp.load_config("score", [*model, *asked, f"output={run}"]))
        result, page = report(run)
        arms = pd.read_csv(run / "analyst" / "holdout.csv", dtype=str)
        treated = set(arms["account_id"][arms["arm"] == "treated"])
        assert set(result.accounts.best.index) == treated and 0 < len(treated) < 1170
        assert sum(result.accounts.tiers.values()) == len(treated)
        assert f"{1200 - len(treated):,} accounts that sales does not get are left out" in result.summary()
        assert f"{1200 - len(treated):,} accounts that sales does not get are left out." in page
        assert not any(f">{name}<" in page for name in set(ids) - treated)
        again, _ = report(run / "scores.csv")
        assert set(again.accounts.best.index) == treated
        (run / "scores.csv").rename(tmp_path / "scores.csv")  # taken out of its run
        bare, page = report(tmp_path / "scores.csv")
    assert len(bare.accounts.best) == 1200
    assert "accounts may be named that sales does not get" in bare.summary()
    assert "Accounts may be named that sales does not get (held out, excluded)." in page


@pytest.mark.parametrize(("text", "code"), [(None, "ICP100"), ("account_id,tier\nA,B\n", "ICP102")])
def test_what_is_no_list_is_refused_by_name(tmp_path, text, code):
    file = tmp_path / "scores.csv"
    if text:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as raised:
        read_best(file, 10)
    assert code in str(raised.value)
    assert "scores.csv" in str(raised.value)


def test_the_folder_of_another_run_is_refused_by_name(tmp_path):
    (tmp_path / "briefs.csv").write_text("profile_id,kind\nP1,fact\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"^ICP100  there are no scores in .*icp\.score"):
        read_best(tmp_path, 10)


def test_half_a_file_of_scores_is_refused_without_a_word_of_its_rows(tmp_path):
    head = ",".join(SCORE_COLUMNS)
    (tmp_path / "scores.csv").write_text(f"{head}\nA-1,scored,SECRET", encoding="utf-8")
    said = r"is no whole file of scores: Row #2: Expected \d+ columns, got 3\."
    with pytest.raises(TableError, match=said) as raised:
        read_best(tmp_path, 10)
    assert "SECRET" not in str(raised.value)


@pytest.mark.parametrize("text", ["holdout: {share: 0.1\n", "- 1\n", "[" * 3000, "holdout: {share: 0.1}\n"])
def test_a_folder_that_does_not_tell_who_is_off_the_list_is_taken_as_that(tmp_path, text):
    (tmp_path / "config.yaml").write_text(text)
    (tmp_path / "analyst").mkdir()
    (tmp_path / "analyst" / "holdout.csv").write_text("nothing,of,use\n1,2,3\n")
    assert _off_list(tmp_path) is None
    (tmp_path / "config.yaml").write_bytes(b"\xff\xfe\x00")
    assert _off_list(tmp_path) is None
