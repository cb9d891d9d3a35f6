from ._bind import BoundMessage, bind, binding_findings, name_problems
from ._book import BookEntry, MessageBook
from ._brief import BRIEF_COLUMNS, Briefs, build_briefs
from ._library import ALL, PLACEHOLDERS, Library, Message, read_library

__all__ = [
    "ALL",
    "BRIEF_COLUMNS",
    "PLACEHOLDERS",
    "BookEntry",
    "BoundMessage",
    "Briefs",
    "Library",
    "Message",
    "MessageBook",
    "bind",
    "binding_findings",
    "build_briefs",
    "name_problems",
    "read_library",
]
