"""Best-customer profiling: who the best customers are, which accounts resemble them, and why, in words.

The journey is ``accounts -> labels -> traits -> profiles -> scoring -> reasons -> reports, delivery``; each stage is
a package of its own. :class:`IdealCustomerModel` joins them; ``icp.train.run(icp.load_config("train"))`` and the other
commands do the same from a configuration. Every name is loaded when it is first used: importing ``icp`` does nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from icp._version import __version__

if TYPE_CHECKING:
    from icp._inputs import read_inputs
    from icp.accounts import match_accounts, read_accounts, read_dated
    from icp.bundle import read as load_bundle
    from icp.config import config_dir, load_config
    from icp.errors import ICPError
    from icp.evaluation import evaluate
    from icp.labels import BestCustomerLabeler, compare_definitions
    from icp.model import IdealCustomerModel
    from icp.profiles import ProfileClusterer, distinctive_traits, index_profile, trait_index
    from icp.reasons import ReasonExtractor
    from icp.scoring import PropensityClassifier, TierAssigner
    from icp.simulation import simulate as simulate_crm
    from icp.traits import TraitEncoder

__all__ = [
    "BestCustomerLabeler",
    "ICPError",
    "IdealCustomerModel",
    "ProfileClusterer",
    "PropensityClassifier",
    "ReasonExtractor",
    "TierAssigner",
    "TraitEncoder",
    "__version__",
    "compare_definitions",
    "config_dir",
    "distinctive_traits",
    "evaluate",
    "explain_change",
    "index_profile",
    "load_bundle",
    "load_config",
    "match_accounts",
    "read_accounts",
    "read_dated",
    "read_inputs",
    "simulate_crm",
    "trait_index",
]

_HOMES = {
    "BestCustomerLabeler": ("icp.labels", "BestCustomerLabeler"),
    "ICPError": ("icp.errors", "ICPError"),
    "IdealCustomerModel": ("icp.model", "IdealCustomerModel"),
    "ProfileClusterer": ("icp.profiles", "ProfileClusterer"),
    "PropensityClassifier": ("icp.scoring", "PropensityClassifier"),
    "ReasonExtractor": ("icp.reasons", "ReasonExtractor"),
    "TierAssigner": ("icp.scoring", "TierAssigner"),
    "TraitEncoder": ("icp.traits", "TraitEncoder"),
    "compare_definitions": ("icp.labels", "compare_definitions"),
    "config_dir": ("icp.config", "config_dir"),
    "distinctive_traits": ("icp.profiles", "distinctive_traits"),
    "explain_change": ("icp.engines", "explain_change"),
    "evaluate": ("icp.evaluation", "evaluate"),
    "index_profile": ("icp.profiles", "index_profile"),
    "load_bundle": ("icp.bundle", "read"),
    "load_config": ("icp.config", "load_config"),
    "match_accounts": ("icp.accounts", "match_accounts"),
    "read_accounts": ("icp.accounts", "read_accounts"),
    "read_dated": ("icp.accounts", "read_dated"),
    "read_inputs": ("icp._inputs", "read_inputs"),
    "simulate_crm": ("icp.simulation", "simulate"),
    "trait_index": ("icp.profiles", "trait_index"),
}
_COMMANDS = (
    "backtest",
    "feedback",
    "match",
    "promote",
    "report",
    "score",
    "scorecard",
    "simulate",
    "train",
    "validate",
)


def __getattr__(name: str) -> Any:
    if name in _COMMANDS:
        return importlib.import_module(f"icp.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'icp' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(importlib.import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *_COMMANDS])
