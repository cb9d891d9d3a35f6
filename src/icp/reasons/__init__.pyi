from ._book import ReasonBook, TraitReasons
from ._drivers import PER_POINT, drivers
from ._explain import TOLERANCE, additivity_error, check_additivity, model_contributions
from ._extractor import ReasonExtractor
from ._spread import Contributions

__all__ = [
    "PER_POINT",
    "TOLERANCE",
    "Contributions",
    "ReasonBook",
    "ReasonExtractor",
    "TraitReasons",
    "additivity_error",
    "check_additivity",
    "drivers",
    "model_contributions",
]
