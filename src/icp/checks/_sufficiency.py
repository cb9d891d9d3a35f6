"""Whether there are enough best customers to say anything, and how much."""

from __future__ import annotations

from typing import Literal

from icp.errors import NotEnoughDataError, Problem
from icp.tables import Finding

__all__ = ["MIN_BEST", "sufficiency"]

MIN_BEST = 10
_MIN_MODEL = 40
_MIN_BLEND = 120

_KEYS = "labels.window, labels.positive, labels.top_share"

Mode = Literal["rates", "linear", "blend"]


def sufficiency(n_best: int, n_rest: int) -> tuple[Mode, list[Finding]]:
    """What the data can bear.

    Parameters
    ----------
    n_best : int
        Labelled accounts that are best customers.
    n_rest : int
        Labelled accounts that are not.

    Returns
    -------
    mode : {"rates", "linear", "blend"}
        ``rates`` below 40 of the smaller side, ``linear`` below 120, else ``blend``.
    findings : list of Finding
        ``ICP202`` where that is less than the full model.

    Raises
    ------
    NotEnoughDataError
        Fewer than 10 best customers, or fewer than 10 others (``ICP201``); both are told at once.

    Examples
    --------
    >>> mode, findings = sufficiency(64, 900)
    >>> mode, findings[0].code
    ('linear', 'ICP202')
    """
    problems = [
        Problem(
            "ICP201",
            f"only {many:,} labelled accounts are {what}; at least {MIN_BEST} are needed.",
            action,
            n_rows=many,
        )
        for many, what, action in (
            (n_best, "best customers", f"Widen the definition ({_KEYS}) or bring more history."),
            (n_rest, "not best customers", f"Narrow the definition ({_KEYS}), or say with labels.negative who is not."),
        )
        if many < MIN_BEST
    ]
    if problems:
        raise NotEnoughDataError(f"too little to learn from: {n_best:,} best customers, {n_rest:,} others", problems)
    fewest = min(n_best, n_rest)
    if fewest >= _MIN_BLEND:
        return "blend", []
    side = "best customers" if n_best <= n_rest else "accounts that are not best customers"
    if fewest < _MIN_MODEL:
        mode: Mode = "rates"
        message = f"only {fewest:,} {side}: scores are cautious rates of coarse groups, and every interval is wide."
    else:
        mode = "linear"
        message = f"only {fewest:,} {side}: a simple linear score was used, and intervals are wide."
    evidence = {"n_best": n_best, "n_rest": n_rest, "mode": mode}
    return mode, [Finding("ICP202", "warning", message, "noted", n_rows=fewest, evidence=evidence)]
