"""Lists that come back: files that were altered, and records that a CRM exports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from icp._files import staged_folder
from icp.accounts import read_raw
from icp.config import RunConfig
from icp.errors import DeliveryError
from icp.options import AccountOptions
from icp.tables import Finding

if TYPE_CHECKING:
    from icp.delivery import Reconciled

__all__ = ["check_list", "reconcile_list"]


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
    from icp.delivery import check_load, read_manifest, what_changed

    manifest = read_manifest(folder)
    problems = check_load(folder)
    if any(problem.code == "ICP608" for problem in problems):
        raise DeliveryError("The list cannot be loaded.", problems)
    names, findings = [entry["name"] for entry in manifest["files"]], []
    for problem in problems:
        message = problem.message
        name = next((name for name in names if f"'{name}'" in message), None)
        if name is not None and (folder / name).is_file():
            message = f"'{name}' was changed after it was written: {'; '.join(what_changed(folder / name, manifest))}."
        findings.append(Finding("ICP742", "issue", message, "refused"))
    rows = sum(entry["rows"] for entry in manifest["files"])
    what = f"list {manifest['run_id']} for {manifest['target']}, {rows:,} accounts in {len(names):,} files"
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
        One for each altered file, and one for each kind of difference.
    text : str
        What was compared, in a few lines.
    reconciled : Reconciled
        Every difference.

    Raises
    ------
    DeliveryError, TableError
        There is no list (``ICP608``), or the read-back cannot be used (``ICP741``, ``ICP1..``).
    """
    import pyarrow as pa

    from icp.delivery import DIFFERENCES, reconcile

    altered, _ = check_list(folder)
    raw = read_raw(AccountOptions(source="csv", path=config.readback), "readback")
    table = pa.table({name: raw.table.column(name) for name in raw.table.column_names})
    found = reconcile(folder, table, key_column=config.readback_key, name_column=config.readback_name)
    findings = []
    for name, n in found.counts.items():
        rows = found.differences[found.differences["difference"] == name]
        keys = ", ".join([key or "(no key)" for key in dict.fromkeys(rows["account_key"])][:3])
        columns = ", ".join(dict.fromkeys(column for column in rows["column"] if column))
        where = f" in {columns}" if columns and name not in ("case-merged", "stale") else ""
        findings.append(Finding("ICP743", "issue", f"{name}: {n:,} {DIFFERENCES[name]}{where}, e.g. {keys}.", n_rows=n))
    with staged_folder(config.output) as stage:
        found.differences.to_csv(stage / "reconcile.csv", index=False, lineterminator="\n")
    lines = [
        f"{found.n_equal:,} of {found.n_sent:,} accounts came back as they were sent, {found.n_found:,} at all",
        f"compared: {', '.join(found.columns)}" if found.columns else "nothing but keys was compared",
        *([f"not in the read-back, so not compared: {', '.join(found.lacking)}"] if found.lacking else []),
        f"every difference: {Path(config.output) / 'reconcile.csv'}",
    ]
    return (*altered, *findings), "\n".join(lines), found
