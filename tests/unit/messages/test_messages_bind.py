"""A message is delivered where its evidence holds, to accounts that show what it rests on."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from icp._wording import MAX_TEXT, plain
from icp.messages import Library, Message, MessageBook, bind, binding_findings, name_problems
from icp.profiles import index_profile
from icp.tables import Trait, TraitTable

SECTOR = Trait("sector", "categorical", "fit", "sector", ("sector",), levels=("Retail", "Media", "Steel"))
SIZE = Trait("size", "numeric", "fit", "size", ("size",))
SHOP = Trait("has_shop", "categorical", "fit", "has shop", ("has_shop",), levels=("no", "yes"))


@pytest.fixture(scope="module")
def world():
    """200 best customers among 2,000 accounts: retail and with a shop; their size is like everybody's."""
    rng = np.random.default_rng(0)
    best = np.arange(2000) < 200
    sector = np.where(rng.random(2000) < np.where(best, 0.7, 0.2), 0.0, rng.choice([1.0, 2.0], 2000))
    shop = (rng.random(2000) < np.where(best, 0.8, 0.4)).astype(float)
    size = np.round(rng.lognormal(4, 1, 2000))
    ids = pd.Index([f"A-{i:04d}" for i in range(2000)])
    accounts = TraitTable(np.column_stack([sector, size, shop]), (SECTOR, SIZE, SHOP), ids)
    found = index_profile(accounts.rows(best), accounts, base_name="all accounts", as_of="2026-03-31")
    own = [replace(one, profile_id="P1", profile="Shops") for one in found.statistics()]
    return accounts, [*found.statistics(), *own]


def made(*messages):
    return Library("messages.yaml", tuple(messages))


RETAIL = Message("retail", "P1", "{n} of {profile}: {share} against {base_share}, index {index}.", "sector", "Retail")
SHOPS = Message("shop", "P1", "They have a shop.", "has_shop", "yes")
PROFILES = [("P1", "Shops")]


def test_a_message_with_evidence_is_filled_in_with_its_statistic(world):
    _, statistics = world
    book, (bound,) = bind(made(RETAIL), statistics, PROFILES)
    one = next(s for s in statistics if s.profile_id == "P1" and s.group.text == "Retail")
    assert bound.status == "delivered" and bound.statistic == one
    percents = f"{100 * one.share:.0f} % against {100 * one.base_share:.0f} %"
    assert bound.text == f"{one.n} of Shops: {percents}, index {one.index:.0f}."
    assert [entry.text for entry in book.entries] == [bound.text]
    assert bound.to_dict()["statistic"]["index"] == one.index


def test_a_message_without_evidence_is_told_with_its_numbers_and_not_delivered(world):
    _, statistics = world
    size = next(s for s in statistics if s.profile_id == "P1" and s.trait == "size")
    assert not size.distinctive
    library = made(Message("size", "P1", "Your size.", "size", size.group.text), SHOPS)
    book, bound = bind(library, statistics, PROFILES)
    assert [one.status for one in bound] == ["evidence gone", "delivered"]
    assert [entry.id for entry in book.entries] == ["shop"]
    (finding,) = binding_findings(library, bound, ())
    assert (finding.code, finding.severity) == ("ICP656", "warning")
    assert f"index {size.index:g} (interval {size.low:g} to {size.high:g}" in finding.message
    assert finding.evidence["messages"][0].startswith("'size': Size: ")


def test_what_is_clearly_less_common_bears_no_message(world):
    _, statistics = world
    steel = next(s for s in statistics if s.profile_id == "P1" and s.group.text == "Steel")
    assert steel.under
    _, (bound,) = bind(made(Message("steel", "P1", "Steel.", "sector", "Steel")), statistics, PROFILES)
    assert bound.status == "evidence gone"


def test_what_a_message_needs_must_have_evidence_too(world):
    _, statistics = world
    size = next(s.group.text for s in statistics if s.trait == "size")
    both = replace(SHOPS, needs=(("sector", "Retail"),))
    weak = replace(SHOPS, id="weak", needs=(("size", size),))
    _, (good, bad) = bind(made(both, weak), statistics, PROFILES)
    assert (good.status, bad.status) == ("delivered", "evidence gone")
    assert [one.group.text for one in good.needs] == ["Retail"]


def test_a_hypothesis_is_marked_and_reaches_nobody(world):
    _, statistics = world
    library = made(Message("motive", "P1", "The {profile} may fear lock-in.", hypothesis=True))
    book, (bound,) = bind(library, statistics, PROFILES)
    assert (bound.status, bound.text) == ("hypothesis", "The Shops may fear lock-in.")
    assert book.entries == ()
    assert binding_findings(library, [bound], name_problems(library, statistics, PROFILES)) == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"profile": "Shop"}, "Did you mean 'Shops'?"),
        ({"profile": "P7"}, "there is no profile 'P7'"),
        ({"trait": "sectro"}, "Did you mean 'sector'?"),
        ({"group": "Retial"}, "Did you mean 'Retail'?"),
        ({"group": "Farming"}, "Groups: Retail, Media, Steel."),
        ({"needs": (("shop", "yes"),)}, "Did you mean 'has_shop'?"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_the_nearest_one(world, change, says):
    _, statistics = world
    library = made(replace(RETAIL, **change))
    (problem,) = name_problems(library, statistics, PROFILES)
    assert problem.code == "ICP655"
    assert says in str(problem)
    book, bound = bind(library, statistics, PROFILES)
    assert (bound[0].status, book.entries) == ("unknown name", ())
    (finding,) = binding_findings(library, bound, [problem])
    assert (finding.code, finding.severity) == ("ICP655", "warning")
    assert says in finding.message


def test_names_are_found_whatever_their_case_and_by_their_words(world):
    _, statistics = world
    told = Message("a", "SHOPS", "Yes.", "Has Shop", "YES")
    assert bind(made(told), statistics, PROFILES)[1][0].status == "delivered"


def test_an_account_gets_the_strongest_message_of_its_profile_that_it_supports(world):
    accounts, statistics = world
    general = Message("all", "all", "A shop, as best customers have.", "has_shop", "yes")
    both = replace(SHOPS, id="both", text="A retail shop.", needs=(("sector", "Retail"),))
    book, bound = bind(made(general, SHOPS, RETAIL, both), statistics, PROFILES)
    strength = {one.id: sum(part.information for part in one.evidence) for one in bound}
    assert strength["both"] > strength["retail"] > strength["shop"] == strength["all"]
    assert [entry.id for entry in book.entries] == ["both", "retail", "all", "shop"]
    index = np.where(np.arange(2000) % 3 == 0, -1, 0)
    texts = book.talking_points(accounts.values, index, ["P1"])
    words = {one.id: one.text for one in bound}
    retail, shop, own = accounts.values[:, 0] == 0, accounts.values[:, 2] == 1, index == 0
    expected = np.where(shop, words["all"], "").astype(object)
    for name, rows in (("shop", shop), ("retail", retail), ("both", shop & retail)):
        expected[own & rows] = words[name]
    np.testing.assert_array_equal(texts, expected)
    assert {*texts} == {"", *words.values()}


def test_the_message_of_an_account_is_known_by_its_text_and_an_edited_text_keeps_its_id(world):
    _, statistics = world
    general = Message("all", "all", "A shop, as best customers have.", "has_shop", "yes")
    nameless = replace(RETAIL, id="#3")
    book, bound = bind(made(general, SHOPS, nameless), statistics, PROFILES)
    words = {one.id: one.text for one in bound}
    asked = [("P1", words["shop"]), ("P1", words["#3"]), ("P1", words["all"]), (None, words["all"]),
             ("P2", words["shop"]), ("P1", "A fact of our own."), ("P1", None)]  # fmt: skip
    assert book.ids_of(*zip(*asked, strict=True)) == ["shop", None, "all", "all", None, None, None]
    edited, _ = bind(made(replace(SHOPS, text="Put otherwise.")), statistics, PROFILES)
    assert edited.ids_of(["P1"], ["Put otherwise."]) == ["shop"]


def test_a_row_is_served_alone_as_in_a_crowd_and_from_a_book_read_back(world):
    accounts, statistics = world
    book, _ = bind(made(SHOPS, RETAIL), statistics, PROFILES)
    again = MessageBook.from_dict(json.loads(json.dumps(book.to_dict(), allow_nan=False)))
    index = np.zeros(2000, dtype=np.int64)
    texts = again.talking_points(accounts.values, index, ["P1"])
    np.testing.assert_array_equal(texts, book.talking_points(accounts.values, index, ["P1"]))
    for i in range(0, 2000, 333):
        assert again.talking_points(accounts.values[[i]], index[[i]], ["P1"])[0] == texts[i]
    assert not book.talking_points(accounts.values, index, ["P2"]).any()
    nothing = np.full((1, 3), np.nan)
    assert book.talking_points(nothing, index[:1], ["P1"])[0] == ""


def test_a_delivered_text_is_what_a_crm_takes(world):
    _, statistics = world
    risky = [replace(one, profile='=HYPERLINK("x")' + "ü" * 80) for one in statistics]
    _, (bound,) = bind(made(replace(RETAIL, text="-{profile} <b>{share}</b>")), risky, [("P1", "Shops")])
    assert bound.text == plain(bound.text)
    assert len(bound.text.encode()) <= MAX_TEXT
    assert not set(bound.text) & set('"|<>')
    assert bound.text[0] not in "=+-@"
