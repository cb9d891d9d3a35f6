from __future__ import annotations

import json
import re
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icp.reasons import ReasonBook, ReasonExtractor, _book, drivers
from icp.reasons._book import TraitReasons
from icp.reasons._groups import group_codes
from icp.reasons._words import is_evidence, is_firm, sentence
from icp.tables import OTHER_LEVEL, Trait, TraitTable


def numeric(name, label=None, rule="value", unit="", sources=None, side="fit"):
    return Trait(name, "numeric", side, label or name, sources or (name,), rule, unit)


def levels(name, *values):
    return Trait(name, "categorical", "fit", name, (name,), levels=values)


def table(traits, columns):
    X = np.column_stack([np.asarray(c, dtype=float) for c in columns])
    return TraitTable(X, tuple(traits), pd.Index([str(i) for i in range(len(X))]))


@pytest.fixture(scope="module")
def world():
    """Accounts with known drivers, and contributions of the true log-odds model."""
    rng = np.random.default_rng(3)
    n = 6000
    employees = np.round(np.exp(rng.normal(4, 1.2, n)))
    industry = rng.integers(0, 4, n)
    days = np.where(rng.random(n) < 0.4, np.nan, np.round(rng.exponential(200, n)))
    visits = rng.poisson(2, n)
    noise = rng.normal(size=n)
    parts = np.column_stack(
        [
            0.8 * (np.log1p(employees) - 4),
            np.array([0.9, -0.7, 0.0, -0.2])[industry],
            np.where(np.isnan(days), -0.4, 0.6 - days / 300),
            0.3 * (visits - 2),
            0.3 * noise * 0,
        ]
    )
    parts -= parts.mean(axis=0)
    label = (rng.random(n) < 1 / (1 + np.exp(2.4 - parts.sum(axis=1)))).astype(float)
    traits = [
        numeric("employees"),
        levels("industry", "Software", "Retail & Wholesale", "Health", OTHER_LEVEL),
        numeric("days_since_order", "last order", "outcomes:recency", "days", ("outcomes",)),
        numeric("visits_90", "visits in the last 90 days", "events:count:90", "", ("events",), "engagement"),
        numeric("noise"),
    ]
    contributions = parts.copy()
    contributions[:, 4] = 0.05 * noise
    return table(traits, [employees, industry, days, visits, noise]), label, contributions


@pytest.fixture(scope="module")
def book(world):
    return ReasonExtractor().fit(*world).book_


SAID = re.compile(
    r"(?:(?P<times>[\d.]+) times as often|(?P<change>\d+) % (?P<more>more|less) often) as the average|"
    r"(?P<change2>\d+) % (?P<more2>more|less) often than the average"
)
COUNTS = re.compile(r"\(([\d,]+) of ([\d,]+)\)|None of ([\d,]+) such|All ([\d,]+) such")


def counts(sentence):
    best, n, none, every = COUNTS.search(sentence).groups()
    whole = [int(x.replace(",", "")) if x else None for x in (best, n, none, every)]
    if whole[2] is not None:
        return 0, whole[2]
    return (whole[3], whole[3]) if whole[3] is not None else (whole[0], whole[1])


def test_a_reason_reads_like_this():
    label = np.repeat([0.0, 1, 0, 1], [659, 41, 9000, 180])
    traits = table([levels("industry", "Software", "Retail")], [np.repeat([0, 1], [700, 9180])])
    book = ReasonExtractor().fit(traits, label).book_
    assert book.traits[0].in_favour[0] == (
        "Industry: Software. Such accounts became best customers 2.6 times as often as the average (41 of 700)."
    )
    assert book.traits[0].against[1] == (
        "Industry: Retail. Such accounts became best customers 12 % less often than the average (180 of 9,180)."
    )


def test_half_as_often_again_is_worded_one_way():
    rows = {n: sentence([("size", "small")], n, 1000, 0.1) for n in (149, 150)}
    assert "49 % more often than the average" in rows[149]
    assert "1.5 times as often as the average" in rows[150]
    assert "1.5 times as often as the average (54 of 470)" in sentence([("size", "small")], 54, 470, 357 / 4650)


def all_sentences(book):
    for trait in book.traits:
        for direction, own, joint in ((1, trait.in_favour, trait.joint_in_favour), (-1, trait.against, trait.joint_against)):  # fmt: skip # noqa: E501
            yield from ((direction, text) for text in (*own, *joint.values()) if text)


def test_every_quoted_rate_points_the_way_of_its_side(book):
    base = book.best / book.n
    seen = set()
    for direction, text in all_sentences(book):
        best, n = counts(text)
        seen.add(direction)
        assert direction * (best / n - base) > 0
        found = SAID.search(text)
        if best and best < n:
            ratio = best / n / base
            groups = found.groupdict()
            change, more = groups["change2"], groups["more2"]
            if groups["times"]:
                assert direction == 1 and float(groups["times"]) == pytest.approx(ratio, abs=0.05001)
            else:
                assert (more == "more") == (direction == 1)
                assert int(change) == pytest.approx(100 * abs(ratio - 1), abs=0.5001)
    assert seen == {1, -1}


def fact_of(sentence, label):
    return sentence.split(". ")[0].removeprefix(label.capitalize()).removeprefix(":").strip()


def holds(fact, values):
    """Which accounts a worded range is true of."""
    values = np.asarray(values)
    if fact.endswith(" ago"):
        fact, *unit = fact.rsplit(" ", 2)
        size = {"day": 1, "month": 365 / 12, "year": 365}[unit[0].rstrip("s")]
        values = values / size
        if " to " in fact:
            low, high = map(float, fact.split(" to "))
            return (values >= low) & (values < high)
    tokens = [float(x.replace(",", "")) for x in re.findall(r"[\d,]*\.?\d+", fact)]
    sign = [-1 if f"minus {x}" in fact else 1 for x in re.findall(r"[\d,]*\.?\d+", fact)]
    numbers = [s * x for s, x in zip(sign, tokens, strict=True)]
    if fact in ("not known", "none on record"):
        return np.isnan(values)
    if fact == "none":
        return values == 0
    if fact.startswith(("under ", "less than ")):
        return values < numbers[0]
    if fact.endswith("or more"):
        return values >= numbers[0]
    if len(numbers) == 1:
        return values == numbers[0]
    return (values >= numbers[0]) & (values <= numbers[1])


def test_every_count_is_that_of_the_accounts_it_speaks_of(world, book):
    traits, label, _ = world
    checked = 0
    for j, trait in enumerate(traits.traits[:4]):
        for text in (*book.traits[j].in_favour, *book.traits[j].against):
            if not text:
                continue
            fact = fact_of(text, trait.label)
            if trait.kind == "categorical":
                names = ["Software", "Retail and Wholesale", "Health", "one of the less common values"]
                mask = traits.values[:, j] == names.index(fact)
            else:
                mask = holds(fact, traits.values[:, j])
            assert counts(text) == (int(label[mask].sum()), int(mask.sum())), text
            checked += 1
    assert checked >= 12


def test_a_rows_sentences_are_true_of_it_and_agree_with_the_sign(world, book):
    traits, _, contributions = world
    found = book.reasons(traits.values, contributions)
    names = [trait.label.capitalize() for trait in traits.traits]
    for key, direction in (("reason_1", 1), ("reason_2", 1), ("reason_3", 1), ("watch_out", -1)):
        for i in range(0, 6000, 13):
            text = found[key][i]
            if not text or "in combination" in text:
                continue
            j = next(j for j, name in enumerate(names) if text.startswith(name))
            assert direction * contributions[i, j] > 0
            if traits.traits[j].kind == "numeric":
                assert holds(fact_of(text, names[j]), traits.values[i : i + 1, j])[0], text


def test_reasons_stand_in_order_of_size(world, book):
    traits, _, contributions = world
    found = book.reasons(traits.values, contributions)
    names = [trait.label.capitalize() for trait in traits.traits]
    both = [i for i in range(6000) if found["reason_2"][i]]
    assert len(both) > 1000
    for i in both[::17]:
        first, second = (
            next(j for j, name in enumerate(names) if found[key][i].startswith(name))
            for key in ("reason_1", "reason_2")
        )
        assert contributions[i, first] >= contributions[i, second]


def test_reasons_do_not_depend_on_how_many_rows_are_looked_at_together(world, book, monkeypatch):
    traits, _, contributions = world
    whole = book.reasons(traits.values, contributions)
    monkeypatch.setattr(_book, "_ROWS_AT_ONCE", 7)
    for name, texts in book.reasons(traits.values, contributions).items():
        np.testing.assert_array_equal(texts, whole[name])
    assert all(len(texts) == 0 for texts in book.reasons(traits.values[:0], contributions[:0]).values())


def test_the_largest_true_driver_is_among_the_reasons(world, book):
    traits, _, contributions = world
    found = book.reasons(traits.values, contributions)
    ordered = np.sort(contributions[:, :4], axis=1)
    clear = (ordered[:, -1] > 0.2) & (ordered[:, -1] - ordered[:, -2] >= 0.2)
    top = contributions[:, :4].argmax(axis=1)
    names = [trait.label.capitalize() for trait in traits.traits]
    rows = np.flatnonzero(clear)
    named = [any(found[f"reason_{r}"][i].startswith(names[top[i]]) for r in (1, 2, 3)) for i in rows]
    assert len(rows) > 1000 and np.mean(named) >= 0.95


def test_a_rate_that_disagrees_is_not_quoted_and_the_next_reason_is_used(world, book):
    traits, _, contributions = world
    flipped = contributions.copy()
    retail = np.flatnonzero(traits.values[:, 1] == 1)
    flipped[retail, 1] = 5.0
    found = book.reasons(traits.values[retail], flipped[retail])
    plain = [text for text in found["reason_1"] if text.startswith("Industry") and "in combination" not in text]
    assert plain == []
    assert sum(text != "" for text in found["reason_1"]) > len(retail) / 2


def test_small_contributions_are_no_reasons(world, book):
    traits, _, contributions = world
    one = contributions[:50] * 0
    one[:, 0], one[:, 3] = 0.001, -1.0
    assert set(book.reasons(traits.values[:50], one)["reason_1"]) == {""}


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_what_is_small_is_measured_against_the_row_itself(world, book, scale):
    traits, _, contributions = world
    found, scaled = (book.reasons(traits.values[:300], contributions[:300] * by) for by in (1.0, scale))
    assert {name: texts.tolist() for name, texts in scaled.items()} == {name: t.tolist() for name, t in found.items()}


@pytest.mark.parametrize("code", [-1.0, 4.0, 99.0])
def test_a_level_that_there_is_not_is_spoken_of_as_not_known(world, book, code):
    traits, _, contributions = world
    odd, unknown = traits.values[:200].copy(), traits.values[:200].copy()
    odd[:, 1], unknown[:, 1] = code, np.nan
    found, known = (book.reasons(values, contributions[:200]) for values in (odd, unknown))
    assert {name: texts.tolist() for name, texts in found.items()} == {name: t.tolist() for name, t in known.items()}


def test_who_has_no_sentence_leaves_the_word_to_the_next_of_its_source():
    """Of three traits of one source the strongest has nothing to say, the next points the other way."""
    groups = ("low", "high", "not known")

    def trait(name, in_favour):
        return TraitReasons(
            name, name, ("source",), "fit", (1.0,), False, groups, (50,) * 3, (5,) * 3, in_favour, ("",) * 3
        )

    silent, two, three = (
        trait(name, ("", text, "")) for name, text in (("a", ""), ("b", "B is high."), ("c", "C is high."))
    )
    book = ReasonBook((silent, two, three), 150, 15, 3, 20)
    high = np.full((5, 3), 2.0)
    added = np.array([[0.9, 0.1, 0.2], [0.9, 0.3, 0.2], [0.9, -0.5, 0.1], [0.9, -0.1, -0.1], [0.9, 0.2, 0.2]])
    assert book.reasons(high, added)["reason_1"].tolist() == [
        "C is high.",
        "B is high.",
        "C is high.",
        "",
        "B is high.",
    ]
    assert book.reasons(np.zeros((5, 3)), added)["reason_1"].tolist() == [""] * 5
    first = ReasonBook((two, silent), 150, 15, 3, 20).reasons(high[:2, :2], np.array([[0.1, 0.9], [-0.1, 0.9]]))
    assert first["reason_1"].tolist() == ["B is high.", ""]


def test_noise_gets_no_group_of_its_own():
    rng = np.random.default_rng(0)
    n = 3000
    traits = table([numeric(f"x{j}") for j in range(20)], rng.normal(size=(20, n)))
    book = ReasonExtractor().fit(traits, (rng.random(n) < 0.1).astype(float)).book_
    texts = [text for trait in book.traits for text in trait.in_favour if text]
    assert sum(is_firm(text) for text in texts) <= 0.15 * 20 * 6
    assert all(text.endswith(", which may be chance).") for text in texts if not is_firm(text))


def test_a_rate_that_chance_could_make_is_said_to_be_that():
    label = np.repeat([1.0, 0, 1, 0, 1, 0], [20, 140, 160, 1600, 40, 40])
    traits = table([levels("industry", "Software", "Retail", "Health")], [np.repeat([0, 1, 2], [160, 1760, 80])])
    trait = ReasonExtractor().fit(traits, label).book_.traits[0]
    assert trait.in_favour[0] == (
        "Industry: Software. "
        "Such accounts became best customers 14 % more often than the average (20 of 160, which may be chance)."
    )
    assert trait.against[1].endswith("17 % less often than the average (160 of 1,760).")
    assert trait.in_favour[2].endswith("4.5 times as often as the average (40 of 80).")
    assert (trait.against[0], trait.in_favour[1], trait.against[2]) == ("", "", "")


def test_a_wider_range_speaks_before_a_rate_that_chance_could_make():
    value = np.repeat(np.arange(6.0), 200)
    wins = np.repeat([1.0, 0] * 6, [10, 190, 12, 188, 30, 170, 40, 160, 60, 140, 70, 130])
    trait = ReasonExtractor().fit(table([numeric("visits")], [value]), wins).book_.traits[0]
    own = dict(zip(trait.groups, trait.in_favour, strict=True))
    three = next(text for group, text in own.items() if group.startswith("3"))
    assert three.startswith("Visits: 3 or more. ") and is_firm(three)  # its own 40 of 200 is 8 % above the average
    assert not any(is_firm(text) for text in (own[trait.groups[0]], own[trait.groups[1]]))


def test_traits_of_one_source_are_one_reason():
    rng = np.random.default_rng(1)
    calls, visits = rng.poisson(2, 2000), rng.poisson(2, 2000)
    label = (rng.random(2000) < 0.05 + 0.05 * (calls > 2) + 0.05 * (visits > 2)).astype(float)
    shared = [numeric("calls", sources=("events",)), numeric("visits", sources=("events",))]
    traits = table(shared, [calls, visits])
    book = ReasonExtractor().fit(traits, label).book_
    row = np.array([[8.0, 8.0]])
    found = book.reasons(row, np.array([[0.5, 0.4]]))
    assert found["reason_1"][0].startswith("Calls") and found["reason_2"][0] == ""
    against = book.reasons(row, np.array([[0.5, -0.6]]))
    assert against["reason_1"][0] == ""


def test_kinds_of_events_speak_for_themselves_and_totals_for_all():
    rng = np.random.default_rng(1)
    demos, visits = rng.exponential(1, 2000), rng.exponential(1, 2000)
    label = (rng.random(2000) < 0.05 + 0.1 * (demos > 1.5) + 0.1 * (visits > 1.5)).astype(float)
    kinds = [
        numeric(kind, f"recent {kind} events", f"events:kind:45:{kind}", sources=("events",))
        for kind in ("demo", "visit")
    ]
    total = numeric("all", "events in the last 90 days", "events:count:90", sources=("events",))
    traits = table([*kinds, total], [demos, visits, np.round(demos + visits)])
    book = ReasonExtractor().fit(traits, label).book_
    found = book.reasons(np.array([[5.0, 5.0, 10.0]]), np.array([[0.4, 0.5, 0.3]]))
    said = [found[f"reason_{rank}"][0].split(": ")[0] for rank in (1, 2, 3)]
    assert said == ["Recent visit events", "Recent demo events", "Events in the last 90 days"]
    assert "top 17 % of accounts" in found["reason_1"][0]


def test_orders_speak_of_how_often_how_much_and_when_but_of_each_once():
    rng = np.random.default_rng(4)
    x = rng.exponential(1, 2000)
    label = (rng.random(2000) < 0.05 + 0.2 * (x > 1)).astype(float)
    rules = ["count:90", "count:365", "amount_sum:365", "recency", "tenure"]
    orders = [numeric(rule, f"last {rule}", f"outcomes:{rule}", sources=("outcomes",)) for rule in rules]
    book = ReasonExtractor(n_reasons=5).fit(table(orders, [x] * 5), label).book_
    found = book.reasons(np.full((1, 5), 3.0), np.array([[0.3, 0.2, 0.4, 0.1, 0.2]]))
    said = [found[f"reason_{rank}"][0].split(". ")[0] for rank in range(1, 6)]
    words = [text.removeprefix("Last ").split(":")[0].split(" ")[0] for text in said]
    assert words == ["count", "amount_sum", "tenure", "", ""]


def test_two_columns_that_say_the_same_are_one_reason():
    won = np.r_[np.ones(60), np.zeros(140), np.ones(20), np.zeros(780)]
    same = np.r_[np.ones(200), np.zeros(800)]
    sent = [levels(name, "Page visited", "SMS sent") for name in ("activity", "last activity")]
    agreed = [levels(name, "no", "yes") for name in ("mail", "phone")]
    book = ReasonExtractor().fit(table([*sent, *agreed], [same] * 4), won).book_
    found = book.reasons(np.ones((1, 4)), np.array([[0.3, 0.4, 0.2, 0.1]]))
    said = [found[f"reason_{rank}"][0].split(". ")[0] for rank in (1, 2, 3)]
    assert said == ["Last activity: SMS sent", "Mail: yes", "Phone: yes"]


def test_an_interaction_is_said_in_combination():
    rng = np.random.default_rng(2)
    size, kind = rng.integers(0, 2, 8000), rng.integers(0, 2, 8000)
    label = (rng.random(8000) < np.where(size == kind, 0.2, 0.05)).astype(float)
    effect = np.where(size == kind, 0.5, -0.5)
    traits = table([levels("size", "small", "large"), levels("kind", "shop", "plant")], [size, kind])
    book = ReasonExtractor().fit(traits, label, np.column_stack([effect, effect]) / 2).book_
    said = book.reasons(np.array([[1.0, 1.0]] * 2), np.array([[0.3, 0.25], [0.2, 0.25]]))
    found, mask = said["reason_1"][0], (size == 1) & (kind == 1)
    assert said["reason_1"][1].startswith("Kind: plant, in combination with size: large.")
    assert said["reason_2"].tolist() == ["", ""], "the same two groups once more"
    assert found.startswith("Size: large, in combination with kind: plant. Such accounts became best customers 1.")
    assert counts(found) == (int(label[mask].sum()), int(mask.sum()))
    assert ReasonBook.from_dict(json.loads(json.dumps(book.to_dict()))) == book


def test_rows_do_not_depend_on_each_other_and_the_book_survives_json(world, book):
    traits, _, contributions = world
    again = ReasonBook.from_dict(json.loads(json.dumps(book.to_dict())))
    assert again == book
    whole = book.reasons(traits.values[:200], contributions[:200])
    for key in whole:
        single = [again.reasons(traits.values[i : i + 1], contributions[i : i + 1])[key][0] for i in range(200)]
        assert list(whole[key]) == single


def test_an_empty_batch_and_an_unknown_account_are_legal(world, book):
    traits, _, _ = world
    assert [len(text) for text in book.reasons(traits.values[:0], traits.values[:0]).values()] == [0, 0, 0, 0]
    unknown = book.reasons(np.full((1, 5), np.nan), np.zeros((1, 5)))
    assert {text[0] for text in unknown.values()} == {""}


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_any_user_text_yields_a_safe_sentence_that_keeps_its_numbers(label, level, other):
    traits = [
        Trait("a", "categorical", "fit", label, ("a",), levels=(level, other)),
        Trait("b", "categorical", "fit", other, ("b",), levels=(other, level)),
    ]
    a, b = np.tile([0, 1, 0, 1], 100), np.tile([0, 0, 1, 1], 100)
    effect = np.where(a == b, 0.5, -0.5)
    won = np.where((a == b) & (np.arange(400) % 8 < 6), 1.0, 0.0)
    book = ReasonExtractor().fit(table(traits, [a, b]), won, np.column_stack([effect, effect])).book_
    texts = [text for _, text in all_sentences(book)]
    assert texts
    for text in texts:
        assert len(text) <= 255 and len(text.encode()) <= 255
        assert unicodedata.is_normalized("NFC", text)
        assert not set('"|<>&') & set(text) and text[0] not in "=+-@'＝＋－＠＇ "
        assert all(unicodedata.category(c)[0] != "C" and ord(c) <= 0xFFFF for c in text)
        assert text.endswith(".") and COUNTS.search(text)


@pytest.mark.parametrize(
    ("trait", "values", "names"),
    [
        (numeric("founded"), np.tile(np.arange(1950, 2020), 30), ("before 1960", "2010 or later")),
        (numeric("visits", rule="events:count:90"), np.tile([0, 0, 1, 2, 3, 9], 99), ("none", "9")),
        (numeric("growth", unit="%"), np.linspace(-20, 40, 999), ("under minus 10 %", "30 % or more")),
        (numeric("revenue", unit="€"), np.linspace(1, 6e6, 999) + 0.5, ("under €1 million", "€5 million or more")),
        (
            numeric("age", "founded on", unit="days", rule="age"),
            np.arange(1, 2000),
            ("less than 1 year ago", "55 or more months ago"),
        ),
        (numeric("same"), np.full(99, 3.3), ("any value", "any value")),
        (numeric("empty"), np.full(99, np.nan), ("any value", "any value")),
    ],
)
def test_ranges_have_edges_a_person_would_choose(trait, values, names):
    label = (np.arange(len(values)) % 9 == 0).astype(float)
    groups = ReasonExtractor().fit(table([trait], [values]), label).book_.traits[0].groups
    assert (groups[0], groups[-2]) == names
    assert len(groups) <= 7


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(allow_infinity=False, width=32) | st.integers(-5, 5).map(float), min_size=1, max_size=200))
def test_any_numbers_are_grouped_and_counted_once(cells):
    values = np.array(cells, dtype=float)
    label = (np.arange(len(values)) % 3 == 0).astype(float)
    trait = ReasonExtractor(min_group=5).fit(table([numeric("x")], [values]), label).book_.traits[0]
    assert sum(trait.n) == len(values) and sum(trait.best) == int(label.sum())
    assert trait.n[-1] == int(np.isnan(values).sum())
    assert list(trait.edges) == sorted(set(trait.edges))


def test_drivers_are_ordered_and_bounded(world, book):
    traits, _, contributions = world
    rows = drivers(book, traits, contributions)
    assert [row["importance"] for row in rows] == sorted((row["importance"] for row in rows), reverse=True)
    assert sum(row["share"] for row in rows) == pytest.approx(1)
    assert rows[-1]["trait"] == "noise"
    for row in rows:
        for group in row["groups"]:
            assert group["low"] <= group["rate"] <= group["high"]
            assert group["index"] == pytest.approx(100 * group["rate"] * book.n / book.best)
    json.dumps(rows, allow_nan=False)


def test_not_knowing_something_is_a_watch_out_but_never_a_reason_in_favour():
    values = np.concatenate([np.full(100, np.nan), np.random.default_rng(0).normal(size=300)])[:, None]
    traits = TraitTable(values, (numeric("positions"),), pd.Index([str(i) for i in range(400)]))
    unknown_wins = np.concatenate([np.ones(50), np.zeros(50), np.zeros(300)])
    known_wins = np.concatenate([np.zeros(100), np.ones(150), np.zeros(150)])
    for label, sign, column in ((unknown_wins, 1.0, "reason_1"), (known_wins, -1.0, "watch_out")):
        said = ReasonExtractor().fit(traits, label).book_.reasons(values[:1], np.array([[sign]]))[column][0]
        assert ("not known" in said) is (column == "watch_out")


@pytest.mark.parametrize(
    ("best", "n", "base", "direction", "holds"),
    [
        (40, 100, 0.2, 1, True),
        (40, 100, 0.2, -1, False),
        (40, 99, 0.2, 1, False),  # too few
        (22, 100, 0.2, 1, False),  # a tenth of the rate, and chance
        (2_180, 10_000, 0.2, 1, False),  # beyond chance, and less than a tenth of the rate
        (2_201, 10_000, 0.2, 1, True),
        (8_201, 10_000, 0.8, 1, True),  # of the rarer side: a tenth of 20 %
        (8_100, 10_000, 0.8, 1, False),
        (100, 100, 1.0, -1, False),
        (100, 100, 0.0, 1, False),
    ],
)
def test_a_rate_is_evidence_when_it_is_off_by_a_tenth_of_the_rarer_side_and_beyond_chance(
    best, n, base, direction, holds
):
    assert is_evidence(best, n, base, direction, 100) is holds


def test_codes_that_no_level_has_are_not_known():
    codes = group_codes(np.array([0.0, 1.0, 2.0, 3.0, -1.0, np.nan, np.inf]), (), 3, levels=True)
    assert codes.tolist() == [0, 1, 2, 2, 2, 2, 2]
    ranges = group_codes(np.array([-np.inf, 4.9, 5.0, np.nan, np.inf]), (5.0,), 3, levels=False)
    assert ranges.tolist() == [0, 0, 1, 2, 1]
