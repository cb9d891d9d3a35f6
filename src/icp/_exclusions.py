"""Kinds of account that are proposed for exclusion, by what sales rejected or by a team; a person says yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from icp._proposing import read_sheet
from icp.config import RunConfig
from icp.errors import TableError
from icp.outcomes import Proposal, disposition_codes, of_kind
from icp.tables import Finding

__all__ = [
    "SHEET",
    "decided_kinds",
    "excluded_accounts",
    "kind_key",
    "proposed_sheet",
    "read_signed",
    "sheet_findings",
]

SHEET = "proposed_exclusions.csv"
_NEEDED = ("column", "value", "accept", "by")
_COLUMNS = ("column", "value", "proposed_by", "rejected", "judged", "accept", "by")
_SALES = "what sales rejected"
_ANSWERS = ("yes", "no")


def read_signed(config: RunConfig) -> pd.DataFrame:
    """The sheet that a person filled in: the one that is named, or the one in the output folder from the run before.

    Parameters
    ----------
    config : RunConfig
        With ``scorecard.accepted`` and ``output``.

    Returns
    -------
    DataFrame of str
        Lines with a yes or a no; empty where there is no sheet.

    Raises
    ------
    TableError
        The sheet cannot be read (``ICP100``), is not one (``ICP102``), or says yes and no of one kind (``ICP636``).
    """
    own = Path(config.output) / SHEET
    path = config.scorecard.accepted or (str(own) if own.is_file() else None)
    if path is None:
        return pd.DataFrame(columns=list(_COLUMNS))
    sheet = read_sheet(path, "scorecard.accepted")
    missing = [name for name in _NEEDED if name not in sheet.columns]
    if missing:
        message = f"'{path}' lacks the columns {', '.join(missing)}."
        action = "Take the file as it was written, and fill in accept and by."
        if config.scorecard.accepted is None:
            action += " Where it is lost, move this one away: the next run writes another, to be answered again."
        raise TableError.one("ICP102", message, action)
    sheet = sheet.reindex(columns=list(_COLUMNS), fill_value="").apply(lambda cells: cells.str.strip())
    signed = sheet[sheet["accept"] != ""].reset_index(drop=True)
    _refuse_two_answers(signed, path)
    return signed


def _refuse_two_answers(signed: pd.DataFrame, path: str) -> None:
    """One kind of account with a yes and a no: whichever were taken, somebody's answer would be lost."""
    plain = signed[signed["accept"].str.lower().isin(_ANSWERS) & (signed["by"] != "")]
    said: dict[tuple[str, str], dict[str, str]] = {}
    for row in plain.itertuples():
        said.setdefault(kind_key(row.column, row.value), {})[row.accept.lower()] = row.by
    both = {" ".join(kind): by for kind, by in said.items() if len(by) > 1}
    if both:
        shown = "; ".join(f"{kind}: yes by {by['yes']}, no by {by['no']}" for kind, by in list(both.items())[:3])
        message = f"'{path}' holds a yes and a no of the same kind ({shown})."
        raise TableError.one("ICP636", message, "Agree on one, and keep one line of each kind.")


def sheet_findings(signed: pd.DataFrame, facts: pd.DataFrame | None) -> list[Finding]:
    """Lines of the sheet that do nothing, and why.

    Parameters
    ----------
    signed : DataFrame
        Of :func:`read_signed`.
    facts : DataFrame or None
        What is known of the accounts.

    Returns
    -------
    list of Finding
        ``ICP636`` for lines without a name or with another word than yes and no, ``ICP634`` for accepted ones that hold
        no account.
    """
    found = []
    answer = signed["accept"].str.lower()
    unsigned = signed[(signed["by"] == "") | ~answer.isin(_ANSWERS)]
    if len(unsigned):
        message = (
            f"{_counted_lines(len(unsigned), 'line')} of {SHEET} without effect, for want of a name, or of a plain "
            f"yes or no: {_named(unsigned)}."
        )
        found.append(Finding("ICP636", "warning", message, n_rows=len(unsigned)))
    accepted = _accepted(signed)
    held = [facts is not None and row.column in facts and bool(of_kind(facts[row.column], row.value).any())
            for row in accepted.itertuples()]  # fmt: skip
    idle = accepted[[not one for one in held]]
    if len(idle):
        why = "no account is of that kind" if facts is not None else "scorecard.accounts names no file of accounts"
        message = f"{_counted_lines(len(idle), 'accepted exclusion')} without effect, as {why}: {_named(idle)}."
        found.append(Finding("ICP634", "warning", message, n_rows=len(idle)))
    return found


def _counted_lines(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _named(lines: pd.DataFrame) -> str:
    return ", ".join(f"{row.column} {row.value}" for row in lines.head(3).itertuples())


def _accepted(signed: pd.DataFrame) -> pd.DataFrame:
    return signed[(signed["accept"].str.lower() == "yes") & (signed["by"] != "")]


def proposed_sheet(
    misfits: pd.DataFrame,
    proposals: Sequence[Proposal],
    signed: pd.DataFrame,
    rejected: pd.Series,
    facts: pd.DataFrame | None,
) -> pd.DataFrame:
    """The sheet on which a person says yes or no; what was said stays on it.

    Parameters
    ----------
    misfits : DataFrame
        Of :func:`icp.outcomes.misfits`.
    proposals : sequence of Proposal
        Of teams; exclusions get a line.
    signed : DataFrame
        Of :func:`read_signed`.
    rejected : Series of bool
        Of :func:`icp.outcomes.judged_accounts`.
    facts : DataFrame or None
        What is known of the accounts.

    Returns
    -------
    DataFrame
        ``column, value, proposed_by, rejected, judged, accept, by``; one line per kind.
    """
    lines = [(row.column, row.value, _SALES) for row in misfits.itertuples()]
    lines += [(one.column, one.value, one.team or "a team") for one in proposals if one.kind == "exclusion"]
    lines += [(row.column, row.value, row.proposed_by) for row in signed.itertuples()]
    said = {kind_key(row.column, row.value): (row.accept, row.by) for row in signed.itertuples()}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for column, value, by_whom in lines:
        key = kind_key(column, value)
        if key not in found:
            n_rejected, n_judged = _counted(column, value, rejected, facts)
            accept, by = said.get(key, ("", ""))
            found[key] = {"column": column, "value": value, "proposed_by": [], "rejected": n_rejected,
                          "judged": n_judged, "accept": accept, "by": by}  # fmt: skip
        found[key]["proposed_by"] += [one for one in by_whom.split("; ") if one not in ("", *found[key]["proposed_by"])]
    rows = [{**row, "proposed_by": "; ".join(row["proposed_by"])} for row in found.values()]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def decided_kinds(sheet: pd.DataFrame | None) -> set[tuple[str, str]]:
    """Kinds on which a person said yes or no, with a name.

    Parameters
    ----------
    sheet : DataFrame or None
        Of :func:`proposed_sheet`.

    Returns
    -------
    set of tuple of str
        Of :func:`kind_key`.
    """
    if sheet is None or sheet.empty:
        return set()
    said = sheet[sheet["accept"].str.lower().isin(_ANSWERS) & (sheet["by"] != "")]
    return {kind_key(row.column, row.value) for row in said.itertuples()}


def kind_key(column: object, value: object) -> tuple[str, str]:
    """By what a kind is known, however it was typed.

    Parameters
    ----------
    column, value : object
        As written.

    Returns
    -------
    tuple of str
        Equal for one kind.
    """
    return str(column).strip().casefold(), str(value).strip().casefold()


def _counted(column: str, value: str, rejected: pd.Series, facts: pd.DataFrame | None) -> tuple[object, object]:
    """Rejected and judged accounts of a kind; empty where nothing is known of them."""
    if facts is None or column not in facts.columns:
        return "", ""
    there = rejected[rejected.index.isin(facts.index[of_kind(facts[column], value)])]
    return int(there.sum()), len(there)


def excluded_accounts(kept_off: pd.DataFrame, signed: pd.DataFrame, facts: pd.DataFrame | None) -> pd.DataFrame:
    """``account_id, reason`` for ``rules.exclude``: what sales said of single accounts, and accepted kinds of them.

    Parameters
    ----------
    kept_off : DataFrame
        Of :func:`icp.outcomes.standing`.
    signed : DataFrame
        Of :func:`read_signed`.
    facts : DataFrame or None
        What is known of the accounts.

    Returns
    -------
    DataFrame
        One row per account.
    """
    words = {name: code.words for name, code in disposition_codes().items()}
    single = kept_off[kept_off["effect"].isin(["exclude", "snooze"])]
    said = [f"sales: {words[code]}" for code in single["code"]]
    parts = [pd.DataFrame({"account_id": single["account_id"], "reason": said})]
    for row in _accepted(signed).itertuples():
        if facts is not None and row.column in facts.columns:
            there = facts.index[of_kind(facts[row.column], row.value)]
            reason = f"{row.column} is {row.value}, accepted by {row.by}"
            parts.append(pd.DataFrame({"account_id": there, "reason": reason}))
    return pd.concat(parts).drop_duplicates("account_id").reset_index(drop=True)
