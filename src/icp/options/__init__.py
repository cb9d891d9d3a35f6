"""The options of every part as plain dataclasses: what a config may hold, with its defaults.

A stage takes its options object; ``icp.config`` registers the same class as the schema of the YAML group. Values only:
nothing here imports more than the standard library, and no option names code.
"""

from __future__ import annotations

from icp.options._around import (
    CompareOptions,
    DeliveryOptions,
    LedgerOptions,
    MessageOptions,
    ReportOptions,
    SimulationOptions,
    SparkOptions,
    TrackingOptions,
)
from icp.options._learning import (
    AUTO_NAME,
    BASES,
    BacktestOptions,
    ProfileOptions,
    ReasonOptions,
    ScoringOptions,
    TraitOptions,
    profile_names,
)
from icp.options._lists import CallListOptions, HoldoutOptions, LeadOptions, RuleOptions
from icp.options._loop import ReleaseOptions, ScorecardOptions
from icp.options._reading import AccountOptions, DatedOptions, LabelOptions, OutcomeOptions, ReturnOptions

__all__ = [
    "AUTO_NAME",
    "BASES",
    "AccountOptions",
    "BacktestOptions",
    "CallListOptions",
    "CompareOptions",
    "DatedOptions",
    "DeliveryOptions",
    "HoldoutOptions",
    "LabelOptions",
    "LeadOptions",
    "LedgerOptions",
    "MessageOptions",
    "OutcomeOptions",
    "ProfileOptions",
    "ReasonOptions",
    "ReleaseOptions",
    "ReportOptions",
    "ReturnOptions",
    "RuleOptions",
    "ScorecardOptions",
    "ScoringOptions",
    "SimulationOptions",
    "SparkOptions",
    "TrackingOptions",
    "TraitOptions",
    "profile_names",
]
