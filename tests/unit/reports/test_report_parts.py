"""The page as objects: the same values, the same figures, and nothing computed anew."""

import pytest
from report_cards import CARDS, FINDINGS

from icp import IdealCustomerModel
from icp.reports import Report, figures


@pytest.mark.parametrize("name", sorted(CARDS))
def test_every_part_gives_its_table_and_shows_itself(name):
    report = Report.of(CARDS[name](), FINDINGS)
    for part in report.frame()["part"]:
        one = getattr(report, part)
        assert list(one.frame().columns) == list(one.columns)
        assert len(one.frame()) == len(one.rows)
        shown = one._repr_html_()
        assert "<script" not in shown
        assert shown.count("<figure>") == min(3, len(one.figures))
    assert report._repr_html_().startswith("<section>")


def test_every_figure_of_the_page_belongs_to_a_part():
    report = Report.of(CARDS["full"](), FINDINGS)
    there = {figure.name for part in report.frame()["part"] for figure in getattr(report, part).figures}
    assert {figure.name for figure in figures(CARDS["full"]())} <= there


def test_values_are_those_of_the_card():
    card = CARDS["full"]()
    report = Report.of(card, FINDINGS)
    auc = report.ranking.frame().set_index("measure").loc["auc"]
    assert auc.tolist() == [card["metrics"]["auc"], card["metrics"]["auc_low"], card["metrics"]["auc_high"]]
    assert report.profiles.frame()["n"].tolist() == [profile["n"] for profile in card["profiles"]]
    assert report.profiles.plot().frame().equals(figures(card)[0].frame())
    assert report.leakage.frame()["code"].tolist() == ["ICP301"]
    assert report.findings.plot().frame().set_index("what")["value"].to_dict() == {"warning": 2, "note": 3}
    assert report.plot().name == "gain"


def test_a_figure_that_is_not_there_is_told_with_those_that_are():
    report = Report.of(CARDS["full"]())
    with pytest.raises(KeyError, match="no figure 'pie' in 'Tiers'; there are tiers, grid"):
        report.tiers.plot("pie")
    with pytest.raises(KeyError, match="nothing was measured"):
        Report.of({}).ranking.plot()


def test_a_loaded_model_has_its_report(leads):
    model = IdealCustomerModel.load(leads.bundle)
    assert model.report_.profiles.frame()["id"].tolist() == [one.id for one in model.bundle_.profiles.profiles]
    assert model.report_.drivers.plot().name == "swarm"
