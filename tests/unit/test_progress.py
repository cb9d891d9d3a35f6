"""Progress in a log: each step once, and of long ones how far they are, how fast, and how long they will take."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from icp import _progress


@pytest.fixture
def lines(monkeypatch):
    """Lines written so far; the clock goes ten seconds on each time it is looked at."""
    file, seconds = io.StringIO(), iter(range(0, 10_000, 10))
    monkeypatch.setattr(_progress, "monotonic", lambda: float(next(seconds)))
    monkeypatch.setattr(_progress, "sys", SimpleNamespace(stderr=file))
    with _progress.show_progress():
        yield lambda: file.getvalue().splitlines()


def test_a_long_step_says_its_rate_and_the_time_left(lines):
    with _progress.step("scoring 1,000 accounts", 1000) as advance:
        for share in (0.1, 0.2, 0.3, 0.9, 1.0):
            advance(share)
    assert lines() == ["... scoring 1,000 accounts", "... 30%, 8 a second, 1 min 33 s left"]


def test_a_short_step_is_one_line(lines):
    with _progress.step("writing") as advance:
        advance(0.5)
    assert lines() == ["... writing"]


def test_without_a_display_nothing_is_written(capsys):
    with _progress.step("writing") as advance:
        advance(0.5)
    assert capsys.readouterr() == ("", "")


def test_a_part_of_a_step_is_shown_for_long_tables_only(lines):
    for n_rows in (99_999, 100_000):
        with _progress.part("growing trees", n_rows) as advance:
            for share in (0.5, 0.6, 0.7):
                advance(share)
    assert lines() == ["... growing trees", "... 70%, 17 s left"]


def test_work_goes_on_where_nobody_reads_its_lines(monkeypatch):
    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr(_progress, "sys", SimpleNamespace(stderr=Gone()))
    with _progress.show_progress(), _progress.step("writing") as advance:
        advance(0.5)
