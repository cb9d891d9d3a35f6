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
# # Bring your own model
#
# You have a classifier already, and trust it. It can take the place of the score: it is judged on accounts it never
# saw, calibrated, explained in words, and gets tiers and profiles, like the built-in one. Here both stand side by side
# on a small invented CRM.

# %%
import icp

small = ["simulation.n_accounts=900", "simulation.base_rate=0.25", "output=out/crm"]
icp.simulate.run(icp.load_config("simulate", small))
cfg = icp.load_config(
    "train",
    [
        *("accounts=csv", "accounts.path=out/crm/accounts.csv", "accounts.account_id=account_id"),
        "accounts.ignore=[city,country,website,owner]",
        *("outcomes=csv", "outcomes.path=out/crm/outcomes.csv", "outcomes.account_id=account_id"),
        *("outcomes.at=at", "outcomes.kind=stage"),
        *("labels=won", "labels.positive=Won", "labels.negative=Lost", "as_of=2026-03-31"),
        *("backtest.order=rows", "scoring.max_trees=60", "profiles.n_resamples=10"),
    ],
)
inputs = icp.read_inputs(cfg)
definition = inputs.labels.definition
print(f"{definition.n_attained} best customers, {definition.n_attrited} not: {definition.text}")

# %% [markdown]
# ## Your model
#
# Any scikit-learn classifier with `predict_proba`. It sees one column per trait: numbers, `NaN` where nothing is known,
# categories as whole-number codes. Put an imputer or encoder in a `Pipeline` in front of one that needs it.

# %%
from sklearn.ensemble import HistGradientBoostingClassifier

mine = HistGradientBoostingClassifier(max_iter=20, random_state=0)

# %% [markdown]
# ## Both, judged on the same accounts
#
# The last fifth of the rows is held out from both. Explaining somebody else's model by `shap` asks it thousands of
# times per account, and `shap` compiles itself first: this takes some twenty seconds. The built-in score explains
# itself.

# %%
stages = {part: getattr(cfg, part) for part in ("traits", "profiles", "scoring", "reasons", "backtest")}
models = {
    "icp": icp.IdealCustomerModel("icp", seed=cfg.seed, **stages),
    "mine": icp.IdealCustomerModel("mine", classifier=mine, seed=cfg.seed, **stages),
}
for model in models.values():
    model.fit(inputs.accounts, inputs.labels, outcomes=inputs.outcomes)

# %%
import pandas as pd

shown = ["auc", "auc_low", "auc_high", "lift_at_10", "lift_at_10_low", "lift_at_10_high", "log_loss", "n_test"]
pd.DataFrame({name: model.metrics_ for name, model in models.items()}).T[shown]

# %% [markdown]
# Two intervals that overlap do not prove the two equal: these are few accounts. What is read off here is whether your
# model is clearly behind or ahead. Its probabilities were calibrated by a straight line in log-odds, so a stated 10 %
# can be taken as one in ten, as far as the slope allows (1 is right):

# %%
{name: round(model.metrics_["calibration_slope"], 2) for name, model in models.items()}

# %% [markdown]
# ## Its reasons
#
# Contributions come from `shap`; they add up to your model's calibrated log-odds, and are worded with the rates of
# your table, like those of the built-in score.

# %%
history = {"outcomes": inputs.outcomes, "as_of": cfg.as_of}
few = inputs.accounts.frame.head(8)
scores = {name: model.score_accounts(few, **history) for name, model in models.items()}
scores["mine"][["tier", "propensity", "reason_1", "watch_out"]]

# %%
parts = models["mine"].explain_accounts(few, **history)
assert (parts.drop(columns="margin").sum(axis=1) - parts["margin"]).abs().max() < 1e-6
parts.T.head(6)

# %% [markdown]
# Where the two name other reasons, neither is wrong: each says what *it* rests on, and traits that say the same share
# their weight differently.

# %%
pd.DataFrame({name: made["reason_1"].str.partition(":")[0] for name, made in scores.items()})

# %% [markdown]
# Profiles do not depend on the score: they describe best customers.

# %%
models["mine"].report_.profiles.plot("profile_01")

# %% [markdown]
# ## What it cannot do
#
# A saved model is data, never code, so yours cannot be saved, and commands such as `icp.score` cannot use it:

# %%
try:
    models["mine"].save("out/mine")
except icp.ICPError as error:
    print(error)

# %% [markdown]
# Does your model live elsewhere, and gives each account a number already? Then hand that number over as a column:
# `accounts.current_score=its_column` with `icp.backtest` says what the built-in score adds to it, or does not
# ([would this list have worked?](../docs/how-to/backtest.md)). More:
# [your own scikit-learn classifier](../docs/how-to/own-estimator.md).
