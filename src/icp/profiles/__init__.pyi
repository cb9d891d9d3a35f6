from ._book import Profile, ProfileSet, ProfileTrait, Rule
from ._clusterer import ProfileClusterer
from ._describe import describe
from ._index import MIN_BEST_CUSTOMERS, distinctive_traits, trait_index
from ._index_profile import ALL_BEST, INDEX_COLUMNS, IndexProfile, index_profile

__all__ = [
    "ALL_BEST",
    "INDEX_COLUMNS",
    "MIN_BEST_CUSTOMERS",
    "IndexProfile",
    "Profile",
    "ProfileClusterer",
    "ProfileSet",
    "ProfileTrait",
    "Rule",
    "describe",
    "distinctive_traits",
    "index_profile",
    "trait_index",
]
