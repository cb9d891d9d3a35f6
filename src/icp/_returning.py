"""Lists that come back: files that were altered, records that a CRM exports, and what sales did."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from icp._files import staged_folder
from icp.accounts import read_raw, read_returned
from icp.config import RunConfig
from icp.errors import ConfigError, DeliveryError, ICPError, TableError
from icp.options import AccountOptions
from icp.tables import Finding

if TYPE_CHECKING:
    import pandas as pd

    from icp.delivery import Reconciled
    from icp.options import ReturnOptions
    from icp.outcomes import Ledger

__all__ = ["check_list", "load_returned", "reconcile_list", "remove_returned"]


def check_list(folder: Path) -> tuple[tuple[Finding, ...], str]:
    """Whether a list is as it was written.

    Parameters
    ----------
    folder : Path
        Of the list.

    Returns
    -------
    findings : tuple of Finding
        One for each file that is not, with what can be seen to have changed.
    text : str
        In a line.

    Raises
    ------
    DeliveryError
        There is no list, or it is not for loading (``ICP608``).
    """
    from icp.delivery import altered, check_load, read_manifest

    manifest = read_manifest(folder)
    problems = check_load(folder)
    if any(problem.code == "ICP608" for problem in problems):
        raise DeliveryError("The list cannot be loaded.", problems)
    names = [entry["name"] for entry in manifest["files"]]
    strange = [problem for problem in problems if not any(f"'{name}'" in problem.message for name in names)]
    findings = [Finding("ICP742", "issue", one.message, "refused") for one in (*altered(folder, manifest), *strange)]
    rows = sum(entry["rows"] for entry in manifest["files"])
    size = f"{_counted(rows, 'account')} in {_counted(len(names), 'file')}"
    what = f"list {manifest['run_id']} for {manifest['target']}, {size}"
    verdict = (
        "do not load it: write it again, or copy it from where it was written" if findings else "as it was written"
    )
    return tuple(findings), f"{what}: {verdict}"


def reconcile_list(folder: Path, config: RunConfig) -> tuple[tuple[Finding, ...], str, Reconciled]:
    """What a CRM holds, beside what it was sent; writes ``reconcile.csv``.

    Parameters
    ----------
    folder : Path
        Of the list.
    config : RunConfig
        With ``readback`` and ``output``.

    Returns
    -------
    findings : tuple of Finding
        One for each file that is not of the list, and one for each kind of difference.
    text : str
        What was compared, in a few lines.
    reconciled : Reconciled
        Every difference.

    Raises
    ------
    DeliveryError, TableError
        There is no list (``ICP608``), a file of it is missing or was altered (``ICP742``), or the read-back cannot be
        used (``ICP741``, ``ICP1..``).
    """
    import pyarrow as pa

    from icp.delivery import difference_words, reconcile

    raw = read_raw(AccountOptions(source="csv", path=config.readback), "readback", key="readback")
    table = pa.table({name: raw.table.column(name) for name in raw.table.column_names})
    found = reconcile(folder, table, key_column=config.readback_key, name_column=config.readback_name)
    strange, _ = check_list(folder)
    findings = []
    for name, n in found.counts.items():
        rows = found.differences[found.differences["difference"] == name]
        keys = ", ".join([key or "(no key)" for key in dict.fromkeys(rows["account_key"])][:3])
        columns = ", ".join(dict.fromkeys(column for column in rows["column"] if column))
        where = f" in {columns}" if columns and name not in ("case-merged", "stale") else ""
        message = f"{name}: {n:,} {difference_words(name, n)}{where}, e.g. {keys}."
        findings.append(Finding("ICP743", "issue", message, n_rows=n))
    if found.stopped:
        n = sum(name in ("missing", "stale") for name in found.differences["difference"])
        message = f"the last {n:,} accounts of the list lack it, all after {found.stopped}: the load stopped midway."
        findings.append(Finding("ICP614", "issue", message, n_rows=n))
    if found.escaped:
        message = f"texts of {', '.join(found.escaped)} came back with HTML marks, such as &amp; for &."
        findings.append(Finding("ICP615", "note", message))
    with staged_folder(config.output) as stage:
        found.differences.to_csv(stage / "reconcile.csv", index=False, lineterminator="\n")
    lines = [
        f"{found.n_equal:,} of {found.n_sent:,} accounts came back as they were sent, {found.n_found:,} at all",
        f"compared: {', '.join(found.columns)}" if found.columns else "nothing but keys was compared",
        *([f"not in the read-back, so not compared: {', '.join(found.lacking)}"] if found.lacking else []),
        f"every difference: {Path(config.output) / 'reconcile.csv'}",
    ]
    return (*strange, *findings), "\n".join(lines), found


def load_returned(config: RunConfig) -> tuple[tuple[Finding, ...], str]:
    """Read what came back from sales and append it to the ledger: all tables, or none where one cannot be used.

    Parameters
    ----------
    config : RunConfig
        With ``activities``, ``dispositions``, ``outcomes`` and ``ledger``; with ``manifest``, the prefix that its list
        put before the ids is taken off them.

    Returns
    -------
    findings : tuple of Finding
        What reading found.
    text : str
        How much was new.

    Raises
    ------
    ConfigError
        No table is named (``ICP008``).
    TableError
        Tables cannot be used; the problems of all of them at once.
    """
    from icp.outcomes import Ledger, tidy

    sources = {name: getattr(config, name) for name in ("activities", "dispositions", "outcomes")}
    sources = {name: options for name, options in sources.items() if options.source != "none"}
    if not sources:
        action = "Name a table, such as dispositions=csv dispositions.path=... and its columns."
        raise ConfigError.one("ICP008", "action=load has no table to load.", action)
    prefix = _prefix(config.manifest)
    tables, findings, errors = {}, [], []
    for name, options in sources.items():
        try:
            frame, found = read_returned(name, options)
            frame["account_id"] = frame["account_id"].str.removeprefix(prefix)
            tables[name] = tidy(name, frame, getattr(options, "codes", ()))
            findings += [*found, *_without_code(name, len(frame) - len(tables[name]), options)]
            for look in (_nameless, _repeated, _twice, _ahead):
                findings += look(name, tables[name])
        except ICPError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        problems = [problem for error in errors for problem in error.problems]
        raise TableError(f"{len(errors)} tables have problems: {'; '.join(e.title for e in errors)}", problems)
    ledger = Ledger(config.ledger.url)
    lines = []
    try:
        for name, table in tables.items():
            done = ledger.load(name, table)
            told = [f"{done.new:,} new", f"{done.changed:,} changed", f"{done.same:,} as before"]
            told += [f"{done.erased:,} of erased accounts left out"] if done.erased else []
            lines.append(f"{name}: {', '.join(told)}")
        findings += _of_no_list(ledger, tables)
    finally:
        ledger.close()
    return tuple(findings), "\n".join(lines)


def remove_returned(config: RunConfig) -> tuple[tuple[Finding, ...], str]:
    """Erase one account from the ledger, or forget what is older than a day.

    Parameters
    ----------
    config : RunConfig
        With ``action``, ``account`` or ``before``, and ``ledger``.

    Returns
    -------
    findings : tuple of Finding
        Whether an account to be erased was not there (``ICP623``).
    text : str
        Rows removed from each table.

    Raises
    ------
    ConfigError
        ``before`` is a day to come, before which all would go (``ICP627``), or no ledger is there (``ICP701``).
    """
    from datetime import UTC, datetime, timedelta

    from icp.outcomes import Ledger

    if config.action == "forget":
        before = datetime.fromisoformat(str(config.before))
        if before.replace(tzinfo=UTC) > datetime.now(UTC) + timedelta(days=1):
            message = f"before={config.before} is a day to come: everything in the ledger would be removed."
            raise ConfigError.one("ICP627", message, "Check the year. Nothing was removed.")
    ledger = Ledger(config.ledger.url, make=False)
    try:
        if config.action == "erase":
            removed = ledger.erase(str(config.account))
        else:
            removed = ledger.forget(before)
    finally:
        ledger.close()
    findings = []
    if config.action == "erase" and not any(removed.values()):
        message = f"the ledger holds nothing of account '{config.account}'. A hash of this id is kept all the same."
        findings.append(Finding("ICP623", "warning", message))
    return tuple(findings), "removed: " + ", ".join(f"{n:,} of {name}" for name, n in removed.items())


def _nameless(name: str, table: pd.DataFrame) -> list[Finding]:
    """Rows whose record the CRM did not name: what is changed in them later may look like a further one."""
    n = len(table) if "record_id" not in table else int((table["record_id"] == "").sum())
    if not n or name == "activities":
        return []
    known, moved = {
        "dispositions": ("account and day", "one that gets another day counts beside its earlier self"),
        "outcomes": ("account, day and kind", "a deal that gets another day or kind counts beside its earlier self"),
    }[name]
    message = f"{n:,} {name} without a record id are known by {known}: {moved}. Name {name}.record_id."
    return [Finding("ICP613", "note", message, n_rows=n)]


def _without_code(name: str, n: int, options: ReturnOptions) -> list[Finding]:
    """Dispositions that say nothing: a rep left the field empty, or another column was named."""
    if not n:
        return []
    message = f"{_counted(n, 'row')} of {name} without a code in '{options.kind}' left out."
    return [Finding("ICP619", "note", message, "repaired", options.kind, n)]


def _repeated(name: str, table: pd.DataFrame) -> list[Finding]:
    """Rows that a later row of the same file replaces, since both have one record id and say different things."""
    if "record_id" not in table:
        return []
    named = table[table["record_id"] != ""].drop_duplicates()
    again = named[named.duplicated("record_id", keep="last")]
    if again.empty:
        return []
    ids = ", ".join(f"'{one}'" for one in again["record_id"].drop_duplicates()[:3])
    message = (
        f"{len(again):,} of {len(table):,} {name} have the record id of a later row, e.g. {ids}: only the last row of "
        f"a record counts. Is {name}.record_id the id of the record, not of the account?"
    )
    return [Finding("ICP620", "warning", message, n_rows=len(again))]


def _twice(name: str, table: pd.DataFrame) -> list[Finding]:
    """Rows without a record id that say what another row says, word for word."""
    without = table if "record_id" not in table else table[table["record_id"] == ""]
    n = int(without.duplicated().sum())
    if not n or name == "activities":  # two calls of a day are two
        return []
    ids = ", ".join(f"'{one}'" for one in without[without.duplicated()]["account_id"].drop_duplicates()[:3])
    what = f"{_counted(n, 'row')} of {name} without a record id say what another row says, word for word, e.g. of {ids}"
    if name == "dispositions":
        return [Finding("ICP625", "note", f"{what}: each is taken once.", "repaired", n_rows=n)]
    message = f"{what}: they count as deals of their own, with their money. Name {name}.record_id."
    return [Finding("ICP626", "warning", message, n_rows=n)]


def _ahead(name: str, table: pd.DataFrame) -> list[Finding]:
    """Rows of days to come: a plan, or a typing error, that would end every window of a list too early."""
    from datetime import UTC, datetime, timedelta

    latest = (datetime.now(UTC) + timedelta(days=1)).replace(tzinfo=None)
    at = table["at"]
    n = int((at > latest).sum())
    if not n:
        return []
    message = (
        f"{_counted(n, 'row')} of {name} of days to come, up to {at.max():%Y-%m-%d}: plans are not what was done. "
        "Leave them out of the export, or set scorecard.until: else windows are over too early."
    )
    return [Finding("ICP621", "warning", message, n_rows=n)]


def _prefix(manifest: str | None) -> str:
    """What a list put before its ids."""
    if not manifest:
        return ""
    from icp.delivery import read_manifest

    place = Path(manifest)
    return str(read_manifest(place if place.is_dir() else place.parent)["key_prefix"])


def _of_no_list(ledger: Ledger, tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    """A ledger without lists, or rows whose ids no list has: the wrong ledger, or ids in another form."""
    ids = {str(one) for table in tables.values() for one in table["account_id"]}
    if not ids or ledger.delivered(ids):
        return []
    if ledger.lists().empty:
        message = "the ledger holds no list that these rows could be about. Check ledger.url."
    else:
        message = (
            f"no list holds any of these accounts, e.g. '{min(ids)[:60]}'. Check account_id: ids are as scored, or "
        )
        message += "with manifest= of a list as that list wrote them."
    return [Finding("ICP622", "warning", message, n_rows=sum(map(len, tables.values())))]


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
