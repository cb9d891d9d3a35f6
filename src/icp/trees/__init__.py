"""Boosted trees as plain numbers, and exactly what each column adds to them.

A booster in LightGBM's text format is read without LightGBM, its trees are cut into small pattern tables once, and the
contributions of any number of rows are then look-ups and additions: exact path-dependent TreeSHAP, in float64, in a
fixed order of sums, at about the price of a prediction. A few rows are taken down the paths to the leaves instead, with
the same numbers, because making the tables takes a second.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
