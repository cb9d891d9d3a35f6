"""Traits: what a model may know of an account on its as-of date.

A trait comes from a column of the accounts table (its value, or the days since the date it holds) or from dated rows up
to the as-of date, and never from a later one. Each says in ``rule`` how it is made, as plain data, so that a stored
model needs nothing else:

================================  ======================================================================================
rule                              the number
================================  ======================================================================================
``value``                         the cell; for categorical traits its code in ``levels``
``age``                           days from the date in the cell to the as-of date; NaN when the date is later
``events:count:90``               rows in the last 90 days
``events:decayed:45``             rows, each weighing one half per 45 days of age
``events:kind:45:visit``          the same for rows of kind ``visit``
``events:recency``                days since the last row; NaN without one
``events:tenure``                 days since the first row; NaN without one
``events:days:365``               different calendar days with a row in the last 365 days
``events:amount_sum:365``         money in the last 365 days; NaN when rows exist but none has an amount
``events:amount_mean:365``        money per row with an amount in the last 365 days; NaN without one
================================  ======================================================================================

``outcomes:`` rules are the same over the outcomes. Windows are ``(as_of - days, as_of]``. Decay lives here, in
half-life weighted counts, never on a finished score. Events are what an account did (side ``engagement``); outcomes are
its history as a customer (side ``fit``).

:class:`TraitEncoder` learns the traits; :func:`encode` and :func:`dated_values` make their values, at training and at
serving alike, each row by itself.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
