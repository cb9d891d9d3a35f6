"""Every claim of a brief is a stored statistic in words; without the evidence there is no claim."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from icp._wording import percent
from icp.messages import BRIEF_COLUMNS, Library, Message, bind, build_briefs
from icp.profiles import index_profile
from icp.tables import Trait, TraitTable

SECTOR = Trait("sector", "categorical", "fit", "sector", ("sector",), levels=("Retail", "Media", "Steel"))
SIZE = Trait("size", "numeric", "fit", "size", ("size",))
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def accounts(seed=0, spread=0.5):
    """Best customers are retail more often by ``spread``; their size says nothing."""
    rng = np.random.default_rng(seed)
    best = np.arange(2000) < 200
    retail = rng.random(2000) < np.where(best, 0.2 + spread, 0.2)
    sector = np.where(retail, 0.0, rng.choice([1.0, 2.0], 2000))
    values = np.column_stack([sector, np.round(rng.lognormal(4, 1, 2000))])
    return TraitTable(values, (SECTOR, SIZE), pd.Index([f"A-{i:04d}" for i in range(2000)])), best


def briefs_of(table, best, **more):
    found = index_profile(table.rows(best), table, base_name="all accounts", as_of="2026-03-31")
    return found, build_briefs(found.statistics(), [], **more)


def test_a_brief_says_what_is_clearly_more_and_less_common_and_nothing_else():
    (brief,) = briefs_of(*accounts())[1].rows
    assert [claim["statistic"]["group"] for claim in brief["facts"]] == ["Retail"]
    assert {claim["statistic"]["group"] for claim in brief["seldom"]} == {"Media", "Steel"}
    assert (brief["n"], brief["base"], brief["as_of"]) == (200, {"name": "all accounts", "n": 2000}, "2026-03-31")


def test_each_number_in_the_words_is_one_of_its_statistic():
    found, briefs = briefs_of(*accounts())
    stored = found.frame().set_index("group")
    claims = [claim for kind in ("facts", "seldom") for claim in briefs.rows[0][kind]]
    assert len(claims) == 3
    for claim in claims:
        row = stored.loc[claim["statistic"]["group"]]
        counts = [f"{row[name]:,}" for name in ("n", "n_best", "base_n", "n_base")]
        shares = [percent(row[name]).removesuffix(" %") for name in ("share", "base_share")]
        told = {*counts, *shares, *(f"{row[name]:g}" for name in ("index", "low", "high"))}
        assert set(NUMBER.findall(claim["text"])) <= told
        assert row["base"] in claim["text"]


def test_without_the_evidence_the_claim_is_gone_on_rebuild_and_so_is_its_message():
    message = Message("retail", "all", "As {share} of best customers are.", "sector", "Retail")
    library = Library("messages.yaml", (message,))
    told = {}
    for spread in (0.5, 0.0):
        table, best = accounts(spread=spread)
        found, _ = briefs_of(table, best)
        _, bound = bind(library, found.statistics(), [])
        told[spread] = build_briefs(found.statistics(), [], bound).rows[0]
    assert told[0.5]["facts"] and told[0.5]["messages"][0]["status"] == "delivered"
    assert told[0.0]["facts"] == [] == told[0.0]["seldom"]
    assert told[0.0]["messages"][0]["status"] == "evidence gone"
    assert "is not clearly above 100" in told[0.0]["messages"][0]["why"]


def test_labels_dealt_at_random_leave_no_more_claims_than_the_rate_allows():
    with_claims = 0
    for seed in range(60):
        table, _ = accounts(seed, 0.0)
        best = np.random.default_rng(500 + seed).random(2000) < 0.1
        with_claims += bool(briefs_of(table, best)[1].rows[0]["facts"])
    assert with_claims <= 9  # 5 % of 60, and four standard errors


def test_nothing_rare_unknown_or_in_code_is_claimed():
    table, best = accounts()
    coded = tuple("000000000000000000000A1" if level == "Retail" else level for level in SECTOR.levels)
    other = TraitTable(table.values, (Trait(**{**SECTOR.__dict__, "levels": coded}), SIZE), table.account_id)
    assert briefs_of(other, best)[1].rows[0]["facts"] == []


def test_the_table_has_a_row_for_every_claim_with_its_evidence():
    table, best = accounts()
    found, _ = briefs_of(table, best)
    messages = (
        Message("retail", "all", "As {share} are.", "sector", "Retail"),
        Message("motive", "all", "They may fear it.", hypothesis=True),
    )
    _, bound = bind(Library("m.yaml", messages), found.statistics(), [])
    frame = build_briefs(found.statistics(), [], bound).frame()
    assert list(frame.columns) == list(BRIEF_COLUMNS)
    assert frame["kind"].tolist() == ["fact", "seldom", "seldom", "message", "message"]
    assert frame["status"].tolist() == ["stands", "stands", "stands", "delivered", "hypothesis"]
    kept = frame[frame["trait"].notna()].set_index(["trait", "group"])
    stored = found.frame().set_index(["trait", "group"]).loc[kept.index]
    for name in ("n", "n_best", "base_n", "n_base", "index", "low", "high"):
        assert (kept[name].astype(float) == stored[name].astype(float)).all()


@pytest.mark.parametrize("unworked", [None, ("accounts that nobody worked", {"": 40})])
def test_where_more_are_is_counted_by_the_most_telling_columns(unworked):
    table, best = accounts()
    pool = table.rows((np.arange(2000) >= 300) & (np.arange(2000) < 340))
    found = index_profile(table.rows(best), table, unworked=pool if unworked else None)
    more = build_briefs(found.statistics(), [], unworked=unworked).rows[0]["more"]
    if unworked is None:
        assert more is None
        return
    retail = int((pool.values[:, 0] == 0).sum())
    by = [{"trait": "sector", "label": "sector", "groups": [{"group": "Retail", "n": retail}]}]
    assert more == {"name": "accounts that nobody worked", "n": 40, "by": by}
