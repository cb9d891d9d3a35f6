from ._check import check_load, read_list
from ._fields import Field
from ._package import Delivery, FilePlan, deliver, plan_files
from ._rows import ACCOUNT_COLUMN
from ._targets import Empty, Limit, Record, Target, shaped, target, target_names

__all__ = [
    "ACCOUNT_COLUMN",
    "Delivery",
    "Empty",
    "Field",
    "FilePlan",
    "Limit",
    "Record",
    "Target",
    "check_load",
    "deliver",
    "plan_files",
    "read_list",
    "shaped",
    "target",
    "target_names",
]
