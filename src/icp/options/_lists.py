"""Who is on the lists that sales gets: hold-out, rules, call lists."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HoldoutOptions"]


@dataclass
class HoldoutOptions:
    """Accounts that sales does not get, so that what the list adds can be measured.

    Parameters
    ----------
    share : float, default=0.0
        Share of the accounts held out in every score band; 0 holds none out.
    effect : float, default=None
        Rise of the rate that would matter, such as 0.02; the sample it takes is said before launch. None takes a fifth
        of the expected rate.
    """

    share: float = 0.0
    effect: float | None = None
