from ._book import Profile, ProfileSet
from ._clusterer import ProfileClusterer
from ._describe import NAME_LIMIT, describe
from ._filters import NO_RULE, RuleFilter, rule_filter, sql_name
from ._identity import Former, Link, next_ids, trace
from ._index import MIN_BEST_CUSTOMERS, distinctive_traits, trait_index
from ._index_profile import ALL_BEST, INDEX_COLUMNS, IndexProfile, index_profile
from ._parts import ProfileTrait, Rule
from ._space import nearest

__all__ = [
    "ALL_BEST",
    "INDEX_COLUMNS",
    "MIN_BEST_CUSTOMERS",
    "NAME_LIMIT",
    "NO_RULE",
    "Former",
    "IndexProfile",
    "Link",
    "Profile",
    "ProfileClusterer",
    "ProfileSet",
    "ProfileTrait",
    "Rule",
    "RuleFilter",
    "describe",
    "distinctive_traits",
    "index_profile",
    "nearest",
    "next_ids",
    "rule_filter",
    "sql_name",
    "trace",
    "trait_index",
]
