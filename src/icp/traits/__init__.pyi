from ._dated import dated_values
from ._encode import encode
from ._encoder import TraitEncoder

__all__ = ["TraitEncoder", "dated_values", "encode"]
