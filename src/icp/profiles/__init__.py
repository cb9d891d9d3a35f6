"""Ideal customer profiles: who the best customers are, group by group, against a named base.

Best customers are seldom one kind. This stage asks first whether they fall into groups at all
(:class:`ProfileClusterer`): a number of profiles counts only if every profile is found again when a fifth of the
customers is left out, and if one population with the same values and the same correlations would not show it. "No
stable profiles" is a legal answer. It then says what sets each group apart (:func:`trait_index`,
:func:`distinctive_traits`, :func:`describe`): the index of a trait, 100 = as common as in the base, with its interval
and with the false-discovery rate held over all traits; a name; at most three conditions that find the profile; and,
from plain parameters (:class:`ProfileSet`), the profile of any account and a sentence that its own data support.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
