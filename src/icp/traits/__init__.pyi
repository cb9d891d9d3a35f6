from ._dated import check_rule, dated_values
from ._encode import encode
from ._encoder import TraitEncoder

__all__ = ["TraitEncoder", "check_rule", "dated_values", "encode"]
