"""``LOADING.md``: the steps for this target, with this run's own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from icp.delivery._targets import Target

__all__ = ["loading_steps"]

_PAGE = """\
# Loading this list into {title}

{rows:,} accounts (tiers: {tiers}), model `{model}`, {as_of}, run `{run_id}`.

{files}

{steps}
{notes}
Do not open and save the files in a spreadsheet first: ids, dates and accents change silently, and the sha256 in
`manifest.json` no longer fits: `python -m icp.feedback action=check manifest=manifest.json`, run in this folder, says
whether one was altered. Loading a file twice changes nothing.

Importers change and drop cells without an error. So export key, name and the fields of this list from the CRM
afterwards, and compare: `python -m icp.feedback action=reconcile manifest=manifest.json readback=EXPORT.csv`.
"""
_VIEW = """\
# A list to look at

{rows:,} accounts (tiers: {tiers}), model `{model}`, {as_of}, run `{run_id}`.

{files}

The files open in a spreadsheet as they are: UTF-8 with a byte-order mark, and an apostrophe before ids and texts that
a spreadsheet would take for a number, a date or a formula. For that reason they must never be loaded into a CRM: write
a list for your CRM with `delivery=` instead.
"""


def loading_steps(rules: Target, manifest: Mapping[str, Any]) -> str:
    """What sales operations does with the folder.

    Parameters
    ----------
    rules : Target
        Of the system.
    manifest : mapping
        Of this run.

    Returns
    -------
    str
        Markdown.
    """
    tiers = (f"{tier} {count:,}" for tier, count in sorted(manifest["counts"]["tier"].items()))
    return (_VIEW if rules.view_only else _PAGE).format(
        title=rules.title,
        rows=manifest["rows"],
        tiers=", ".join(tiers),
        model=manifest["model_version"],
        as_of=f"data as of {manifest['as_of']}" if manifest["as_of"] else "data without a date",
        run_id=manifest["run_id"],
        files="\n".join(_file_lines(manifest)),
        steps=_steps(rules, manifest),
        notes="".join(f"{note}\n" for note in _notes(rules, manifest)),
    )


def _file_lines(manifest: Mapping[str, Any]) -> Iterator[str]:
    whole = manifest["columns"]
    for file in manifest["files"]:
        lacking = [f"`{name}`" for name in whole if name not in file["columns"]]
        what = f", without {', '.join(lacking)}" if lacking else ""
        if file["holds"] == "not_in_list":
            what = ", accounts of the CRM that this list does not score: load it where their old score should be void"
        yield f"- `{file['name']}`: {file['rows']:,} rows, sha256 `{file['sha256']}`{what}"


def _steps(rules: Target, manifest: Mapping[str, Any]) -> str:
    if rules.view_only:
        return ""
    key, by_record = rules.key.header, manifest["key"] == "record"
    upsert = f"*upsert*, object *Account*, external id *{key}*"
    creates = "An upsert creates an account for every key it does not find: load only accounts that are in Salesforce."
    own, objects = ("Id", "accounts") if rules.name == "salesforce" else ("Record ID", "*Companies*")
    filled = (
        f" Then fill `{key}`, or no row of the list is matched: export {objects} with `{own}` and the\n"
        f"   column that holds your ids, name that column `{key}`, and import it matched on `{own}`."
    )
    return (
        files("icp.delivery")
        .joinpath("steps", f"{rules.name}.md")
        .read_text(encoding="utf-8")
        .format(
            key=key,
            used=rules.message_used.header,
            filled="" if by_record else filled,
            line_ending=manifest["line_ending"],
            id_words="the database id" if by_record else "the key of the account",
            operation="*update*, object *Account*" if by_record else upsert,
            creates="An update creates nothing." if by_record else f"{creates} `delivery.known_keys` sees to that.",
        )
    )


def _notes(rules: Target, manifest: Mapping[str, Any]) -> Iterator[str]:
    """What this run's numbers ask for."""
    yield f"Empty cells: {rules.empty.words}."
    if manifest["not_cleared"]:
        cells = ", ".join(f"{name} {n:,}" for name, n in manifest["not_cleared"].items())
        yield (
            f"Not cleared: {cells}. There the old value may live on; `tier` and `status` say what counts, and after "
            "`valid_until` no score does."
        )
    if manifest["left_out"]:
        n = sum(manifest["left_out"].values())
        yield f"Not in the list: {n:,} accounts, in `not_in_crm.csv`, which is not for loading."
    if manifest["reworded"]:
        cells = ", ".join(f"{name} {n:,}" for name, n in manifest["reworded"].items())
        yield f"Reworded, so that no CRM changes them: {cells} cells."
