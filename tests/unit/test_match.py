"""The match command: leads as they came, with their accounts behind them."""

from __future__ import annotations

import pandas as pd
import pytest

import icp
from icp._command import main
from icp.errors import ConfigError, TableError


@pytest.fixture
def given(tmp_path):
    (tmp_path / "crm.csv").write_text(
        "Id;Name;Website;Parent\nA-1;Müller & Söhne GmbH;https://mueller.example;\nA-2;Acme Inc.;acme.example;\n"
        "A-3;Acme Europe BV;acme.example;A-2\n",
        "utf-8",
    )
    rows = (
        "Company,Email,outcome",
        "Fa. Müller,info@mueller.example,met",
        "Acme Group,bob@acme.example,",
        "Nobody Ltd,,",
    )
    (tmp_path / "fair.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return (
        f"leads.path={tmp_path / 'fair.csv'}",
        "leads.name=Company",
        "leads.domain=Email",
        "leads.account_domain=Website",
        "accounts=csv",
        f"accounts.path={tmp_path / 'crm.csv'}",
        "accounts.account_id=Id",
        "accounts.name_column=Name",
        "accounts.parent_id=Parent",
        f"output={tmp_path / 'out'}",
    )


def test_leads_come_back_with_their_accounts(given, tmp_path):
    result = icp.match.run(icp.load_config("match", list(given)))
    written = pd.read_csv(tmp_path / "out" / "leads.csv", dtype=str, keep_default_na=False)
    assert written["Company"].tolist() == ["Fa. Müller", "Acme Group", "Nobody Ltd"] and written["outcome"][0] == "met"
    assert written["outcome (found)"].tolist() == ["matched", "ambiguous", "none"]
    assert written["account_id"].tolist() == ["A-1", "", ""] and written["root_id"].tolist() == ["A-1", "A-2", ""]
    assert written["candidates"][1] == "A-2 A-3" and written["confidence"].tolist() == ["1.0000", "1.0000", ""]
    assert result.counts == {"matched": 1, "ambiguous": 1, "none": 1}
    assert [finding.code for finding in result.findings] == ["ICP744"]


def test_the_command_ends_with_0_and_says_how_many(given, capsys):
    with pytest.raises(SystemExit) as left:
        main("match", given)
    assert left.value.code == 0
    assert "3 leads: 1 matched, 1 ambiguous, 1 none" in capsys.readouterr().out


def test_what_is_missing_is_told_at_once(given, tmp_path):
    with pytest.raises(ConfigError) as refused:
        icp.match.run(icp.load_config("match", ["accounts=csv", f"accounts.path={tmp_path / 'crm.csv'}"]))
    assert [problem.code for problem in refused.value.problems] == ["ICP008"] * 3
    with pytest.raises(TableError) as wrong:
        icp.match.run(icp.load_config("match", [*given, "leads.name=Firm", "accounts.name_column=Firma"]))
    assert [problem.column for problem in wrong.value.problems] == ["Firm", "Firma"]
    assert not (tmp_path / "out").exists()


def test_no_cell_of_the_leads_is_run_by_a_spreadsheet_and_numbers_stay(given, tmp_path):
    cells = ["=HYPERLINK(1)", "@SUM(A1)", "+cmd|x", "＝1+1", "+49 30 (12) 3-4", "-12,5", "-", "Acme - Tools", ""]
    pd.DataFrame({"Company": [f"Firm {i}" for i in range(len(cells))], "Email": "", "note": cells}).to_csv(
        tmp_path / "fair.csv", index=False
    )
    found = icp.match.run(icp.load_config("match", list(given))).findings
    written = pd.read_csv(tmp_path / "out" / "leads.csv", dtype=str, keep_default_na=False)
    assert written["note"].tolist() == [f"'{cell}" for cell in cells[:4]] + cells[4:]
    told = [(finding.column, finding.n_rows) for finding in found if finding.code == "ICP749"]
    assert told == [("note", 4)]


def test_a_column_of_domains_that_holds_none_is_told(given, tmp_path):
    other = [*given, "leads.domain=Company", "leads.account_domain=Name"]
    found = icp.match.run(icp.load_config("match", other)).findings
    told = {finding.column: finding.message for finding in found if finding.code == "ICP207"}
    assert set(told) == {"Company", "Name"} and "leads.account_domain=" in told["Name"]
