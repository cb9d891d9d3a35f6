"""What sales did with a list: order of work, gaps between teams, two scorecards, misfits, messages.

Simulated teams work lists whose accounts win with the chance the score promises. Accounts needed are those the tool
says, for a power of 80 %. A worse mix has log-odds lower by 1.5, and tiers cut as before; half the effort works the
upper half of each queue. The number for messages comes from their true rates: from the rates of three lists played
before, it was 136, 219 or 194 in place of 171, as the square of what a small effect is misjudged by. Where lists add
nothing, tiers, profiles and messages are looked at as parts of one proof. Every setting is a fifth as many runs as
asked for; models are trained a twenty-fifth as often.
"""

from __future__ import annotations

from math import ceil

import numpy as np
import pandas as pd

from benchmarks.claims import _untouched
from benchmarks.claims._protocol import ClaimRow, mean_row, share_row
from benchmarks.claims._sales_world import RULES, a_list, won_rate, worked
from icp._proving import proof
from icp._statistics import normal_score
from icp.lists import assign_arms, needed_accounts, score_band
from icp.outcomes import (
    concordance,
    follow,
    judged_accounts,
    marketing_scorecard,
    misfit_needed,
    misfits,
    rate_gap,
    sales_scorecard,
)

_MEASURES = ("acceptance", "precision_a", "precision_b", "capture_ab", "calibration")


def run(n_runs: int, seed: int) -> list[ClaimRow]:
    """Every claim of the loop."""
    seeds = [1000 * seed + i for i in range(max(3, n_runs // 5))]
    made = [*_order(seeds), *_gap(seeds), *_mix(seeds), *_effort(seeds), *_misfit(seeds), *_message(seeds)]
    return [*made, *_parts(seeds), *_untouched.rows(seeds[: max(3, len(seeds) // 5)])]


def _order(seeds: list[int]) -> list[ClaimRow]:
    setting = "3 reps, 150 accounts, 7 in 10 worked"
    ignoring = [concordance(worked(a_list(150, one), one, style="ignoring")[0]) for one in seeds]
    obedient = [concordance(worked(a_list(150, one), one)[0])[0] for one in seeds]
    holds = [low <= 0 <= high for _, low, high, _ in ignoring]
    slack = 3 * (0.05 * 0.95 / len(seeds)) ** 0.5
    return [
        share_row("a rep who ignores the list: the interval of the concordance holds 0", "0", setting, holds,
                  least=0.95 - slack),
        mean_row("a rep who follows it: concordance", "1", setting, obedient, least=0.99),
    ]  # fmt: skip


def _gap(seeds: list[int]) -> list[ClaimRow]:
    """Worked rates of 50 % and 70 % in two teams of as many accounts as are said to be needed."""
    n = ceil(needed_accounts(0.5, 0.2, 0.5) / 2)
    rng = np.random.default_rng(seeds[0] + 7)
    hits = rng.binomial(n, [[0.7, 0.5]] * len(seeds))
    found = [rate_gap(a, n, b, n)[1] > 0 for a, b in hits]
    alike = [rate_gap(a, n, b, n) for a, b in rng.binomial(n, 0.6, (len(seeds), 2))]
    none = [not low <= 0 <= high for _, low, high in alike]
    slack = 3 * (0.8 * 0.2 / len(seeds)) ** 0.5
    return [
        share_row("a gap of 20 points between teams is found", "80 %", f"{n} accounts each", found, least=0.8 - slack),
        share_row("a gap is seen where there is none", "5 %", f"{n} accounts each", none,
                  most=0.05 + 3 * (0.05 * 0.95 / len(seeds)) ** 0.5),
    ]  # fmt: skip


def _mix(seeds: list[int]) -> list[ClaimRow]:
    rows = []
    slack = 3 * (0.05 * 0.95 / len(seeds)) ** 0.5
    for shift, name in ((0.0, "the mix"), (-1.5, "a worse mix")):
        held = []
        for one in seeds:
            card = sales_scorecard(worked(a_list(250, one, shift=shift), one, effort=1.0)[0]).set_index("measure")
            low, high = card.loc["observed_to_expected", ["low", "high"]]
            held.append(low <= 1.0 <= high)
        claim = f"{name}: the interval of sales' observed / expected holds 1"
        rows.append(share_row(claim, "1", "250 accounts", held, least=0.95 - slack))
    return rows


def _effort(seeds: list[int]) -> list[ClaimRow]:
    moved: dict[str, list[float]] = {name: [] for name in _MEASURES}
    for one in seeds:
        listed = a_list(300, one)
        full, half = (
            marketing_scorecard(worked(listed, one, effort=effort)[0]).set_index("measure")["value"]
            for effort in (1.0, 0.5)
        )
        for name, found in moved.items():
            if np.isfinite(half[name] - full[name]):
                found.append(half[name] - full[name])
    setting = "300 accounts, the upper half of each queue"
    return [
        mean_row(f"half the effort: change of marketing's {name}", "0", setting, found, least=-0.03, most=0.03)
        for name, found in moved.items()
    ]


def _misfit(seeds: list[int]) -> list[ClaimRow]:
    needed = misfit_needed(0.0, 0.1, 18, rate=0.93)
    first = []
    for one in seeds:
        rng = np.random.default_rng(one)
        n = 2 * needed
        listed = a_list(n, one)
        traits = pd.DataFrame(
            {"industry": np.where(rng.random(n) < 0.1, "government", rng.choice(list("abcdef"), n)),
             "country": rng.choice(list("uvwxyz"), n), "employees": np.exp(rng.normal(4, 1, n))},
            index=pd.Index(listed["account_id"], name="account_id"),
        )  # fmt: skip
        rows, _ = worked(listed, one, effort=1.0, misfit=traits["industry"] == "government")
        found = misfits(judged_accounts(rows).head(needed), traits)
        first.append(len(found) > 0 and found.loc[0, "value"] == "government")
    slack = 3 * (0.8 * 0.2 / len(seeds)) ** 0.5
    setting = f"{needed} dispositions, a tenth of them misfits"
    return [share_row("a planted misfit is the first finding", "80 % or more", setting, first, least=0.8 - slack)]


def _message(seeds: list[int]) -> list[ClaimRow]:
    """Two messages dealt in turn; one adds 0.8 to the log-odds where it is used."""
    team = {"effort": 1.0, "message_effects": {"m2": 0.8}}
    plain, better = won_rate(0.0), won_rate(0.8)
    n = ceil(needed_accounts(plain, better - plain, 0.5) / 2)
    found = []
    for one in seeds:
        listed = a_list(4 * n, 50_000 + one, messages=("m1", "m2"))
        rows, _ = worked(listed, one, **team)
        used = [rows[rows["message_used"] & (rows["message"] == name)].head(n) for name in ("m2", "m1")]
        found.append(rate_gap(*(value for part in used for value in (int(part["won"].sum()), len(part))))[1] > 0)
    slack = 3 * (0.8 * 0.2 / len(seeds)) ** 0.5
    setting = f"{n} uses of each, won {better:.0%} and {plain:.0%}"
    return [share_row("a planted better message is found", "80 %", setting, found, least=0.8 - slack)]


def _parts(seeds: list[int]) -> list[ClaimRow]:
    """A list of 3,000 with three in ten held out that adds nothing, in all and in any of its parts."""
    whole, parts, alone, n_parts = [], [], [], []
    for one in seeds:
        table = proof(nothing_added(3000, one), 60, pd.Timestamp("2026-07-01"))
        seen = table["verdict"] != "not yet"
        whole.append(seen.iloc[0])
        parts.append(seen.iloc[1:].any())
        n_parts.append(len(table) - 1)
        narrower = normal_score(0.975) / normal_score((1 + table["confidence"].iloc[-1]) / 2)
        half = narrower * (table["high"] - table["low"]) / 2
        alone.append((table["difference"].abs() > half).iloc[1:].any())
    most = 0.05 + 3 * (0.05 * 0.95 / len(seeds)) ** 0.5
    setting = f"3,000 accounts, 30 % held out, {max(n_parts)} parts"
    return [
        share_row("lists that add nothing: a verdict on the whole", "5 %", setting, whole, most=most),
        share_row("lists that add nothing: a verdict on any part", "5 % at most", setting, parts, most=most),
        share_row("the same, were each part looked at by itself", "", setting, alone),
    ]


def nothing_added(n: int, seed: int) -> pd.DataFrame:
    """A list whose accounts win by their scores, held out or not."""
    rng = np.random.default_rng([seed, 9])
    listed = a_list(n, seed, messages=("m1", "m2", "m3", "m4")).assign(campaign="c")
    listed["band"] = score_band(listed["propensity"].rank(pct=True) * 100)
    held = assign_arms(listed["account_id"].tolist(), listed["band"], campaign=f"c{seed}", share=0.3).held
    listed["arm"] = np.where(held, "held_out", "treated")
    listed["profile_id"] = rng.choice(["P1", "P2", "P3", "P4"], n)
    won = listed[rng.random(n) < listed["propensity"]]
    deals = won[["account_id"]].assign(at=pd.Timestamp("2026-05-01"), kind="Won", amount=100.0, message="")
    none = deals.iloc[:0].assign(code="", note="")
    return follow(listed, none, none, deals, RULES)
