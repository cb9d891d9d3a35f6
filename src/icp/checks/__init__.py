"""Numbered checks that stand between the data and a promise.

Each check returns :class:`icp.tables.Finding` objects with the numbers behind them. :func:`sufficiency` says what the
number of best customers can bear, :func:`leakage` which columns know what they could not have known, :func:`drift`
whether the accounts being scored are still like those learned from, :func:`selection` who gets selected by sensitive
group, :func:`proxies` which traits give such a group away, :func:`known_customers` whether known customers can stand
for all customers, and :func:`grouped_rows` which rows must not be parted.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
