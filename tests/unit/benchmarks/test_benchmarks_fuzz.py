"""A few hundred damaged inputs, the same each time: refused or read, and nothing else."""

from __future__ import annotations

import random
import time

import pytest

from benchmarks import fuzz
from benchmarks.fuzz import _trying
from benchmarks.fuzz._page import table
from benchmarks.fuzz._place import Place


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The small model is trained once."""
    folder = tmp_path_factory.mktemp("fuzz")
    return _trying.small_model(folder)


@pytest.fixture(autouse=True)
def once(made, monkeypatch):
    monkeypatch.setattr(_trying, "small_model", lambda folder: made)


def test_every_input_is_accepted_as_it_is_and_damaged_ones_are_read_or_refused():
    """The program tries every input as it is before it changes any, and stops if one is refused."""
    counts = fuzz.fuzz(seconds=600, seed=3, most=600)
    assert {name: count.finds for name, count in counts.items() if count.finds} == {}
    assert all(count.cases >= 20 for count in counts.values())
    # what is never read tries nothing but the refusal, and what is never refused was not changed
    assert [name for name, count in counts.items() if count.refused == count.cases] == []
    unrefused = {name for name, count in counts.items() if not count.refused}
    assert unrefused <= {"words for a CRM", "delivered list", "events, SQL of odd cells", "accounts, SQL of odd cells"}


def test_an_input_that_is_refused_as_it_is_stops_the_program(monkeypatch):
    # a key missing: the sign-off was refused whatever was changed in it
    monkeypatch.setattr("benchmarks.fuzz._readers._SIGNOFF", b"marketing: {name: A, date: 2026-01-02}\n")
    with pytest.raises(RuntimeError, match=r"refused without a change: \{'sign-off'"):
        fuzz.fuzz(seconds=1, only=["sign-off"])


def test_a_case_can_be_tried_again_alone():
    tried = []
    for first, most in ((0, 6), (4, 1)):
        with pytest.MonkeyPatch.context() as patch:
            seen = []
            patch.setattr("benchmarks.fuzz._readers.code_map", lambda texts, seen=seen: seen.append(texts[0]))
            fuzz.fuzz(seconds=600, seed=8, only=["codes"], most=most, first=first)
        tried.append(seen[_trying._UNCHANGED :])
    assert tried[1] == [tried[0][4]]


def test_what_is_no_refusal_is_found():
    count = fuzz.Count()
    fuzz.attempt(lambda: [][0], count)
    assert count.cases == 1 and count.refused == 0 and next(iter(count.finds)).startswith("IndexError at ")


def test_a_case_that_does_not_end_is_found(monkeypatch):
    monkeypatch.setattr(_trying, "HANGS", 0.05)

    def endless():
        while True:
            try:
                time.sleep(0.01)
            except Exception:
                continue

    count = fuzz.Count()
    fuzz.attempt(endless, count)
    assert list(count.finds) == ["hang"]


def test_half_a_file_is_found(made, tmp_path):
    from benchmarks.fuzz._writers import Writers
    from icp.errors import TableError

    _, scores, sent = made
    writers = Writers(Place(tmp_path), scores, sent)
    with pytest.raises(AssertionError, match=r"refused, and \['half.csv'\] is there"), writers._whole("out") as out:
        out.mkdir()
        (out / "half.csv").write_text("a,b\n1")
        raise TableError.one("ICP100", "refused.", "Mend it.")


def test_nothing_is_changed_until_changes_are_asked_for(tmp_path):
    place = Place(tmp_path)
    place.changing = False
    assert place.data(b"abc") == b"abc" and place.value({"a": [1]}) == {"a": [1]}
    place.changing, place.rng = True, random.Random(1)
    assert place.data(b"abc" * 50) != b"abc" * 50


def test_the_table_counts_what_was_read():
    lines = table({"codes": fuzz.Count(1200, 1000, {"KeyError at x.py:1": "case 3"})}).splitlines()
    assert lines[-1] == "| codes | 1,200 | 199 | 1,000 | 1 |"
