"""Whether there are enough best customers to say anything, and how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from icp.errors import NotEnoughDataError, Problem
from icp.tables import Finding

__all__ = ["MIN_BEST", "sufficiency"]

MIN_BEST = 10
_MIN_MODEL = 40
_MIN_BLEND = 120

_KEYS = "labels.window, labels.positive, labels.top_share"

_WITHOUT_LABEL = {
    "ICP221": "A first win cannot be learned from who had one: set an earlier as_of, or let customers count again with "
    "labels=revenue.",
    "ICP222": "Say which values or outcomes mean not best with labels.negative, or wait until they are decided.",
}
"""Why accounts have no label, and what can be done."""

Mode = Literal["rates", "linear", "blend"]


def sufficiency(n_best: int, n_rest: int, found: Sequence[Finding] = ()) -> tuple[Mode, list[Finding]]:
    """What the data can bear.

    Parameters
    ----------
    n_best : int
        Labelled accounts that are best customers.
    n_rest : int
        Labelled accounts that are not.
    found : sequence of Finding, default=()
        Of the labels; those that say why accounts have no label are told with the error.

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
        problems += [
            Problem(one.code, one.message, _WITHOUT_LABEL[one.code], n_rows=one.n_rows)
            for one in found
            if one.code in _WITHOUT_LABEL
        ]
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
