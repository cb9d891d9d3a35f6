"""Every code in the source has its line in the docs, and every line its code."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "codes.md"
ROW = re.compile(r"^\| (ICP\d{3}) \| (.+?) \| (.+?) \|$", re.M)


def codes_in_source() -> set[str]:
    return {code for file in (ROOT / "src").rglob("*.py") for code in re.findall(r"ICP\d{3}", file.read_text("utf-8"))}


def test_every_code_of_the_source_is_explained_and_no_other():
    explained = [code for code, _, _ in ROW.findall(PAGE.read_text("utf-8"))]
    assert sorted(codes_in_source() - set(explained)) == [], "without a line in docs/reference/codes.md"
    assert sorted(set(explained) - codes_in_source()) == [], "in docs/reference/codes.md, nowhere in src"
    assert [code for code, n in Counter(explained).items() if n > 1] == []
    assert explained == sorted(explained)


def test_every_line_says_what_it_means_and_what_to_do():
    for code, meaning, action in ROW.findall(PAGE.read_text("utf-8")):
        assert meaning.endswith(".") and action.endswith("."), code
