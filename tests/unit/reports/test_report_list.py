"""The top of a list in a terminal."""

import pandas as pd

from icp.reports import list_text

SCORES = pd.DataFrame(
    {
        "propensity": [0.1, 0.4, 0.9],
        "percentile": [50.0, 90.0, 99.0],
        "tier": ["C", "A", "A"],
        "profile": [None, "Software", "Wholesale"],
        "reason_1": ["r1", "r2\x1b[31m", "r3"],
    },
    index=["a", "b", "c\x1b[2J"],
)


def test_tiers_are_counted_and_the_best_come_first():
    lines = list_text(SCORES, top=2).splitlines()
    assert lines[0] == "3 accounts scored: A 2, B 0, C 1, D 0"
    assert [line.split()[0] for line in lines[2:]] == ["c", "b"]


def test_a_chance_that_is_nearly_one_is_not_called_certain():
    nearly = SCORES.assign(propensity=[0.9994, 0.99951, 1.0], percentile=[1.0, 2.0, 3.0])
    certain, near, below = list_text(nearly).splitlines()[2:]
    assert " 100.0 %" in certain and " > 99.9 %" in near and " 99.9 %" in below and ">" not in below


def test_no_control_character_reaches_the_terminal():
    assert all(line.isprintable() for line in list_text(SCORES).splitlines())


def test_an_empty_list_is_said():
    assert list_text(SCORES.iloc[:0]).startswith("0 accounts scored")


def test_everything_above_a_note_is_said_on_the_screen():
    found = [
        {"code": "ICP113", "severity": "note", "message": "columns left out."},
        {"code": "ICP104", "severity": "issue", "message": "ids repeat."},
        {"code": "ICP402", "severity": "warning", "message": "cells not read."},
    ]
    from icp.reports import findings_text

    assert findings_text(found) == "issue ICP104: ids repeat.\nwarning ICP402: cells not read."
    assert findings_text(found[:1]) == ""
