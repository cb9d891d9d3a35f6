"""``LOADING.md``: the steps for this target, with this run's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icp.delivery._targets import Target

__all__ = ["loading_steps"]

_PAGE = """\
# Loading this list into {title}

{rows:,} accounts (tiers: {tiers}), model `{model}`, {as_of}, run `{run_id}`.

{files}

{steps}
Do not open and save the files in a spreadsheet first: ids, dates and accents change silently, and the sha256 in
`manifest.json` no longer fits. Loading a file twice changes nothing.
"""
_STEPS = {
    "salesforce": """\
1. Once: deploy `package.xml` with `fields/` (all fields belong to Account), or create the fields by hand.
2. Load each file with Data Loader or Bulk API 2.0: operation *upsert*, object *Account*, external id `{key}`, mapping
   `mapping.sdl`, line ending {line_ending}. An upsert creates an account for every key it does not find: load only
   accounts that are in Salesforce.
3. `#N/A` clears a field, so that an old score does not live on. That holds for the Bulk API; in Data Loader switch on
   "Use Bulk API".
""",
    "generic": """\
1. Match on `{key}`, which must already be a unique field of the account in your CRM.
2. Map each other column to a field of the same name; empty cells clear the field.
""",
}


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
    files = (f"- `{file['name']}`: {file['rows']:,} rows, sha256 `{file['sha256']}`" for file in manifest["files"])
    tiers = (f"{tier} {count:,}" for tier, count in sorted(manifest["counts"]["tier"].items()))
    return _PAGE.format(
        title=rules.title,
        rows=manifest["rows"],
        tiers=", ".join(tiers),
        model=manifest["model_version"],
        as_of=f"data as of {manifest['as_of']}" if manifest["as_of"] else "data without a date",
        run_id=manifest["run_id"],
        files="\n".join(files),
        steps=_STEPS[rules.name].format(key=rules.headers[0], line_ending=manifest["line_ending"]),
    )
