"""What a notebook shows of tables, profiles, models and results: one box, every text escaped."""

from __future__ import annotations

import html.parser

import numpy as np
import pytest

from icp import IdealCustomerModel, load_bundle, load_config, match, read_accounts, read_inputs
from icp._notebook import Box
from icp.messages import Briefs
from icp.options import AccountOptions
from icp.tables import BaseTable, Finding, TraitTable

EVIL = '<script>alert("x")</script>'


class Seen(html.parser.HTMLParser):
    """Tags in use, and whether each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.open, self.words = set(), [], ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += f"{data}\n"


def test_every_text_of_a_box_is_escaped():
    seen = Seen(Box(EVIL, {EVIL: EVIL}, (EVIL,), [(EVIL,)], EVIL).html())
    assert "script" not in seen.tags
    assert seen.words.count(EVIL) == 6


def test_numbers_are_written_for_a_person_and_missing_ones_left_out():
    rows = [(1234567, 0.123456, None, float("nan"), True, np.int64(4))]
    seen = Seen(Box("t", columns=tuple("abcdef"), rows=rows).html())
    assert seen.words.split("\n")[7:-1] == ["1,234,567", "0.1235", "yes", "4"]


def test_a_long_table_is_cut_and_says_so():
    seen = Seen(Box("t", columns=("a",), rows=[(i,) for i in range(1012)]).html())
    assert "and 1,002 more" in seen.words and "\n10\n" not in seen.words


@pytest.fixture
def accounts(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(f"id,{EVIL.replace(chr(34), '')},size\n" + "".join(f"A{i},x{i % 3},{i % 7}.5\n" for i in range(30)))
    return read_accounts(AccountOptions("csv", path=str(file), account_id="id"))


def test_tables_show_what_their_columns_were_taken_for(accounts):
    seen = Seen(accounts._repr_html_())
    assert "script" not in seen.tags
    assert {"size", "numeric", "id", "30"} <= set(seen.words.split("\n"))
    base = Seen(BaseTable(EVIL, accounts, accounts.frame["size"])._repr_html_())
    assert EVIL in base.words and "30" in base.words


def test_the_tables_of_a_run_show_themselves():
    inputs = read_inputs(load_config("train"))
    assert {"best", "not best", "unlabelled"} <= set(Seen(inputs.labels._repr_html_()).words.split("\n"))
    assert "Won" in Seen(inputs.outcomes._repr_html_()).words
    traits = TraitTable(np.zeros((0, 0)), (), inputs.accounts.frame.index[:0])
    assert "Traits" in Seen(traits._repr_html_()).words


def test_models_and_profiles_show_themselves(leads):
    bundle = load_bundle(leads.bundle)
    shown = Seen(bundle._repr_html_()).words
    assert bundle.version in shown
    assert Seen(IdealCustomerModel.load(leads.bundle)._repr_html_()).words == shown
    assert "not fitted" in IdealCustomerModel("new")._repr_html_()
    profiles = bundle.profiles
    assert profiles.profiles and all(one.name in Seen(profiles._repr_html_()).words for one in profiles.profiles)
    first = profiles.profiles[0]
    assert first.traits[0].words in Seen(first._repr_html_()).words
    assert "Briefs" in Seen(Briefs(tuple(bundle.card["briefs"]))._repr_html_()).words


def test_findings_and_results_of_commands_show_themselves(tmp_path, accounts):
    finding = Finding("ICP744", "warning", EVIL, column="a<b")
    assert EVIL in Seen(finding._repr_html_()).words
    result = match.MatchResult(tmp_path / "<b>", accounts.frame, {"matched": 30}, (finding,))
    seen = Seen(result._repr_html_())
    assert seen.tags == {"div", "strong", "pre"} and EVIL in seen.words and "30 leads: 30 matched" in seen.words
