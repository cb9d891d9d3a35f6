"""The page of a version with what stands beside it: the best of a scored list, another version."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._files import staged_folder
from icp._listing import HOLDOUT, LEFT_OFF
from icp._outputs import write_briefs
from icp.bundle import Bundle, read
from icp.config import RunConfig
from icp.errors import BundleError
from icp.tracking import find_bundle, find_gate, find_profile_changes, find_release_note

if TYPE_CHECKING:
    from icp.reports import AccountList, VersionComparison

_LEAVE_OFF = (("holdout", "share"), ("rules", "exclude"), ("rules", "include"), ("call_list", "reps"))

__all__ = ["listed_accounts", "other_version", "page_of", "write_page"]


def listed_accounts(config: RunConfig, bundle: Bundle) -> AccountList | None:
    """The best of the scores that the page is to list.

    Parameters
    ----------
    config : RunConfig
        Resolved.
    bundle : Bundle
        The version that the page is about.

    Returns
    -------
    AccountList or None
        None where no scores are named.

    Raises
    ------
    TableError
        There are no scores, or something else (``ICP100`` to ``ICP102``).
    """
    if config.report.scores is None:
        return None
    from icp.engines import read_best
    from icp.reports import AccountList

    source = Path(config.report.scores)
    off = _off_list(source if (source / "config.yaml").is_file() else source.parent)
    best, tiers = read_best(source, config.report.top, off or ())
    return AccountList(best, tiers, bundle.version, None if off is None else len(off))


def _off_list(folder: Path) -> set[str] | None:
    """Scored accounts that sales did not get, as the folder of the run tells; None where it does not, or is damaged."""
    import yaml  # type: ignore[import-untyped]

    try:
        asked = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
        off: set[str] = set()
        wanted = [(LEFT_OFF, "why")] if any(_asks(asked, *keys) for keys in _LEAVE_OFF) else []
        for file, column in [*wanted, *([(HOLDOUT, "arm")] if _asks(asked, "holdout", "share") else [])]:
            with (folder / file).open(encoding="utf-8", newline="") as lines:
                off |= {row["account_id"] for row in csv.DictReader(lines) if row[column] != "treated"}
    except (OSError, ValueError, KeyError, AttributeError, RecursionError, csv.Error, yaml.YAMLError):
        return None
    return off


def _asks(asked: Any, group: str, key: str) -> bool:
    return bool(((asked or {}).get(group) or {}).get(key))


def other_version(config: RunConfig, bundle: Bundle) -> VersionComparison | None:
    """The version that the page is to show beside its own.

    Parameters
    ----------
    config : RunConfig
        Resolved.
    bundle : Bundle
        The version that the page is about.

    Returns
    -------
    VersionComparison or None
        None where none is named.

    Raises
    ------
    ModelNotFoundError, BundleError
        It is not there, or damaged.
    """
    if config.report.compare is None:
        return None
    from icp.reports import VersionComparison

    other = read(find_bundle(config.report.compare, config.tracking))
    return VersionComparison(other.card, bundle.card, (other.version, bundle.version))


def write_page(
    config: RunConfig,
    bundle: Bundle,
    accounts: AccountList | None,
    versions: VersionComparison | None,
) -> list[dict[str, Any]]:
    """Write ``report.html`` and the briefs into the output folder.

    Parameters
    ----------
    config : RunConfig
        Resolved.
    bundle : Bundle
        The version.
    accounts : AccountList or None
        The list to show.
    versions : VersionComparison or None
        The version to show beside it.

    Returns
    -------
    list of dict
        Every finding on the page.
    """
    page, findings = page_of(config, bundle, accounts, versions)
    with staged_folder(config.output) as stage:
        (stage / "report.html").write_text(page, encoding="utf-8")
        write_briefs(stage, bundle.card)
    return findings


def page_of(
    config: RunConfig,
    bundle: Bundle,
    accounts: AccountList | None = None,
    versions: VersionComparison | None = None,
) -> tuple[str, list[dict[str, Any]]]:
    """The page of a version as text; without ``accounts`` no account is on it.

    Parameters
    ----------
    config : RunConfig
        Resolved; ``model`` is the version, beside which the gate's decision and the release note are found.
    bundle : Bundle
        The version.
    accounts : AccountList or None, default=None
        The list to show.
    versions : VersionComparison or None, default=None
        The version to show beside it.

    Returns
    -------
    page : str
        HTML.
    findings : list of dict
        Every finding on it.

    Raises
    ------
    BundleError
        What the model tells of itself cannot be made a page of (``ICP514``).
    """
    from icp.reports import build_report

    changes = find_profile_changes(config.model, config.tracking) or {}
    gate, release = find_gate(config.model, config.tracking), find_release_note(config.model, config.tracking)
    try:
        card, findings = dict(bundle.card), [*bundle.card.get("findings", []), *changes.get("findings", [])]
        page = build_report(
            card,
            findings,
            title=f"Best customers: {bundle.name}",
            model_version=bundle.version,
            gate=gate,
            accounts=accounts,
            changes=changes,
            versions=versions,
            release=release,
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError) as error:
        raise BundleError.one(
            "ICP514",
            f"the card of '{bundle.name}', of which the page is made, does not fit together ({type(error).__name__}).",
            "Train it again, or copy the folder again from where it was made.",
        ) from error
    return page, findings
