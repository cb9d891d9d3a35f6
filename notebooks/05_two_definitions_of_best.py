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
# # Two definitions of best
#
# Marketing says: best is who signs. Sales says: best is who brings money. Before anything is built on one of them,
# both are put on the same accounts: whom do both call best, where do their lists differ, and which of the two can be
# told beforehand at all? An hour for both leads, on a small invented CRM.

# %%
import icp

small = ["simulation.n_accounts=1500", "simulation.base_rate=0.2", "output=out/crm"]
icp.simulate.run(icp.load_config("simulate", small))
reading = [
    *("accounts=csv", "accounts.path=out/crm/accounts.csv", "accounts.account_id=account_id"),
    *("outcomes=csv", "outcomes.path=out/crm/outcomes.csv", "outcomes.account_id=account_id"),
    *("outcomes.at=at", "outcomes.kind=stage", "outcomes.amount=amount_eur", "as_of=2026-03-31"),
]

# %% [markdown]
# ## In words first
#
# A definition is a recipe, a window and a date. Each says in one sentence what it means.

# %%
from icp.labels import make_labels
from icp.options import LabelOptions

signs = LabelOptions(recipe="won", positive="Won", negative="Lost", window="180d")
pays = LabelOptions(recipe="revenue", top_share=0.1, window="180d")
inputs = icp.read_inputs(icp.load_config("train", [*reading, "labels=won", "labels.positive=Won"]))
labels = {
    name: make_labels(options, inputs.accounts, inputs.outcomes, as_of=inputs.accounts.as_of)
    for name, options in (("signs", signs), ("pays", pays))
}
for name, made in labels.items():
    print(f"{name}: {made.definition.text} ({made.definition.n_attained} best)")

# %% [markdown]
# ## Do they mean the same accounts?

# %%
print(icp.compare_definitions(labels["signs"], labels["pays"]).text())

# %% [markdown]
# ## Can each be told beforehand?
#
# `icp.backtest` learns a score of each and places every account by a score that did not learn from its label. It says
# how alike the two rank, and how well each ranks by its own definition. No signal is an answer, too.

# %%
line = [
    *reading,
    *("labels=won", "labels.positive=Won", "labels.negative=Lost"),
    *("versus=revenue", "versus.top_share=0.1"),
    *("scoring.max_trees=40", "scoring.n_folds=3", "backtest.n_bootstrap=50", "tracking=none", "output=out/versus"),
]
result = icp.backtest.run(icp.load_config("backtest", line))
print(result.summary())

# %%
import json
from pathlib import Path

import pandas as pd

told = json.loads(Path("out/versus/definitions.json").read_text("utf-8"))
shown = ["base_rate", "auc", "auc_low", "auc_high", "lift_at_10", "lift_at_10_low", "lift_at_10_high"]
pd.DataFrame(told["judged"]).T[shown]

# %% [markdown]
# Read the two rows with care. A lift is over the base rate of *its own* definition, so a rare definition can show a
# larger lift and still be the harder one; where few accounts are best, the interval is wide. What decides is whether
# the company wants the accounts that the definition calls best, not which lift is larger.
#
# ## Where the lists differ
#
# Each account has a tier by both. Those with the same tier are left out of the file: for them the choice does not
# matter. In the corners it is everything.

# %%
changed = pd.read_csv("out/versus/definitions_changed.csv")
pd.crosstab(changed["tier_a"], changed["tier_b"])

# %%
accounts = pd.read_csv("out/crm/accounts.csv")[["account_id", "industry", "employees"]]
corner = changed[(changed["tier_a"] == "A") & (changed["tier_b"] == "D")]
corner.merge(accounts, on="account_id").head(8)

# %% [markdown]
# These are the accounts to talk about in the meeting: one list has them on top, the other at the bottom. Go through ten
# of them with somebody who knows them.
#
# ## Sign one
#
# `icp.validate` writes a sheet with the definition, its fingerprint and two empty names. Both leads fill it in; from
# then on `labels.signoff=signoff.yaml` says on every report and list that the definition is signed, as long as it is
# the same one.

# %%
chosen = [*reading, "labels=won", "labels.positive=Won", "labels.negative=Lost", "labels.window=180d"]
icp.validate.run(icp.load_config("validate", [*chosen, "output=out/validate"]))
sheet = Path("out/validate/signoff.yaml")
print(sheet.read_text("utf-8"))

# %%
text = sheet.read_text("utf-8").replace('name: ""', 'name: "Kim"').replace('date: ""', 'date: "2026-04-01"')
signed = sheet.with_name("signed.yaml")
signed.write_text(text, encoding="utf-8")
icp.read_inputs(icp.load_config("train", [*chosen, f"labels.signoff={signed}"])).labels.definition.signoff

# %% [markdown]
# Change what is meant, and the signature no longer holds. More:
# [agree on what best means](../docs/how-to/agree-on-best.md).
