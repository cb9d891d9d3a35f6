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
# # Who are our best customers?
#
# An hour with `icp` on its built-in sample: 5,000 invented companies, what they did, and the deals that followed.
# By the end there is a model, a picture of the ideal customers, and a list that sales can work.
#
# For your own table, fill in the two lists in the first cell; empty, they mean the sample.

# %%
import icp

table: list[str] = []  # yours: ["accounts=csv", "accounts.path=leads.csv", "accounts.account_id=Prospect ID"]
label: list[str] = []  # yours: ["labels.column=Converted", "labels.positive=1"]
cfg = icp.load_config("train", [*table, *label, "name=first_profile"])
cfg.accounts.source, cfg.labels.recipe, cfg.as_of

# %% [markdown]
# ## What was read
#
# Every column is judged as a whole, and the verdict is kept in words. Look here first: a column taken for the wrong
# thing is the commonest fault, and `accounts.numeric=[...]`, `accounts.ignore=[...]` and their like put it right.

# %%
inputs = icp.read_inputs(cfg)
inputs.accounts.frame.head()

# %%
import pandas as pd

pd.DataFrame([column.to_dict() for column in inputs.accounts.columns])[["name", "role", "kind", "reason"]]

# %% [markdown]
# ## What "best" means
#
# Traits look only up to the as-of date; the label looks only after it. Accounts of which nothing can be said yet are
# unlabelled, not "not best".

# %%
definition = inputs.labels.definition
print(f"Best customer: {definition.text}")
print(f"{definition.n_attained} did, {definition.n_attrited} did not, {definition.n_unlabelled} cannot be judged")

# %% [markdown]
# ## Learn
#
# `fit` looks for columns that give the answer away, judges a score on accounts it never saw, learns it again from all,
# looks for profiles, and prepares the reasons. It takes about a minute.

# %%
stages = {part: getattr(cfg, part) for part in ("traits", "profiles", "scoring", "reasons", "backtest")}
model = icp.IdealCustomerModel(cfg.name, seed=cfg.seed, **stages)
model.fit(inputs.accounts, inputs.labels, events=inputs.events, outcomes=inputs.outcomes, reading=cfg.accounts)
[f"{finding.code} {finding.message}" for finding in model.findings_]

# %% [markdown]
# ## Is it any good?
#
# Figures are from accounts the model had not seen, with 95 % intervals. `estimand` says for which accounts they hold.

# %%
m = model.metrics_
print(f"AUC {m['auc']:.3f} ({m['auc_low']:.3f} to {m['auc_high']:.3f})")
print(f"lift in the best tenth {m['lift_at_10']:.2f} ({m['lift_at_10_low']:.2f} to {m['lift_at_10_high']:.2f})")
slope = [f"{m[key]:.2f}" for key in ("calibration_slope", "calibration_slope_low", "calibration_slope_high")]
print(f"calibration slope {slope[0]} ({slope[1]} to {slope[2]}); 1 means that a stated 10 % is one in ten")
print(f"judged on {m['n_test']:,} accounts, split: {m['split']}; holds for: {m['estimand']}")

# %% [markdown]
# ## Figures, each with its table

# %%
from icp.reports import figures

figure = {figure.name: figure for figure in figures(model.bundle_.card)}
figure["deciles"]

# %%
figure["deciles"].frame()

# %%
figure["calibration"].frame()

# %% [markdown]
# ## The profiles
#
# Groups of alike best customers, on what was known before the sale. An index of 100 is as common as in the base; the
# interval says how sure that is. A profile describes; it does not say what would happen if an account changed. Where
# best customers do not fall into groups that come back, there are none.

# %%
shown = ["id", "name", "n", "share", "rate", "value", "stability"]
pd.DataFrame(model.bundle_.card["profiles"], columns=shown)

# %%
profiles = model.profiles_.frame()
profiles[["profile_id", "label", "group", "share", "base_share", "index", "low", "high", "n"]].head(12)

# %%
figure.get("profile_01", "no stable profiles")

# %% [markdown]
# ## Score accounts
#
# Here the same accounts, as the picture was on the same day; usually new ones with the same columns. `propensity` is a
# probability, `percentile` a place among the accounts learned from.

# %%
history = {"events": inputs.events, "outcomes": inputs.outcomes, "as_of": cfg.as_of}
scores = model.score_accounts(inputs.accounts, **history)
scores["tier"].value_counts().sort_index()

# %%
top = scores.sort_values("percentile", ascending=False, kind="stable")
top[["tier", "percentile", "propensity", "profile", "reason_1"]].head(10)

# %% [markdown]
# ## Why this account?
#
# Reasons are what the model did, in words, each with a rate you can check. They are associations: "such accounts became
# best customers more often", never "this made them best customers". `confidence` is low where an account is unlike
# those learned from: call lists leave it out, however high it stands, so look at it yourself.

# %%
account = top.index[0]
top.loc[account, ["reason_1", "reason_2", "reason_3", "watch_out", "talking_point", "confidence"]].to_dict()

# %% [markdown]
# The words rest on numbers that add up: base plus contributions is the score in log-odds.

# %%
explained = model.explain_accounts(inputs.accounts.frame.loc[[account]], **history).loc[account]
contributions = explained.drop(["base", "margin"])
assert abs(explained["base"] + contributions.sum() - explained["margin"]) < 1e-6
contributions[contributions.abs().sort_values(ascending=False).index].head(8)

# %% [markdown]
# ## Export
#
# Save the model as a folder of data, and let the score command write the list with the files for the CRM. On the
# command line this is `python -m icp.score model=out/first_profile output=out/first_list delivery=generic`.

# %%
model.save("out/first_profile")
job = icp.load_config("score", [*table, "model=out/first_profile", "output=out/first_list", "delivery=generic"])
result = icp.score.run(job)
print(result.summary())

# %% [markdown]
# Next: `python -m icp.train` does all of this in one command, registers the version and writes the report.
# [Your own CSV](../docs/how-to/own-csv.md) shows it on your table.
