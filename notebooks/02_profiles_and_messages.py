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
# # Profiles, and what to say to them
#
# A marketing lead's hour with `icp`: who the best customers are, what moves the score, what may be said to each
# profile and on what evidence, and a page to show the director. It runs on the built-in sample of invented companies.
#
# For your own table, fill in the two lists in the first cell; empty, they mean the sample. It takes a table whose best
# customers fall into profiles: notebook 01 tells.

# %%
import icp

table: list[str] = []  # yours: ["accounts=csv", "accounts.path=leads.csv", "accounts.account_id=Prospect ID"]
label: list[str] = []  # yours: ["labels.column=Converted", "labels.positive=1"]
job = [*table, *label, "name=profiles", "output=out/profiles", "tracking=none"]
trained = icp.train.run(icp.load_config("train", job))
model = trained.model
print(trained.summary())

# %% [markdown]
# ## The page, part by part
#
# `out/profiles/report.html` is one file to open or send. Its parts are objects too: each shows itself, draws with
# `.plot()` and gives its numbers with `.frame()`.

# %%
report = model.report_
report.frame()

# %%
report.profiles.frame()

# %%
report.profiles.plot("profile_01")

# %% [markdown]
# ## Compared with whom?
#
# An index of 200 says twice as common as *in the base*. `index_` holds every group of every trait, distinctive or not;
# the interval and the false-discovery rate `q` say how sure it is. Below 100 it is rarer: what they are not tells them
# apart as well.

# %%
first = model.profiles_.profiles[0].id
index = model.index_.frame()
mine = index[(index["profile_id"] == first) & index["distinctive"]]
best = mine.sort_values("information", ascending=False)
best[["label", "group", "n", "base_n", "index", "low", "high", "q"]].head(10)

# %%
model.index_.plot(first)

# %% [markdown]
# ## What moves the score
#
# What each trait adds to the score, in log-odds: +0.69 doubles the odds. Points are means of some accounts each. This
# is what the score does, associated with becoming a best customer; it is not why anyone buys.

# %%
report.drivers.plot("swarm")

# %%
report.drivers.plot("swarm").frame()

# %% [markdown]
# The same by `shap`, for a sample of the accounts themselves. These points are accounts, so they stay in the notebook:
# nothing of it is saved with the model.

# %%
model.contributions_.plot()

# %%
trait = report.drivers.frame()["trait"].iloc[0]
model.contributions_.plot(trait)

# %% [markdown]
# ## What may be said to each profile
#
# Every sentence of a brief rests on a statistic; a motive that no field stands behind is marked as a hypothesis and
# reaches no account.

# %%
briefs = model.briefs_.frame()
briefs[briefs["profile_id"] == first][["kind", "status", "text"]].head(12)

# %% [markdown]
# Three typical customers, for a face to the numbers. By id only, unless `messages.names=true`; never registered.

# %%
model.examples_[model.examples_["profile_id"] == first]

# %% [markdown]
# ## A message of your own
#
# It is tied to a profile, a trait and a group. It is delivered only to accounts that show the group, and only while
# the group is clearly more common among the best customers of the profile than in the base.

# %%
from pathlib import Path

strongest = best[best["index"] > 100].iloc[0]
message = f"""messages:
  - id: first
    profile: {first}
    trait: {strongest["trait"]}
    group: {strongest["group"]}
    text: >-
      {{share}} of best customers like them look like this, against {{base_share}} overall. Ask how they came to it.
"""
Path("out/messages.yaml").write_text(message, encoding="utf-8")
print(message)

# %%
given = ["model=out/profiles", "tracking=none", "messages.library=out/messages.yaml", "output=out/first_list"]
scored = icp.score.run(icp.load_config("score", [*table, *given, "delivery=generic"]))
said = scored.scores["talking_point"].str.contains("Ask how they came to it.", na=False)
print(f"the message reaches {said.sum():,} of {len(said):,} accounts")
scored.scores.loc[said, ["tier", "profile", "talking_point"]].head(5)

# %% [markdown]
# ## The page with the list
#
# `icp.report` draws the page of any version again: here with the best accounts of the list, to be sorted and filtered.
# With `report.compare=models:/leads/1` it shows another version beside it.

# %%
shown = ["model=out/profiles", "tracking=none", "report.scores=out/first_list", "report.top=50", "output=out/page"]
page = icp.report.run(icp.load_config("report", shown))
page.accounts.frame()[["account_id", "tier", "percentile", "profile", "reason_1"]].head(5)

# %%
size = (page.output / "report.html").stat().st_size
assert size < 1_000_000
print(f"{page.output / 'report.html'}: {size / 1000:,.0f} KB, one file, no network needed")
