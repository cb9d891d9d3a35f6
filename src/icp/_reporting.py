"""The page of a version with what stands beside it: the best of a scored list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._files import staged_folder
from icp._outputs import write_briefs
from icp.bundle import Bundle
from icp.config import RunConfig

if TYPE_CHECKING:
    from icp.reports import AccountList

__all__ = ["listed_accounts", "write_page"]


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

    best, tiers = read_best(Path(config.report.scores), config.report.top)
    return AccountList(best, tiers, bundle.version)


def write_page(config: RunConfig, bundle: Bundle, gate: Mapping[str, Any] | None, accounts: AccountList | None) -> None:
    """Write ``report.html`` and the briefs into the output folder.

    Parameters
    ----------
    config : RunConfig
        Resolved.
    bundle : Bundle
        The version.
    gate : mapping or None
        How it stood against the champion.
    accounts : AccountList or None
        The list to show.
    """
    from icp.reports import build_report

    card = dict(bundle.card)
    page = build_report(
        card,
        list(card.get("findings", [])),
        title=f"Best customers: {bundle.name}",
        model_version=bundle.version,
        gate=gate,
        accounts=accounts,
    )
    with staged_folder(config.output) as stage:
        (stage / "report.html").write_text(page, encoding="utf-8")
        write_briefs(stage, card)
