"""A figure draws the numbers of its table, and only those."""

import re
import xml.etree.ElementTree as ET

import pytest
from report_cards import BASE_RATE, CARDS

from icp import reports
from icp.reports._figure import shortened

CARD = CARDS["full"]()
FIGURES = {
    "profile": reports.profile_figure(CARD["profiles"][0]),
    "driver": reports.driver_figure(CARD["drivers"][1], base_rate=BASE_RATE),
    "importance": reports.importance_figure(CARD["drivers"]),
    "tiers": reports.tier_figure(CARD["tiers"], base_rate=BASE_RATE),
    "gain": reports.gain_figure(CARD["gain"]),
    "deciles": reports.decile_figure(CARD["deciles"], base_rate=BASE_RATE),
    "calibration": reports.calibration_figure(CARD["calibration"]),
    "grid": reports.grid_figure(CARD["grid"]),
    "value": reports.value_figure(CARD["value"]["captured"]),
}
ROWS = {
    "profile": 7,
    "driver": 5,
    "importance": 12,
    "tiers": 4,
    "gain": 21,
    "deciles": 10,
    "calibration": 8,
    "grid": 12,
    "value": 2,
}


def widths(svg: str, colour: str) -> list[float]:
    return [
        float(width)
        for width in re.findall(rf'width="([\d.]+)%" height="10.0" rx="2" style="fill:var\(--{colour},', svg)
    ]


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_a_figure_is_well_formed_and_gives_its_table(name):
    figure = FIGURES[name]
    assert ET.fromstring(figure.svg()).attrib["role"] == "img"
    assert len(figure.frame()) == ROWS[name]
    assert list(figure.frame().columns) == list(figure.columns)
    assert {len(row) for row in (*figure.rows, *figure.shown)} == {len(figure.columns)}
    assert figure.title in figure._repr_html_().replace("&#39;", "'")
    assert figure.title in repr(figure) and "<svg" not in repr(figure) and len(repr(figure)) < 250


def test_bars_are_as_long_as_their_numbers():
    importance = FIGURES["importance"].frame()["share"].to_numpy()
    drawn = widths(FIGURES["importance"].svg(), "accent")
    assert [width / drawn[0] for width in drawn] == pytest.approx(list(importance / importance[0]), abs=2e-3)


def test_an_index_is_coloured_by_the_side_its_interval_is_on():
    groups = [
        {"group": "above", "n": 9, "best": 5, "rate": 0.5, "index": 200, "low": 0.3, "high": 0.7},
        {"group": "either", "n": 9, "best": 5, "rate": 0.3, "index": 110, "low": 0.2, "high": 0.45},
        {"group": "below", "n": 9, "best": 1, "rate": 0.1, "index": 50, "low": 0.05, "high": 0.18},
    ]
    svg = reports.driver_figure({"label": "Size", "groups": groups}).svg()
    assert [len(widths(svg, colour)) for colour in ("accent", "quiet", "low")] == [1, 1, 1]


def test_profiles_share_one_scale_when_asked():
    traits = [{"label": "a", "group": "b", "index": 200, "share": 0.4, "base_share": 0.2, "low": 150, "high": 250}]
    assert widths(reports.profile_figure({"traits": traits}, highest=400).svg(), "accent") == [50.0]


@pytest.mark.parametrize(
    "make",
    [
        reports.gain_figure,
        reports.decile_figure,
        reports.calibration_figure,
        reports.tier_figure,
        reports.importance_figure,
        reports.grid_figure,
    ],
)
def test_an_empty_list_gives_an_empty_figure(make):
    figure = make([])
    assert ET.fromstring(figure.svg()).tag.endswith("svg")
    assert figure.frame().empty


def test_missing_numbers_are_drawn_as_nothing_and_shown_as_a_dash():
    figure = reports.decile_figure([dict.fromkeys(CARD["deciles"][0])])
    assert set(figure.shown[0]) == {"–"}
    assert "nan" not in figure.svg().lower()


def test_all_figures_of_a_card_have_names_of_their_own():
    names = [figure.name for figure in reports.figures(CARD)]
    assert len(names) == len(set(names)) == 3 + 1 + 12 + 4 + 2 + 1 + 6
    assert reports.figures({"name": "leads"}) == []


def test_a_trait_of_many_levels_draws_the_largest_and_keeps_all_in_its_table():
    groups = [
        {"group": f"level {i}", "n": 10 + i, "best": 2, "rate": 0.1, "low": 0.05, "high": 0.2, "index": 100}
        for i in range(40)
    ]
    figure = reports.driver_figure({"trait": "account", "label": "account", "groups": groups}, base_rate=0.1)
    assert len(figure.frame()) == 40
    assert "level 39" in figure.svg()
    assert "level 12" not in figure.svg()
    assert "10 largest of 40" in figure.title


def test_a_cell_of_the_grid_is_tinted_by_its_rate_and_an_empty_one_says_so():
    svg = FIGURES["grid"].svg()
    tints = [float(tint) for tint in re.findall(r"opacity:([\d.]+)", svg)]
    rates = [row["rate"] for row in CARD["grid"] if row["rate"] is not None]
    assert [tint / tints[0] for tint in tints] == pytest.approx([rate / rates[0] for rate in rates], abs=2e-3)
    assert svg.count("no accounts") == 1


def test_words_and_numbers_that_do_not_fit_beside_one_another_get_a_line_each():
    def places(group: str) -> list[float]:
        groups = [{"group": group, "n": 504, "best": 18, "rate": 0.036, "index": 47, "low": 0.02, "high": 0.06}]
        svg = reports.driver_figure({"label": "Ownership", "groups": groups}).svg()
        return [float(y) for y in re.findall(r'<text x="[^"]+" y="([\d.]+)"', svg)]

    assert len(set(places("listed"))) == 1
    beside, below = places("one of the less common values")
    assert below >= beside + 13
    assert (
        "one of the less common values"
        in reports.driver_figure({"groups": [{"group": "one of the less common values", "n": 1, "index": 1}]}).svg()
    )


def test_a_p_value_is_never_shown_as_zero():
    trait = {"label": "a", "group": "b", "index": 200, "share": 0.4, "base_share": 0.2, "q": 3e-12}
    assert reports.profile_figure({"traits": [trait]}).shown[0][-1] == "<0.0001"


@pytest.mark.parametrize("most", range(12, 60))
def test_shortened_words_fit_and_keep_their_end(most):
    words = "amount of orders or deals in the last 365 days"
    short = shortened(words, most)
    assert len(short) <= most
    assert short == words or (short.endswith("days") and short.startswith("amo") and " … " in short)
    assert len(shortened("x" * 80, most)) == most
