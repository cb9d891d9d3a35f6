"""Reasons: why an account scores as it does, in sentences whose every number can be checked.

The score is a sum, so each trait's contribution has a sign and a size. The strongest contributions choose the
sentences; what a sentence says is counted in the training accounts ("41 of 690"). A sentence is used only when its rate
points the way of the contribution; it speaks of association, never of cause.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
