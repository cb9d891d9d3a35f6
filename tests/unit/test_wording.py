from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from icp._wording import number, percent, plain, times

ANY_TEXT = st.text(st.characters(), max_size=400)


def assert_safe(text: str, limit: int = 255) -> None:
    assert len(text) <= limit
    assert len(text.encode("utf-8")) <= limit
    assert unicodedata.is_normalized("NFC", text)
    assert not set('"|<>\n\r\t') & set(text)
    assert all(unicodedata.category(c)[0] != "C" and ord(c) <= 0xFFFF for c in text)
    assert "\u2028" not in text and "\u2029" not in text
    assert text == text.strip()
    assert not text.startswith(("=", "+", "-", "@", "'", "＝", "＋", "－", "＠"))
    assert not text.endswith("\\")


@given(ANY_TEXT, st.integers(min_value=4, max_value=300))
@example("\ud800=cmd|' /C calc'!A0", 255)
@example("e\u200b\u0301" * 100, 80)
@example("\ufacf\u2260=\u0338", 255)
@example("ä" * 200, 255)
def test_any_text_becomes_a_safe_cell(text, limit):
    assert_safe(plain(text, limit), limit)


@given(ANY_TEXT)
def test_a_safe_text_stays_as_it_is(text):
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Müller & Söhne", "Müller and Söhne"),
        ("R&amp;D", "R and D"),
        ("<50 seats", "under 50 seats"),
        ("revenue > €5m", "revenue over €5m"),
        (">=10 and <= 20", "at least 10 and at most 20"),
        ("<b>bold</b>", "b bold /b"),
        ("=1+1", "1+1"),
        ("  -- '@x", "x"),
        ("two\nlines\tand tab", "two lines and tab"),
        ("done ✅ 🚀", "done"),
        ("path\\", "path"),
        ("Cafe\u0301", "Café"),
    ],
)
def test_texts_are_reworded_not_escaped(text, safe):
    assert plain(text) == safe


def test_cuts_at_a_word_within_bytes():
    cut = plain("größte Übung macht den Meister " * 20, 60)
    assert cut.endswith("...") and len(cut.encode()) <= 60
    assert all(word in ["größte", "Übung", "macht", "den", "Meister"] for word in cut[:-3].split())


@pytest.mark.parametrize(
    ("x", "unit", "text"),
    [
        (0, "", "0"),
        (1234567, "", "1,234,567"),
        (1234.56, "", "1,235"),
        (0.000123456, "", "0.000123"),
        (99.96, "", "100"),
        (-3, "%", "minus 3 %"),
        (1, "days", "1 day"),
        (2.5, "days", "2.5 days"),
        (12000, "$", "$12,000"),
        (float("nan"), "", "unknown"),
        (float("inf"), "", "unlimited"),
        (-0.0, "", "0"),
    ],
)
def test_numbers_read_as_people_write_them(x, unit, text):
    assert number(x, unit) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_a_number_is_right_to_three_figures_and_has_no_exponent(x):
    text = number(x)
    assert "e" not in text.replace("minus", "")
    back = float(text.replace("minus ", "-").replace(",", ""))
    assert back == pytest.approx(x, rel=6e-3, abs=1e-300)


@given(st.floats(min_value=0, max_value=1))
def test_only_exact_shares_are_none_or_all(share):
    text = percent(share)
    assert (text == "0 %") == (share == 0)
    assert (text == "100 %") == (share == 1)


def test_ratios_in_words():
    assert [times(x) for x in (0.5, 1, 2.14, 9.96, 41.7)] == [
        "0.5 times", "1.0 times", "2.1 times", "10 times", "42 times",
    ]  # fmt: skip
