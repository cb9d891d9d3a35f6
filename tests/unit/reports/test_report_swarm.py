"""Beeswarm and dependence on the page: points where the card says, and none where it stores none."""

import re

from report_cards import CARDS

from icp.reports import build_report, dependence_figure, swarm_figure


def card_drivers():
    return CARDS["full"]()["drivers"]


def test_every_point_of_the_leading_traits_is_drawn_once():
    drawn = swarm_figure(card_drivers(), top=4)
    points = [point for driver in card_drivers()[:4] for group in driver["groups"] for point in group["points"]]
    assert drawn.svg().count("h.01") == len(points)


def test_low_and_high_values_have_colours_and_categories_have_none():
    visits, industry = card_drivers()[:2]
    ordered, unordered = (swarm_figure([driver]).svg() for driver in (visits, industry))
    assert "--v1" in ordered
    assert "--v5" in ordered
    assert re.search(r"--v\d", unordered) is None


def test_values_not_known_have_no_colour():
    (employees,) = (driver for driver in card_drivers() if driver["trait"] == "employees")
    for group in employees["groups"]:
        group["points"] = [0.1] if group["group"] == "not known" else []
    assert re.search(r"--v\d", swarm_figure([employees]).svg()) is None


def test_the_table_says_which_way_low_and_high_values_point():
    (visits, industry), frame = card_drivers()[:2], swarm_figure(card_drivers()[:2]).frame()
    assert frame.loc[0, "low values"] == visits["groups"][0]["mean_contribution"]
    assert frame.loc[0, "high values"] == visits["groups"][-1]["mean_contribution"]
    assert frame["low values"].isna().tolist() == [False, True]
    every = [point for group in industry["groups"] for point in group["points"]]
    assert (frame.loc[1, "lowest"], frame.loc[1, "highest"]) == (min(every), max(every))


def test_a_point_stands_where_its_contribution_says():
    group = {"group": "all", "n": 10, "mean_contribution": 0.0, "points": [-1.0, 1.0]}
    svg = dependence_figure({"label": "size", "groups": [group]}).svg()
    left, right = (float(x) for x in re.findall(r"M([\d.]+) ", svg))
    assert left < 5
    assert right > 95
    assert abs(left + right - 100) < 0.2


def test_cards_without_points_have_neither_figure():
    card = CARDS["full"]()
    for driver in card["drivers"]:
        for group in driver["groups"]:
            del group["points"]
    assert swarm_figure(card["drivers"]) is None
    assert dependence_figure(card["drivers"][0]) is None
    page = build_report(card)
    assert "What each trait adds" not in page
    assert "Best customers by Industry" in page
