"""The typed tables that flow between the stages: columns, dtypes, keys.

Every table is frozen, is indexed by ``account_id`` (text) where it has one row per account, and says when the picture
it shows was taken (``as_of``).
"""

from __future__ import annotations

from icp.tables._accounts import AccountTable, Column, DatedTable, Kind, Role, account_mask
from icp.tables._base import BaseTable
from icp.tables._findings import Finding
from icp.tables._labels import Definition, LabelTable
from icp.tables._traits import OTHER_LEVEL, Trait, TraitTable

__all__ = [
    "OTHER_LEVEL",
    "AccountTable",
    "BaseTable",
    "Column",
    "DatedTable",
    "Definition",
    "Finding",
    "Kind",
    "LabelTable",
    "Role",
    "Trait",
    "TraitTable",
    "account_mask",
]
