"""A simulated CRM whose truth is known: for tests, for the tutorial, for measuring what the other stages find.

Companies are drawn from planted profiles and from a background of everybody else. Their chance to become a best
customer is a sum of effects in log-odds, each a function of named columns: so it is known who belongs together, what
drives the result, and how good any score can possibly be. The tables then pass through what real tables pass through:
typing errors, gaps, mixed formats, second records; and, on request, leaks from after the as-of date, drift, and a sales
team that works only what looks good.

:func:`simulate` makes a :class:`SimulatedCRM`; :func:`leak_kinds` lists the leaks it can plant. :func:`simulate_sales`
lets a :class:`SalesTeam` work a list, with misfits, messages that help, delays and lost records planted.
"""

from icp.simulation._crm import SimulatedCRM, simulate
from icp.simulation._leaks import leak_kinds
from icp.simulation._sales import SalesRun, SalesTeam, simulate_sales

__all__ = ["SalesRun", "SalesTeam", "SimulatedCRM", "leak_kinds", "simulate", "simulate_sales"]
