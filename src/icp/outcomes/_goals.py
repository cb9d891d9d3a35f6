"""What each team wants to reach, agreed and dated by both leads."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from icp.errors import ConfigError, Problem, did_you_mean

__all__ = ["GOAL_KEYS", "Goals", "goals_template", "read_goals"]

GOAL_KEYS: dict[str, dict[str, str]] = {
    "marketing": {
        "acceptance": "share of judged accounts that sales takes, at least",
        "precision_a": "share of tier A that is won, at least",
        "precision_b": "share of tier B that is won, at least",
        "capture_ab": "share of all wins that lie in tiers A and B, at least",
        "calibration": "how far wins may differ from what was promised, such as 1.25 times",
        "freshness": "days between the picture and the list, at most",
        "completeness": "share of accounts with tier, score and a reason, at least",
    },
    "sales": {
        "follow_up": "share worked inside the agreed time, at least",
        "follow_up_a": "share of tier A worked inside the agreed time, at least",
        "touch_days": "median days to first touch, at most",
        "observed_to_expected": "wins, divided by those expected of the mix received, at least",
        "dispositions": "share of worked accounts with a disposition, at least",
        "messages": "share of worked accounts for which the message was used, at least",
    },
}
"""What can be a goal of which team."""


@dataclass(frozen=True)
class Goals:
    """Goals of both teams.

    Parameters
    ----------
    marketing, sales : mapping of str to float
        Keys of :data:`GOAL_KEYS`.
    agreed_days : int or None
        Days from delivery to first touch.
    agreed_on : str or None
        ISO date on which the later of both leads agreed; None where one has not: then nothing here counts.
    """

    marketing: Mapping[str, float] = field(default_factory=dict)
    sales: Mapping[str, float] = field(default_factory=dict)
    agreed_days: int | None = None
    agreed_on: str | None = None


def read_goals(path: str | Path) -> Goals:
    """Read ``goals.yaml``.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Goals
        Not agreed (``agreed_on`` is None) while a name or a date is missing.

    Raises
    ------
    ConfigError
        The file cannot be read, or holds what is no goal (``ICP753``); all problems at once.
    """
    import yaml  # type: ignore[import-untyped]

    try:
        read = yaml.safe_load(Path(path).read_text("utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise _wrong([Problem("ICP753", f"'{path}' cannot be read ({type(error).__name__}).", _START)]) from None
    if not isinstance(read, dict):
        raise _wrong([Problem("ICP753", f"'{path}' holds no goals.", _START)])
    problems = [
        Problem("ICP753", f"there is no part '{name}' in goals.", f"{did_you_mean(str(name), _PARTS)}{_START}")
        for name in read
        if name not in _PARTS
    ]
    found = {team: _numbers(team, read.get(team) or {}, problems) for team in GOAL_KEYS}
    days = read.get("agreed_days")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or days < 0):
        problems.append(Problem("ICP753", f"agreed_days is {days!r}.", "Give whole days, such as 5."))
    agreed = _agreed(read.get("agreed") or {}, problems)
    if problems:
        raise _wrong(problems)
    return Goals(found["marketing"], found["sales"], days, agreed)


def goals_template() -> str:
    """A sheet to fill in.

    Returns
    -------
    str
        YAML; nothing in it is agreed.
    """
    lines = [
        "# What each team wants to reach. It counts once both leads have agreed: a name and a date each.",
        "agreed:",
        "  marketing: {by: null, date: null}        # date: such as 2026-04-01",
        "  sales: {by: null, date: null}",
        "agreed_days: 5                           # days from delivery to first touch",
    ]
    for team, keys in GOAL_KEYS.items():
        lines += [
            f"{team}:",
            *(f"  {name}: null{' ' * max(1, 33 - len(name))}# {words}" for name, words in keys.items()),
        ]
    return "\n".join(lines) + "\n"


_PARTS = ("agreed", "agreed_days", *GOAL_KEYS)
_START = "Start from the goals.yaml that icp.scorecard writes."


def _wrong(problems: list[Problem]) -> ConfigError:
    return ConfigError("The goals cannot be used.", problems)


def _numbers(team: str, given: Any, problems: list[Problem]) -> dict[str, float]:
    if not isinstance(given, dict):
        problems.append(Problem("ICP753", f"'{team}' in goals is not a list of goals.", _START))
        return {}
    found = {}
    for name, value in given.items():
        if name not in GOAL_KEYS[team]:
            hint = f"{did_you_mean(str(name), GOAL_KEYS[team])}Goals of {team}: {', '.join(GOAL_KEYS[team])}."
            problems.append(Problem("ICP753", f"'{team}.{name}' is no goal.", hint))
        elif value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
            problems.append(Problem("ICP753", f"'{team}.{name}' is {value!r}.", "Give a number, or null."))
        elif value is not None and value > 1 and GOAL_KEYS[team][name].startswith("share"):
            problems.append(Problem("ICP753", f"'{team}.{name}' is {value!r}.", "Write a share as 0.9 for 90 %."))
        elif value is not None:
            found[name] = float(value)
    return found


def _agreed(given: Any, problems: list[Problem]) -> str | None:
    """The later date, where both leads have signed."""
    days = []
    for team in GOAL_KEYS:
        signed = given.get(team) if isinstance(given, dict) else None
        signed = signed if isinstance(signed, dict) else {}
        if not signed.get("by") or not signed.get("date"):
            continue
        try:
            days.append(datetime.date.fromisoformat(str(signed["date"])))
        except ValueError:
            message = f"agreed.{team}.date is '{signed['date']}'."
            problems.append(Problem("ICP753", message, "Write the date as 2026-04-01."))
    return max(days).isoformat() if len(days) == len(GOAL_KEYS) else None
