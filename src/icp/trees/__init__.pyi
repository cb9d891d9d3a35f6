from ._paths import LeafPaths
from ._tables import PatternTables
from ._text import Trees, read_trees

__all__ = ["LeafPaths", "PatternTables", "Trees", "read_trees"]
