"""Boosted trees as plain numbers, and exactly what each column adds to them.

A booster in LightGBM's text format is read without LightGBM, its trees are cut into small pattern tables once, and the
contributions of any number of rows are then look-ups and additions: exact path-dependent TreeSHAP, in float64, in a
fixed order of sums, at about the price of a prediction.
"""

from icp.trees._tables import PatternTables
from icp.trees._text import Trees, read_trees

__all__ = ["PatternTables", "Trees", "read_trees"]
