"""A rehearsal looks at nothing later, keeps accounts apart, never opens the sealed block, and calls noise noise."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from icp._history import DAY, microseconds
from icp.errors import ConfigError, NotEnoughDataError
from icp.labels import make_labels
from icp.model import backtest_tables, rehearse
from icp.options import BacktestOptions, LabelOptions, ScoringOptions, TraitOptions
from icp.reports import backtest_text, build_backtest_report
from icp.tables import AccountTable, Column, DatedTable

SCORING = ScoringOptions(max_trees=20, n_folds=3)
REVENUE = LabelOptions(recipe="revenue", window="60d", top_share=0.2)
NEWEST = pd.Timestamp("2025-06-30")


@pytest.fixture(scope="module")
def buyers():
    """500 accounts that order at a pace of their own for 600 days; size goes with the pace."""
    rng = np.random.default_rng(0)
    pace = np.exp(rng.normal(size=500))
    n = rng.poisson(6 * pace)
    owner = np.repeat(np.arange(500), n)
    at = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 606, len(owner)), "D")
    frame = pd.DataFrame({"account_id": [f"A-{i}" for i in owner], "at": at.as_unit("us"), "kind": "",
                          "amount": rng.gamma(2.0, 50.0, len(owner))})  # fmt: skip
    outcomes = DatedTable("outcomes", frame.sort_values("at").reset_index(drop=True), "x", False, True)
    index = pd.Index([f"A-{i}" for i in range(500)], name="account_id")
    created = np.datetime64("2023-06-01") + rng.integers(0, 30, 500).astype("timedelta64[D]")
    created[:40] = np.datetime64("2025-03-01")
    late = frame["account_id"].isin([f"A-{i}" for i in range(40)]) & (frame["at"] < pd.Timestamp("2025-03-02"))
    outcomes = replace(outcomes, frame=frame[~late].sort_values("at").reset_index(drop=True))
    touched = frame.groupby("account_id")["at"].max().reindex(index).to_numpy()
    cells = pd.DataFrame({"size": pace + rng.normal(size=500), "created_on": created.astype("datetime64[us]"),
                          "last_touch": touched}, index=index)  # fmt: skip
    columns = (
        Column("size", "trait", "numeric", "numbers"),
        Column("created_on", "trait", "date", "dates"),
        Column("last_touch", "trait", "date", "dates"),
    )
    parents = pd.Series([f"P-{i // 2}" if i < 100 else None for i in range(500)], index=index)
    return AccountTable(cells, columns, "x", NEWEST, parents=parents), outcomes


def dated(buyers, definition=REVENUE, **options):
    accounts, outcomes = buyers
    labels = make_labels(definition, accounts, outcomes, as_of=NEWEST)
    found = rehearse(
        accounts, labels, (None, outcomes), definition=definition, traits=TraitOptions(), scoring=SCORING,
        options=BacktestOptions(n_bootstrap=50, **options), seed=0,
    )  # fmt: skip
    return found, labels


@pytest.fixture(scope="module")
def pictures(buyers):
    return dated(buyers)


def test_no_window_that_was_learned_from_reaches_past_the_judged_picture(pictures):
    found, _ = pictures
    assert found.order == "pictures" and found.gap_days == 60 and len(found.blocks) == 4
    for block in found.blocks:
        for train, test in block.parts:
            assert np.unique(found.at[test]).tolist() == [block.span.start]
            assert found.at[train].max() + 60 <= block.span.start


def test_no_account_and_no_parent_is_on_both_sides_and_its_rows_are_one_unit(pictures):
    found, _ = pictures
    ids, parents = found.known.accounts.frame.index.to_numpy(), found.known.accounts.parents.to_numpy(dtype=object)
    for block in found.blocks:
        for train, test in block.parts:
            assert not set(ids[train]) & set(ids[test])
            assert not {p for p in parents[train] if isinstance(p, str)} & {
                p for p in parents[test] if isinstance(p, str)
            }
    units = pd.Series(found.known.groups).groupby(ids).nunique()
    assert units.max() == 1
    assert found.known.groups[ids == "A-0"][0] == found.known.groups[ids == "A-1"][0]


def test_older_pictures_hold_nothing_that_came_later(buyers, pictures):
    found, _ = pictures
    _, outcomes = buyers
    frame, day = found.known.accounts.frame, found.at
    created = microseconds(frame["created_on"])
    assert (created <= (day + 1) * DAY).all()
    assert (frame.index[day < day.max() - 200] == "A-5").sum() == 0
    assert not any("last_touch" in trait.sources for trait in found.known.traits.traits)
    assert {f.column for f in found.findings if f.code == "ICP327" and f.column} == {"last_touch"}
    recency = next(j for j, t in enumerate(found.known.traits.traits) if t.name.startswith("days_since_last_o"))
    row = int(np.flatnonzero((frame.index == "A-77") & (day == day.min()))[0])
    own = outcomes.frame[outcomes.frame["account_id"] == "A-77"]
    past = own[microseconds(own["at"]) <= day[row] * DAY]
    assert found.known.traits.values[row, recency] == pytest.approx(day[row] - microseconds(past["at"]).max() / DAY)


def test_the_label_of_a_picture_is_that_of_its_own_window(buyers, pictures):
    found, _ = pictures
    accounts, outcomes = buyers
    start = found.blocks[0].span.start
    date = pd.Timestamp(np.datetime64(start, "D"))
    own = make_labels(REVENUE, accounts, outcomes, as_of=date).label
    rows = np.flatnonzero(found.at == start)
    share = found.known.y[rows].mean()
    agree = (own[found.known.accounts.frame.index[rows]].to_numpy() == found.known.y[rows]).mean()
    assert 0.1 < share < 0.3 and agree == 1.0


def flags(n=1200, seed=0, signal=1.0, dates=True, shuffled=False):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    y = (rng.random(n) < 1 / (1 + np.exp(1.5 - signal * x[:, 0]))).astype(int)
    y = rng.permutation(y) if shuffled else y
    index = pd.Index([f"A-{i}" for i in range(n)], name="account_id")
    frame = pd.DataFrame(x, index=index, columns=["a", "b", "c"]).assign(best=y.astype(str), today=x[:, 0] + x[:, 1])
    columns = tuple(Column(name, "trait", "numeric", "numbers") for name in "abc")
    columns += (Column("best", "label", "categorical", "asked for"), Column("today", "current_score", "numeric", ""))
    day = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n) // 3, "D"), index=index)
    observed = {"observed_at": day} if dates else {}
    columns += (Column("seen", "observed_at", "date", ""),) if dates else ()
    return AccountTable(frame, columns, "x", day.max() if dates else None, **observed)


FLAG = LabelOptions(column="best", positive="1")


def judged(accounts, capacity=None, **options):
    labels = make_labels(FLAG, accounts, as_of=accounts.as_of)
    found = rehearse(
        accounts, labels, (None, None), definition=FLAG, traits=TraitOptions(), scoring=SCORING,
        options=BacktestOptions(n_bootstrap=200, **options), seed=0,
    )  # fmt: skip
    return found, backtest_tables(found, labels, name="x", capacity=capacity, n_bootstrap=200, seed=0)


def test_the_sealed_block_decides_nothing_before_it_is_scored():
    accounts = flags()
    before, tables = judged(accounts)
    sealed = before.blocks[-1]
    assert sealed.sealed and sealed.span.rows.max() == 1199
    best = accounts.frame["best"].to_numpy(dtype=object).copy()
    best[sealed.span.rows] = np.random.default_rng(3).permutation(best[sealed.span.rows])
    changed = replace(accounts, frame=accounts.frame.assign(best=best))
    after, again = judged(changed)
    assert (before.y != after.y).any()
    for name in ("score", "rule", "base", "today: today"):
        np.testing.assert_array_equal(before.margins[name], after.margins[name])
    assert before.rules == after.rules and before.known.quarantined == after.known.quarantined
    assert tables.blocks[:-1] == again.blocks[:-1] and tables.blocks[-1] != again.blocks[-1]
    assert tables.metrics["open"] == again.metrics["open"]
    assert tables.metrics["choice"]["list"] == again.metrics["choice"]["list"]


def test_a_column_that_leaks_only_in_the_sealed_block_is_not_audited_there():
    accounts = flags()
    leak = np.random.default_rng(1).normal(size=1200)
    leak[960:] = accounts.frame["best"].to_numpy(dtype=float)[960:] * 10
    columns = (*accounts.columns, Column("leak", "trait", "numeric", "numbers"))
    found, _ = judged(replace(accounts, frame=accounts.frame.assign(leak=leak), columns=columns))
    assert found.known.quarantined == frozenset()


@pytest.mark.parametrize("order", ["column", "random"])
def test_permuted_labels_give_no_signal_and_intervals_that_contain_one(order):
    _, tables = judged(flags(shuffled=True), order=order)
    assert not tables.card["verdict"]["signal"]
    assert {f.code for f in tables.findings if f.severity == "issue"} == {"ICP321"}
    parts = [tables.metrics, *([tables.metrics["sealed"], tables.metrics["open"]] if order == "column" else [])]
    for part in parts:
        assert part["lift_at_10_low"] <= 1.0 <= part["lift_at_10_high"]
        assert part["auc_low"] <= 0.5 <= part["auc_high"]


def test_planted_signal_beats_todays_score_and_is_no_better_than_the_rule_that_made_it():
    _, tables = judged(flags(n=3000))
    rows = {row["list"]: row for row in tables.baselines if row["block"] == "all"}
    assert tables.metrics["auc_low"] > 0.65
    assert rows["today: today"]["score_less_auc_low"] > 0
    assert abs(rows["simple rule"]["score_less_auc"]) < 0.02
    nothing = rows["no order (the overall rate)"]
    assert nothing["lift_at_10"] == pytest.approx(1.0) and nothing["auc"] == pytest.approx(0.5)
    assert nothing["score_less_log_loss_high"] < 0
    assert "log_loss" not in rows["today: today"]


def test_a_trait_known_only_in_random_order_is_a_gap():
    """The level of a trait drifts with time: rows of the same days give the rate away, earlier rows do not."""
    rng = np.random.default_rng(0)
    accounts = flags(n=3000, signal=0.0)
    wave = np.arange(3000) // 300
    y = (rng.random(3000) < np.where(wave % 2 == 1, 0.5, 0.05)).astype(int)
    batch = wave + rng.normal(size=3000) * 0.05
    frame = accounts.frame.assign(best=y.astype(str), a=batch)
    _, tables = judged(replace(accounts, frame=frame), n_blocks=2, test_share=0.2)
    gap = [f for f in tables.findings if f.code == "ICP328"]
    assert gap and tables.metrics["random"]["auc"] > tables.metrics["auc"] + 0.1


def test_undated_rows_are_judged_in_repeats_and_marked():
    found, tables = judged(flags(dates=False), repeats=2)
    assert found.order == "random" and len(found.blocks) == 2
    assert "sealed" not in tables.metrics and "random" not in tables.metrics
    assert [f.severity for f in tables.findings if f.code == "ICP322"] == ["note"]
    assert tables.metrics["n_winners"] == int(found.known.y.sum())
    assert tables.metrics["n_test"] == 2 * 1200


def test_the_gap_may_not_be_shorter_than_the_window(buyers):
    with pytest.raises(ConfigError) as error:
        dated(buyers, gap="30d")
    assert error.value.problems[0].code == "ICP336"
    with pytest.raises(ConfigError):
        judged(flags(), gap="soon")
    with pytest.raises(ConfigError):
        judged(flags(dates=False), order="rows", gap="30d")


def test_a_gap_that_was_asked_for_is_kept():
    found, _ = judged(flags(), gap="40d")
    for block in found.blocks:
        for train, test in block.parts:
            assert found.at[train].max() + 40 * DAY <= found.at[test].min()


def test_short_history_falls_back_to_random_rows_and_says_so_unless_time_was_asked_for(buyers):
    long = replace(REVENUE, window="300d")
    accounts, outcomes = buyers
    early = pd.Timestamp("2024-10-01")
    labels = make_labels(long, accounts, outcomes, as_of=early)
    options = {"definition": long, "traits": TraitOptions(), "scoring": SCORING, "seed": 0}
    args = (replace(accounts, as_of=early), labels, (None, outcomes))
    found = rehearse(*args, **options, options=BacktestOptions(n_bootstrap=50, repeats=1))
    assert found.order == "random"
    assert [f.severity for f in found.findings if f.code == "ICP337"] == ["warning"]
    with pytest.raises(NotEnoughDataError) as error:
        rehearse(*args, **options, options=BacktestOptions(order="column"))
    assert error.value.problems[0].code == "ICP335"


def test_the_same_seed_gives_the_same_tables():
    accounts = flags(n=600)
    one, two = (judged(accounts, capacity=30)[1] for _ in range(2))
    assert one.metrics == two.metrics and one.baselines == two.baselines
    assert one.metrics["capacity"] == 30 and 0 < one.metrics["precision_at_capacity"] < 1
    assert "Chosen on the open blocks working 30 accounts: " in backtest_text(one.card)


def test_folds_drawn_at_random_are_told_in_words_that_fit_them():
    _, tables = judged(flags(dates=False))
    page = build_backtest_report(tables.card, [finding.to_dict() for finding in tables.findings])
    said = re.sub(r"<style.*?</style>|<script.*?</script>|<[^>]+>", " ", page, flags=re.S)
    for words in (said, backtest_text(tables.card)):
        assert not re.findall(r"\b(?:blocks?|sealed|older|oldest|earlier|newest|forward|gap)\b", words, flags=re.I)
    assert "repeat by repeat" in said and "All repeats" in said and said.count("random folds cannot show it") == 1
    _, dated_tables = judged(flags())
    later = build_backtest_report(dated_tables.card)
    assert "block by block" in later and "random folds cannot" not in later


@pytest.mark.parametrize(("capacity", "given"), [(1200, False), (5000, False), (239, True)])
def test_a_capacity_that_works_every_account_gives_no_figures_of_its_own(capacity, given):
    _, tables = judged(flags(), capacity=capacity)
    told = [finding for finding in tables.findings if finding.code == "ICP342"]
    assert ("lift_at_capacity" in tables.metrics) == given == (not told)
    assert tables.metrics["capacity"] == (capacity if given else None)
    if told:
        assert told[0].severity == "warning" and "longest list holds" in told[0].message
        compared = [finding.message for finding in tables.findings if finding.code == "ICP329"]
        assert not any("lift 1.0 against 1.0" in message for message in compared)
