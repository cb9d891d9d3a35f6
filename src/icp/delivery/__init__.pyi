from ._package import Delivery, check_keys, deliver
from ._targets import Field, Target, target, target_names

__all__ = [
    "Delivery",
    "Field",
    "Target",
    "check_keys",
    "deliver",
    "target",
    "target_names",
]
