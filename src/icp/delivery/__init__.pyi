from ._check import check_load, read_list
from ._fields import Field
from ._package import Delivery, ListPlan, deliver, plan_list
from ._rows import ACCOUNT_COLUMN, NEXT_ACTION
from ._targets import Empty, Limit, Record, Target, shaped, target, target_names

__all__ = [
    "ACCOUNT_COLUMN",
    "NEXT_ACTION",
    "Delivery",
    "Empty",
    "Field",
    "Limit",
    "ListPlan",
    "Record",
    "Target",
    "check_load",
    "deliver",
    "plan_list",
    "read_list",
    "shaped",
    "target",
    "target_names",
]
