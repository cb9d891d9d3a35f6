"""What a scoring run leaves behind: scores, findings, CRM files, and an entry in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from icp._csv import csv_bytes
from icp._files import staged_folder
from icp._outputs import write_findings
from icp._progress import step
from icp._version import __version__
from icp.bundle import Bundle
from icp.config import RunConfig, resolved_yaml
from icp.delivery import Delivery, deliver, target_names
from icp.engines import to_text, write_scores
from icp.tables import Finding

__all__ = ["write_run"]


def write_run(
    scores: pa.Table,
    findings: Sequence[Finding],
    bundle: Bundle,
    config: RunConfig,
    *,
    drift: pd.DataFrame | None = None,
    changes: pa.Table | None = None,
) -> tuple[str, ...]:
    """Check the delivery, write everything beside its final place, enter it in the ledger, and move it into place.

    Parameters
    ----------
    scores : Table
        One row per account.
    findings : sequence of Finding
        Of the run.
    bundle : Bundle
        The model.
    config : RunConfig
        Of the run.
    drift : DataFrame, default=None
        The table of ``drift.csv``.
    changes : Table, default=None
        What changed against an earlier version, for ``changes.csv``.

    Returns
    -------
    tuple of str
        Where things are, one line each.

    Raises
    ------
    DeliveryError
        The target would refuse or change a key or a cell; nothing is written.
    ConfigError, TableError
        The ledger cannot take the list; nothing is written.
    """
    run_id = hashlib.sha256(bundle.content_hash.encode() + csv_bytes(to_text(scores))).hexdigest()[:32]
    delivery = _delivery(scores, bundle, config, run_id)
    output = Path(config.output)
    with step("writing the list"), staged_folder(output) as stage:
        write_scores(scores, stage / f"scores.{config.format}")
        write_findings(stage, [finding.to_dict() for finding in findings])
        (stage / "config.yaml").write_text(resolved_yaml(config), encoding="utf-8")
        if drift is not None:
            drift.to_csv(stage / "drift.csv", index=False, lineterminator="\n")
        if changes is not None:
            (stage / "changes.csv").write_bytes(csv_bytes(to_text(changes)))
        if delivery is not None:
            delivery.write(stage)
        entered = _enter(scores, config, run_id) if config.campaign else None
    older = [name for name in target_names() if (output / name).is_dir() and name != config.delivery.target]
    lines = [f"scores: {output / f'scores.{config.format}'}"]
    if changes is not None:
        before, after = (changes.column(name).to_pylist() for name in ("tier_before", "tier_after"))
        pairs = [(was, now) for was, now in zip(before, after, strict=True) if was is not None]
        moved = sum(was != now for was, now in pairs)
        lines.append(f"changes: {output / 'changes.csv'} ({moved:,} of {len(pairs):,} accounts change tier)")
    if delivery is not None:
        lines.append(f"for the CRM: {output / delivery.target.name} (read LOADING.md there first)")
    lines += [f"careful: {output / name} holds an older list, of another run" for name in older]
    if entered is not None:
        lines.append(entered)
    return tuple(lines)


def _delivery(scores: pa.Table, bundle: Bundle, config: RunConfig, run_id: str) -> Delivery | None:
    if config.delivery.target == "none":
        return None

    definition = bundle.card.get("definition") or {}
    return deliver(
        scores,
        config.delivery,
        run_id=run_id,
        model_sha256=bundle.content_hash,
        package_version=__version__,
        facts={
            "definition_sha": definition.get("sha256") or None,
            "definition_signed": bool((definition.get("signoff") or {}).get("signed")),
        },
    )


def _enter(scores: pa.Table, config: RunConfig, run_id: str) -> str:
    from icp.outcomes import Ledger

    ledger = Ledger(config.ledger.url)
    try:
        new = ledger.append(scores, campaign=str(config.campaign), run_id=run_id, target=config.delivery.target)
    finally:
        ledger.close()
    return f"ledger: campaign '{config.campaign}' {'entered' if new else 'had this list already'}"
