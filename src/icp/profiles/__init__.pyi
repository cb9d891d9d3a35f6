from ._book import Profile, ProfileSet, ProfileTrait, Rule
from ._clusterer import ProfileClusterer
from ._describe import describe
from ._index import MIN_BEST_CUSTOMERS, distinctive_traits, trait_index

__all__ = [
    "MIN_BEST_CUSTOMERS",
    "Profile",
    "ProfileClusterer",
    "ProfileSet",
    "ProfileTrait",
    "Rule",
    "describe",
    "distinctive_traits",
    "trait_index",
]
