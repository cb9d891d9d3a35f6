# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Closing the loop
#
# Three months of lists, played on an invented CRM whose truth is known. A model learns from a small history; each
# month a list goes to a sales team, what the team did comes back, both leads look at one page, and the next model
# learns from it.
#
# Something is planted that no history shows: from now on the company no longer sells to one industry. Sales knows it
# and rejects such accounts; the first model does not.

# %%
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

import icp
from icp.lists import assign_arms, score_band
from icp.options import SimulationOptions
from icp.outcomes import Ledger
from icp.simulation import SalesTeam, simulate_sales

home = Path("out/loop")
home.mkdir(parents=True, exist_ok=True)
(home / "icp.db").unlink(missing_ok=True)
crm = icp.simulate_crm(SimulationOptions(n_accounts=12000, base_rate=0.15, dirt=0.3), seed=5)
truth = crm.truth.set_index("account_id")
accounts = crm.accounts[(crm.truth["eligible"] & (crm.truth["duplicate_of"] == "")).to_numpy()].set_index("account_id")
accounts = accounts.drop(columns=["owner", "website"], errors="ignore")
no_longer = accounts["industry"].value_counts().index[0]
misfit = accounts["industry"] == no_longer
chance = truth.loc[accounts.index, "propensity"].where(~misfit, 0.0)
print(f"{len(accounts):,} accounts; the company no longer sells to: {no_longer} ({misfit.mean():.0%} of them)")

# %% [markdown]
# The history has 900 accounts whose outcome is known. 1,500 others are kept apart: no list ever holds them, and every
# month's model is judged on them, against the truth.

# %%
rng = np.random.default_rng(1)
order = rng.permutation(accounts.index)
history, panel, pool = order[:900], order[900:2400], order[2400:]
labels = pd.Series(truth.loc[history, "best"].astype(int), index=history)


def learn(month: int) -> pd.DataFrame:
    """Train on every label there is, score everybody."""
    table = accounts.assign(label=labels.reindex(accounts.index).map({1: "yes", 0: "no"}))
    table.loc[labels.index].to_csv(home / "train.csv")
    accounts.to_csv(home / "accounts.csv")
    small = ["scoring.max_trees=80", "scoring.n_folds=3", "profiles.n_resamples=5", "backtest.n_bootstrap=50"]
    read = ["accounts=csv", "accounts.account_id=account_id", "accounts.name_column=name"]
    icp.train.run(icp.load_config("train", [*read, *small, f"accounts.path={home}/train.csv", "labels=flag",
        "labels.column=label", "labels.positive=yes", "tracking=none", f"output={home}/model_{month}"]))  # fmt: skip
    icp.score.run(icp.load_config("score", [*read, f"accounts.path={home}/accounts.csv", "delivery=none",
        f"model={home}/model_{month}/bundle", "tracking=none", f"output={home}/scores_{month}"]))  # fmt: skip
    return pd.read_csv(home / f"scores_{month}/scores.csv").set_index("account_id")


# %% [markdown]
# ## A month
#
# 600 accounts of the pool go into the trial of the month: a fifth of each score band is held out, three reps get the
# rest in the order of the score. One of them follows the list, one ignores it, one does little. Deals are over within
# 25 days.

# %%
STYLES = {"Ada": "obedient", "Bo": "ignoring", "Cy": "obedient"}
EFFORT = {"Ada": 0.9, "Bo": 0.9, "Cy": 0.5}
team = SalesTeam(style=STYLES, effort=EFFORT, days=8, window_days=25, dropped=0.03)


def play(month: int, scores: pd.DataFrame, left_out: set, given_before: set) -> set:
    """Deliver a list, let the team work it, and enter both into the ledger."""
    free = [name for name in pool if name not in given_before and name not in left_out]
    best = scores.loc[free].sort_values("propensity", ascending=False).head(600)
    band = score_band(best["percentile"])
    held = assign_arms(best.index.tolist(), band, campaign="autumn", share=0.2).held
    reps = np.array(list(STYLES))[np.arange(len(best)) % 3]
    listed = best.reset_index().assign(band=band, arm=np.where(held, "held_out", "treated"), rep=reps)
    listed["delivered_at"] = f"2026-0{6 + month}-01"
    listed["position"] = np.arange(len(listed))
    ledger = Ledger(f"sqlite:///{home}/icp.db")
    texts = ["reason_1", "reason_2", "reason_3", "watch_out", "talking_point", "tier", "profile_id", "arm", "rep"]
    entry = listed[["account_id", *texts, "propensity", "percentile", "band"]].copy()
    entry[texts] = entry[texts].astype(object).where(entry[texts].notna(), None)
    ledger.append([pa.Table.from_pandas(entry, preserve_index=False)], campaign="autumn", run_id=f"month {month}",
                  target="generic", model_version=f"month {month}", as_of=f"2026-0{6 + month}-01",
                  delivered_at=datetime(2026, 6 + month, 1, tzinfo=UTC))  # fmt: skip
    facts = pd.DataFrame({"propensity": truth.loc[listed["account_id"], "propensity"]}).reset_index()
    done = simulate_sales(
        listed.assign(message=listed["talking_point"].fillna("")), facts, team, misfit=misfit, seed=month
    )
    for name in ("activities", "dispositions", "outcomes"):
        ledger.load(name, getattr(done, name))
    ledger.close()
    return set(listed["account_id"])


def look(month: int, *more: str):
    """The page for both leads, a month after the list."""
    line = [f"ledger.url=sqlite:///{home}/icp.db", "campaign=autumn", "scorecard.window=25d",
            f"scorecard.accounts={home}/accounts.csv",
            f"scorecard.until=2026-0{6 + month}-28", f"output={home}/meeting_{month}"]  # fmt: skip
    return icp.scorecard.run(icp.load_config("scorecard", [*line, *more]))


# %% [markdown]
# ## Three months
#
# After each, the labels that came back join the history. After the first, a person accepts the exclusion that was
# proposed.

# %%
given, left_out, judged, signed = set(), set(), [], []
for month in (1, 2, 3):
    scores = learn(month)
    there = scores.loc[panel].drop([name for name in panel if name in left_out])
    top = there.sort_values("propensity", ascending=False).head(150).index
    judged.append({"month": month, "labels": len(labels), "won of 100 in the best 150": 100 * chance[top].mean(),
                   "no longer sold to": 100 * misfit[top].mean()})  # fmt: skip
    given |= play(month, scores, left_out, given)
    more = (
        [f"scorecard.since=2026-0{6 + month}-01", f"scorecard.scores={home}/scores_{month}/scores.csv"]
        if signed
        else []
    )
    result = look(month, *signed, *more)
    came = result.meeting.tables["labels"].dropna(subset=["label"]).set_index("account_id")["label"].astype(int)
    labels = pd.concat([labels, came[~came.index.isin(labels.index)]])
    if month == 1:
        sheet = pd.read_csv(home / "meeting_1/proposed_exclusions.csv", dtype=str, keep_default_na=False)
        sheet.loc[sheet["value"] == no_longer, ["accept", "by"]] = ["yes", "both leads"]
        sheet.to_csv(home / "signed.csv", index=False)
        signed = [f"scorecard.accepted={home}/signed.csv"]
        look(month, *signed)
    left_out |= set(pd.read_csv(home / f"meeting_{month}/exclude.csv")["account_id"])
assert left_out, "nothing was accepted"
print(result.summary())

# %% [markdown]
# ## Did the lists get better?
#
# Judged on accounts that no list held, by their true chance; a simulation knows it, a company never does. What a
# company sees is the page of the third month: its own lists against its own past, and what the hold-out says.

# %%
better = pd.DataFrame(judged).set_index("month").round(1)
assert better.iloc[-1, 1] > better.iloc[0, 1] + 3, "the last list is no better than the first"
better

# %%
marketing = result.meeting.tables["marketing"]
marketing[["words", "value", "low", "high", "goal", "goal_from", "verdict"]]

# %%
adoption = look(3, "scorecard.per_person=true", f"output={home}/by_rep").meeting.tables["adoption"]
adoption[adoption["part"] == "rep"][["value", "worked_rate", "concordance", "concordance_low", "concordance_high"]]

# %%
result.meeting.tables["decisions"]

# %% [markdown]
# The page itself is a file: `out/loop/meeting_3/meeting.html`.

# %%
print((home / "meeting_3/meeting.html").resolve())
