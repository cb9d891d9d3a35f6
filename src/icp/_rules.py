"""Tables that sales operations keeps beside the accounts: exclusions, overrides, reps, territories, next actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from icp._wording import as_written, plain
from icp.accounts import missing_columns, read_raw
from icp.config import RunConfig
from icp.errors import ICPError, Problem, TableError
from icp.options import AccountOptions, CallListOptions
from icp.tables import Finding

__all__ = ["ListTables", "read_actions", "read_list_tables"]

_ID = "account_id"
CALL_LIST_COLUMNS = {
    "week", "rep", "rank", _ID, "territory", "next_action", "slot", "override", "tier", "profile", "propensity",
    "expected_value", "reason_1", "reason_2", "reason_3", "watch_out", "talking_point",
}  # fmt: skip
_YES, _NO = ("1", "1.0", "true", "yes"), ("0", "0.0", "false", "no")
Columns = dict[str, list[str]]


@dataclass(frozen=True)
class ListTables:
    """What these tables say.

    Parameters
    ----------
    excluded, included : mapping of str to str
        Reason of each account.
    best : mapping of str to bool
        Outcome of each account that has one.
    reps : tuple of (str, str, str, str, int)
        Rep, territory, team, week (empty: every other) and slots of each row.
    territory, owner : mapping of str to str
        Of each account.
    actions : mapping of str to str
        Next action of each tier.
    shown : mapping of str to (mapping of str to str), default={}
        For each column of ``call_list.show``, the cell of each account.
    files : mapping of str to tuple of str, default={}
        Ids of each file of rules.
    reworded : tuple of Finding, default=()
        ``ICP745`` for each column with words that a CRM would change.
    """

    excluded: Mapping[str, str]
    included: Mapping[str, str]
    best: Mapping[str, bool]
    reps: tuple[tuple[str, str, str, str, int], ...]
    territory: Mapping[str, str]
    owner: Mapping[str, str]
    actions: Mapping[str, str]
    shown: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reworded: tuple[Finding, ...] = ()


def read_list_tables(config: RunConfig) -> ListTables:
    """Read what the run names.

    Parameters
    ----------
    config : RunConfig
        With ``rules`` and ``call_list``.

    Returns
    -------
    ListTables
        Empty where nothing is named.

    Raises
    ------
    TableError
        Files that cannot be read or understood; all at once.
    """
    reader, calls = _Reader(config.accounts.account_id), config.call_list
    files: dict[str, tuple[str, ...]] = {}
    excluded, included = (
        reader.reasons(getattr(config.rules, name), files, f"rules.{name}") for name in ("exclude", "include")
    )
    best = reader.outcomes(config.rules.outcomes)
    reps = reader.reps(calls.reps)
    territory, owner, shown = reader.places(calls)
    actions = reader.actions(calls.actions)
    reader.refuse()
    return ListTables(excluded, included, best, reps, territory, owner, actions, shown, files, tuple(reader.findings))


def read_actions(config: RunConfig) -> dict[str, str]:
    """The company's own next action of each tier.

    Parameters
    ----------
    config : RunConfig
        With ``call_list.actions``.

    Returns
    -------
    dict of str to str
        Empty where it names no file.

    Raises
    ------
    TableError
        The file cannot be read or understood.
    """
    reader = _Reader(config.accounts.account_id)
    actions = reader.actions(config.call_list.actions)
    reader.refuse()
    return actions


class _Reader:
    """Reads one table after the other and keeps every problem."""

    def __init__(self, account_id: str | None) -> None:
        self._account_id = account_id
        self.problems: list[Problem] = []
        self.findings: list[Finding] = []

    def refuse(self) -> None:
        if self.problems:
            raise TableError("The lists cannot be made.", self.problems)

    def reasons(self, paths: Sequence[str], files: dict[str, tuple[str, ...]], key: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in paths:
            table = self._read(path, key, (_ID,), ("reason",))
            default = plain(Path(path).stem.replace("_", " ").replace("-", " "))
            reasons = table.get("reason") or [""] * len(table.get(_ID, []))
            for name, reason in zip(table.get(_ID, []), self._words(path, "reason", reasons), strict=True):
                words = reason or default
                found[name] = words if name not in found or words == found[name] else f"{found[name]}; {words}"
            files[path] = tuple(table.get(_ID, ()))
        return found

    def outcomes(self, path: str | None) -> dict[str, bool]:
        if not path:
            return {}
        table = self._read(path, "rules.outcomes", (_ID, "best"))
        pairs = list(zip(table.get(_ID, []), table.get("best", []), strict=True))
        unclear = [value for _, value in pairs if value and value.casefold() not in (*_YES, *_NO)]
        if unclear:
            message = f"column 'best' of '{path}' holds values other than 1 and 0."
            self._wrong("ICP731", message, "Write 1, 0, or nothing.", unclear)
        return {name: value.casefold() in _YES for name, value in pairs if value}

    def reps(self, path: str | None) -> tuple[tuple[str, str, str, str, int], ...]:
        if not path:
            return ()
        table = self._read(path, "call_list.reps", ("slots",), ("rep", "territory", "team", "week"))
        n = len(table.get("slots", []))
        names = [self._words(path, one, table.get(one) or [""] * n) for one in ("rep", "territory", "team")]
        wrong = [text for text in table.get("slots", []) if not _is_whole(text)]
        if wrong:
            self._wrong(
                "ICP731",
                f"column 'slots' of '{path}' holds what is no number of accounts.",
                "Write accounts a week, such as 25, or 0.",
                wrong,
            )
            return ()
        weeks = table.get("week") or [""] * n
        self._weeks(path, [week for week in weeks if week])
        rows = [(*row, int(float(text))) for *row, text in zip(*names, weeks, table.get("slots", []), strict=True)]
        nameless = [str(row[4]) for row in rows if not any(row[:3])]
        if nameless:
            message = f"rows of '{path}' name no rep, territory or team."
            self._wrong("ICP731", message, "Name one in each row.", nameless)
        if n and not sum(row[4] for row in rows):
            self._wrong("ICP731", f"'{path}' has no slots.", "Write accounts a week into column 'slots'.", [])
        return tuple(rows)

    def _weeks(self, path: str, weeks: Sequence[str]) -> None:
        """Weeks are Mondays, or numbers from 1."""
        wrong = [week for week in weeks if not _is_week(week)]
        if wrong:
            near = _monday(wrong[0])
            meant = f"The week of {wrong[0]} starts on {near}. " if near else ""
            action = f"{meant}Write its Monday, such as 2026-04-06, or its number where the list has no dates."
            self._wrong("ICP759", f"column 'week' of '{path}' holds what is no week.", action, wrong)

    def places(self, calls: CallListOptions) -> tuple[dict[str, str], dict[str, str], dict[str, dict[str, str]]]:
        """Territory and owner of each account, and what is shown of it."""
        path, place = calls.accounts, (calls.territory, calls.owner)
        if not path:
            if calls.show:
                message = "call_list.show names columns, and call_list.accounts no file that has them."
                self._wrong("ICP764", message, "Name the file: the one of accounts.path will do.", calls.show)
            return {}, {}, {}
        taken = [name for name in calls.show if name in CALL_LIST_COLUMNS or plain(name) != name]
        if taken:
            message = "call_list.show names columns that call_list.csv has already, or whose names a CRM would change."
            self._wrong("ICP764", message, f"Rename them in '{path}'.", taken)
        usual = CallListOptions()
        named = [name for name in place if name not in (usual.territory, usual.owner)]
        table = self._read(path, "call_list.accounts", (_ID, *calls.show, *named), place)
        if table and not calls.show and not set(place) & set(table):
            message = f"'{path}' has neither a column '{calls.territory}' nor '{calls.owner}'."
            self._wrong("ICP731", message, "Name them with call_list.territory= and call_list.owner= .", [])
        ids = table.get(_ID, [])
        for column in (one for one in place if one in table):
            self._one_place(path, column, zip(ids, table[column], strict=True))

        def cells(column: str) -> dict[str, str]:
            words = self._words(path, column, table.get(column) or [""] * len(ids))
            return {name: cell for name, cell in zip(ids, words, strict=True) if cell}

        return cells(calls.territory), cells(calls.owner), {column: cells(column) for column in calls.show}

    def _one_place(self, path: str, column: str, places: Iterable[tuple[str, str]]) -> None:
        """An account that stands in a table twice should be in one place."""
        seen: dict[str, str] = {}
        twice = [name for name, place in places if place and seen.setdefault(name, place) != place]
        if twice:
            shown = ", ".join(f"'{name[:60]}'" for name in dict.fromkeys(twice[:3]))
            message = (
                f"'{path}' has accounts more than once, with different cells in '{column}': {shown}; the last counts."
            )
            self.findings.append(Finding("ICP763", "warning", message, column=column, n_rows=len(twice)))

    def actions(self, path: str | None) -> dict[str, str]:
        if not path:
            return {}
        table = self._read(path, "call_list.actions", ("tier", "next_action"))
        pairs = zip(table.get("tier", []), self._words(path, "next_action", table.get("next_action", [])), strict=True)
        found: dict[str, str] = {}
        twice = [tier for tier, action in pairs if tier and found.setdefault(tier, action) != action]
        if twice:
            self._wrong(
                "ICP731", f"'{path}' has more than one next action for a tier.", "Keep one row per tier.", twice
            )
        return found

    def _words(self, path: str, column: str, cells: Sequence[str]) -> list[str]:
        """Cells as every CRM takes them; what that changes is said."""
        made = {cell: plain(cell) for cell in dict.fromkeys(cells)}
        changed = [cell for cell, words in made.items() if words != as_written(cell)]
        if changed:
            shown = ", ".join(f"'{cell[:60]}' becomes '{made[cell][:60]}'" for cell in changed[:3])
            more = f" and {len(changed) - 3:,} more" if len(changed) > 3 else ""
            message = f"column '{column}' of '{path}' holds words that a CRM would change: {shown}{more}."
            n_rows = sum(cell in set(changed) for cell in cells)
            self.findings.append(Finding("ICP745", "warning", message, column=column, n_rows=n_rows))
        return [made[cell] for cell in cells]

    def _read(self, path: str, key: str, needed: Iterable[str], more: Iterable[str] = ()) -> Columns:
        """Columns as trimmed text; nothing where there is a problem."""
        try:
            raw = read_raw(AccountOptions(source="csv", path=path, account_id=None), key, key=key)
        except ICPError as error:
            nobody = {problem.code for problem in error.problems} == {"ICP101"} and Path(path).stat().st_size > 0
            self.problems += () if nobody else error.problems  # a list that names nobody is one
            return {}
        names = {name.strip(): name for name in raw.table.column_names}
        if self._account_id and self._account_id in names and "account_id" not in names:
            names["account_id"] = names[self._account_id]  # a column called as in the accounts
        missing = missing_columns(needed, names, f"'{path}'")
        if missing:
            self.problems += [replace(one, action=_in_the_file(one.action)) for one in missing]
            return {}
        wanted = [name for name in (*needed, *more) if name in names]
        cells = {name: raw.table.column(names[name]).to_pylist() for name in wanted}
        return {name: [str(cell or "").strip() for cell in column] for name, column in cells.items()}

    def _wrong(self, code: str, message: str, action: str, cells: Sequence[str]) -> None:
        shown = tuple(dict.fromkeys(cells))[:3]
        self.problems.append(Problem(code, message, action, n_rows=len(cells) or None, examples=shown))


def _in_the_file(action: str) -> str:
    """These tables have fixed heads: the file is what is to be mended."""
    return action.replace("Name it as it stands in the file of", "Call it so in the first line of")


def _is_week(text: str) -> bool:
    return _monday(text) == text or (text.isascii() and text.isdigit() and 1 <= int(text) <= 53 and text[0] != "0")


def _monday(text: str) -> str | None:
    """The Monday of the week that a date lies in."""
    try:
        parts = text.split(".")  # as a spreadsheet of a country with such dates saves it: no other order has dots
        day = date.fromisoformat(text) if len(parts) != 3 else date(int(parts[2]), int(parts[1]), int(parts[0]))
        return (day - timedelta(days=day.weekday())).isoformat()
    except (ValueError, OverflowError):
        return None


def _is_whole(text: str) -> bool:
    try:
        value = float(text)
    except ValueError:
        return False
    return value.is_integer() and 0 <= value < 1e9
