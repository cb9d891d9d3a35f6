import pytest

from icp.reports._meeting_page import _proof_row

NUMBERS = dict.fromkeys(("n_treated", "n_held_out"), 40) | dict.fromkeys(
    ("rate_treated", "rate_held_out", "difference", "low", "high", "detectable", "money", "money_low", "money_high"),
    0.1,
)


@pytest.mark.parametrize(
    ("part", "value", "words", "shown"),
    [
        ("message", "Industry: Retail. True of 45 % of best customers.", "", "Industry: Retail"),
        ("message", "fast-start", "Start in a day. No project.", "fast-start: Start in a day"),
        ("profile", "P1", "", "P1"),
        ("tier", "A", "", "A"),
    ],
)
def test_a_message_is_named_by_its_first_sentence(part, value, words, shown):
    row = {**NUMBERS, "part": part, "value": value, "words": words, "verdict": "not yet", "known_on": ""}
    assert _proof_row(row)["value"] == shown
