from ._adoption import adoption, concordance, rate_gap, worked_by_tier
from ._codes import DispositionCode, disposition_codes
from ._follow import HELD_OUT, FollowRules, follow
from ._goals import GOAL_KEYS, Goals, goals_template, read_goals
from ._learn import answers, labels_from, standing
from ._ledger import Ledger, check_entries
from ._misfits import judged_accounts, misfit_needed, misfits, of_kind
from ._proposals import PROPOSAL_KEYS, Proposal, proposals_of
from ._rates import observed_expected
from ._returned import Loaded
from ._scorecards import marketing_scorecard, sales_scorecard, tier_precision
from ._tidy import tidy

__all__ = [
    "GOAL_KEYS",
    "HELD_OUT",
    "PROPOSAL_KEYS",
    "DispositionCode",
    "FollowRules",
    "Goals",
    "Ledger",
    "Loaded",
    "Proposal",
    "adoption",
    "answers",
    "check_entries",
    "concordance",
    "disposition_codes",
    "follow",
    "goals_template",
    "judged_accounts",
    "labels_from",
    "marketing_scorecard",
    "misfit_needed",
    "misfits",
    "observed_expected",
    "of_kind",
    "proposals_of",
    "rate_gap",
    "read_goals",
    "sales_scorecard",
    "standing",
    "tidy",
    "tier_precision",
    "worked_by_tier",
]
