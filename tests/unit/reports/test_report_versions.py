"""Two versions side by side: what changed is told, what did not is not, and nothing of the user's is markup."""

import copy

import pytest
from report_cards import CARDS, FINDINGS

import icp
from icp.reports import VersionComparison, build_report
from trained_models import inside


def pair() -> tuple[dict, dict]:
    """Two cards that differ in one thing of each kind."""
    other = CARDS["full"]() | {"findings": FINDINGS[:3]}
    this = copy.deepcopy(other) | {"findings": [FINDINGS[0] | {"n_rows": 500, "message": "More rows."}, FINDINGS[4]]}
    this["metrics"] |= {"lift_at_10": 4.6, "lift_at_10_low": 3.9, "lift_at_10_high": 5.2}
    this["profiles"][2] |= {"id": "P10", "name": "Growing families"}
    this["drivers"].insert(0, this["drivers"].pop(2))
    this["data"]["columns"][3] |= {"used": False}
    return other, this


def rows(section: str, first: str) -> list[str]:
    return [row for row in section.split("<tr>") if f'<th scope="row">{first}</th>' in row]


def test_figures_stand_beside_each_other_with_their_intervals():
    section = VersionComparison(*pair(), ("leads-1", "leads-2")).section()
    (row,) = rows(section, "Lift in the top 10 %")
    assert [row.index(words) for words in ("4.1", "3.5 to 4.8", "4.6", "3.9 to 5.2")] == sorted(
        row.index(words) for words in ("4.1", "3.5 to 4.8", "4.6", "3.9 to 5.2")
    )


def test_profiles_are_matched_by_their_id_in_natural_order():
    section = VersionComparison(*pair()).section()
    assert section.index('row">P3<') < section.index('row">P10<')
    (gone,), (new,) = rows(section, "P3"), rows(section, "P10")
    assert gone.index("CRM system Dynamics") < gone.index("not in this version")
    assert new.index("not in this version") < new.index("Growing families")
    assert rows(section, "P1")[0].count("Industry Software") == 2


def test_only_findings_that_came_or_went_are_told_whatever_their_numbers():
    section = VersionComparison(*pair()).section()
    new, gone = section.split("Findings new in this version")[1].split("Findings gone since the other")
    assert FINDINGS[4]["message"].replace("'", "&#39;") in new
    assert "More rows." not in section
    assert "ICP104" in gone
    assert "ICP121" in gone
    assert "ICP104" not in new
    assert "ICP301" not in section


def test_places_of_drivers_and_columns_read_are_told():
    section = VersionComparison(*pair()).section()
    (row,) = rows(section, "Employees")
    assert row.index("(place 3)") < row.index("(place 1)")
    assert "Read by the other version only: Industry." in section


def test_another_definition_of_best_and_the_same_version_twice_are_said_first():
    other, this = pair()
    assert "cannot be compared" not in VersionComparison(other, this).section()
    this["definition"] |= {"text": "stayed two years"}
    section = VersionComparison(other, this, ("leads-1", "leads-1")).section()
    assert section.index("Both are the same version.") < section.index("cannot be compared") < section.index("<table")


def test_the_table_holds_what_the_page_shows():
    frame = VersionComparison(*pair()).frame().set_index(["part", "name"])
    assert frame.loc[("figures", "lift_at_10"), "this_high"] == 5.2
    assert frame.loc[("profiles", "P10"), "other"] is None
    assert frame.loc[("findings", "ICP104 account_id"), "this"] is None
    assert VersionComparison(*pair()).plot().frame()["lift"].tolist() == [4.1, 4.6]


@pytest.mark.parametrize("name", sorted(CARDS))
def test_any_two_cards_give_a_section_without_markup_of_the_users(name):
    section = VersionComparison(CARDS[name](), CARDS["hostile"](), ("<script>", "b")).section()
    assert "<script" not in section
    assert "None" not in section.replace("None.", "")
    page = build_report(CARDS[name](), versions=VersionComparison(CARDS["full"](), CARDS[name]()))
    assert page.count('id="versions"') == 1
    assert "#versions" in page


def test_the_command_shows_a_registered_version_beside_another(leads, tmp_path):
    with inside(leads.folder):
        overrides = ["model=models:/leads@champion", f"report.compare={leads.bundle}", f"output={tmp_path}"]
        result = icp.report.run(icp.load_config("report", overrides))
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Both are the same version." in page
    assert result.versions is not None
    assert f"compared: {result.model_version} with itself" in result.summary()
    beside = VersionComparison(CARDS["full"](), CARDS["full"](), ("leads-1", "leads-2"))
    assert beside.sentence() == "compared: leads-2 with leads-1"
    used = result.versions.frame().query("part == 'columns'")
    assert len(used) > 5
    assert (used["other"] == used["this"]).all()
