"""A list, a team that works it, and what the ledger would then hold."""

import numpy as np
import pandas as pd

from icp.outcomes import FollowRules, follow
from icp.simulation import SalesTeam, simulate_sales

RULES = FollowRules(agreed_days=5, window_days=60, until=pd.Timestamp("2026-07-01"))


def a_list(n=300, seed=0, reps=3, shift=0.0, teams=("north",), at="2026-04-01", messages=()):
    """Accounts with calibrated scores, in tiers of the scores of ``shift=0``, in queues of reps."""
    rng = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-rng.normal(-1.5 + shift, 1.0, n)))
    listed = pd.DataFrame({"account_id": [f"A-{i}" for i in range(n)], "delivered_at": at, "propensity": p})
    listed["run_id"], listed["as_of"] = f"list of {at}", "2026-03-31"
    listed["rep"] = [f"rep {i % reps}" for i in range(n)]
    listed["team"] = [teams[(i % reps) % len(teams)] for i in range(n)]
    listed["tier"] = np.select([p >= 0.445, p >= 0.274, p >= 0.148], ["A", "B", "C"], "D")
    listed["position"] = listed.groupby("rep")["propensity"].rank(ascending=False, method="first")
    listed["message"] = [messages[i % len(messages)] if messages else "" for i in range(n)]
    return listed


def worked(listed, seed=0, misfit=None, rules=RULES, **team):
    """What became of each account of a list, and the run of the team."""
    run = simulate_sales(listed, listed, SalesTeam(**team), misfit=misfit, seed=seed)
    return follow(listed, run.activities, run.dispositions, run.outcomes, rules), run


def won_rate(effect=0.0, shift=0.0):
    """Rate at which accounts of a list win when worked, with something that adds to their log-odds."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    return float(weights @ (1 / (1 + np.exp(1.5 - shift - nodes - effect))) / weights.sum())
