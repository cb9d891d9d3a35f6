"""What the model found, for people: one HTML page, a few lines for the terminal, figures that can give their table.

A report is drawn from a *card*: plain JSON values that training stored with the model. Nothing is computed here that
the card does not hold, so every number on the page resolves to a stored statistic, and the page of a registered version
can be drawn again at any time, on any machine, to the same bytes. The page is one file: no font, script or picture is
fetched, and a content security policy forbids that any could be. Text from the user's data is escaped wherever it
stands. Missing evidence is shown as missing, and a model without signal says so before anything else.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
