"""Slots of the reps in the weeks of one list, from a table that may hold those of other weeks too."""

from __future__ import annotations

from collections.abc import Sequence

from icp.errors import Problem, TableError
from icp.lists import Limit
from icp.tables import Finding

__all__ = ["weekly_limits"]

Row = tuple[str, str, str, str, int]


def weekly_limits(rows: Sequence[Row], weeks: Sequence[str]) -> tuple[list[Limit], tuple[Finding, ...]]:
    """The limits that count for a list.

    Rows of other weeks are left aside, so a list made again is the same however the table has grown since. A row of a
    week that leaves territory and team empty takes those of the rep's other rows.

    Parameters
    ----------
    rows : sequence of (str, str, str, str, int)
        Rep, territory, team, week (empty: all weeks without a row of their own) and slots.
    weeks : sequence of str
        Of the list, as its column ``week`` names them.

    Returns
    -------
    limits : list of Limit
        In the order of the rows.
    findings : tuple of Finding
        ``ICP760`` where rows name weeks, and none of this list.

    Raises
    ------
    TableError
        Weeks are named by number where they have dates, or the other way round (``ICP759``); the list's weeks have no
        slots (``ICP761``).
    """
    dated = "-" in weeks[0]
    named = [row[3] for row in rows if row[3]]
    strange = [week for week in named if ("-" in week) != dated]
    span = weeks[0] if len(weeks) == 1 else f"{weeks[0]} to {weeks[-1]}"
    if strange:
        how = "numbers, and this list's weeks have dates" if dated else "dates, and this list's weeks have only numbers"
        problem = Problem("ICP759", f"column 'week' of call_list.reps holds {how} ({span}).",
                          "Name weeks as the column 'week' of call_list.csv does.", "week", len(strange),
                          tuple(dict.fromkeys(strange))[:3])  # fmt: skip
        raise TableError("The slots of the reps cannot be used.", [problem])
    number = {week: i for i, week in enumerate(weeks)}
    kept = [row for row in rows if not row[3] or row[3] in number]
    homes = {rep: (territory, team) for rep, territory, team, *_ in reversed(kept) if rep and (territory or team)}
    limits = []
    for rep, territory, team, week, slots in kept:
        if rep and week and not (territory or team):
            territory, team = homes.get(rep, ("", ""))
        limits.append(Limit(slots, rep, territory, team, number[week] if week else None))
    if not any(one.slots for one in limits):
        raise TableError.one(
            "ICP761", f"call_list.reps has no slots in the weeks of this list ({span}).",
            "Add rows for these weeks, or rows with an empty week, which hold for all the others.",
        )  # fmt: skip
    if not named or any(week in number for week in named):
        return limits, ()
    message = (
        f"call_list.reps names weeks ({', '.join(dict.fromkeys(named[:3]))}), and none of this list ({span}): "
        "the slots of rows without a week hold."
    )
    return limits, (Finding("ICP760", "note", message, column="week", n_rows=len(named)),)
