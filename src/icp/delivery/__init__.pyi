from ._check import check_load, read_list, read_manifest
from ._diagnosis import what_changed
from ._fields import Field
from ._keys import FORMULA, call_list_problems
from ._package import Delivery, ListPlan, deliver, plan_list
from ._reconcile import DIFFERENCES, Reconciled, difference_words, reconcile
from ._rows import ACCOUNT_COLUMN, NEXT_ACTION
from ._since import Since, read_since
from ._targets import Empty, Limit, Record, Target, shaped, target, target_names
from ._verify import altered

__all__ = [
    "ACCOUNT_COLUMN",
    "DIFFERENCES",
    "FORMULA",
    "NEXT_ACTION",
    "Delivery",
    "Empty",
    "Field",
    "Limit",
    "ListPlan",
    "Reconciled",
    "Record",
    "Since",
    "Target",
    "altered",
    "call_list_problems",
    "check_load",
    "deliver",
    "difference_words",
    "plan_list",
    "read_list",
    "read_manifest",
    "read_since",
    "reconcile",
    "shaped",
    "target",
    "target_names",
    "what_changed",
]
