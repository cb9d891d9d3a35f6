"""Numbers as people read them."""

import doctest
import math

import pytest

from icp.reports import _charts, _figure, _format, _page, _summary
from icp.reports._format import clean, count, interval, number, one_in, percent, times


@pytest.mark.parametrize("module", [_format, _page, _summary, _figure, _charts])
def test_examples_run(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("say", [number, count, percent, times, one_in])
@pytest.mark.parametrize("value", [None, math.nan, math.inf, "12"])
def test_what_is_not_a_number_is_a_dash(say, value):
    assert say(value) == "–"


def test_half_an_interval_is_not_shown():
    assert interval(1.0, None) == "–"


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (0, "none"),
        (0.001, "1 in 1,000"),
        (0.25, "1 in 4"),
        (0.9, "9 in 10"),
        (0.974, "97 in 100"),
        (0.9999, "99 in 100"),
        (1.0, "10 in 10"),
    ],
)
def test_rates_are_said_as_people_say_them(rate, said):
    assert one_in(rate) == said


def test_cleaning_removes_direction_and_surrogate_characters_but_keeps_other_scripts():
    assert clean("Größe \u202eevil\ud800 株式会社") == "Größe  evil  株式会社"
