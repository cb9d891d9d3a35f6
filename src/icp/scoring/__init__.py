"""A calibrated score that is a sum: how likely an account is to become a best customer, and what each trait adds.

The margin (log-odds) is a weighted sum of a linear part, with one curve per trait, and of averaged boosters of small
trees that correct it. Weights and intercept are learned on margins of rows the parts have not seen, so the margin is
calibrated, and what the traits add sums to it exactly. Few best customers get a simpler model; noise gets the base
rate.

Accounts are ranked by margin. A percentile is the position among the training accounts, and tiers are cut from it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
