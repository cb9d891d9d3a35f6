"""A scoring run from its source to what it leaves behind: scores, findings, CRM files, and an entry in the ledger."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from icp._already import AlreadyBest, LabelCells, already_best, definition_options
from icp._aside import Aside, account_columns, further_columns, put_aside, with_columns, write_list
from icp._briefing import messages_for_scoring
from icp._files import SCRATCH, staged_folder
from icp._listed import Listed
from icp._listing import choose_listed
from icp._outputs import write_findings
from icp._progress import step
from icp._sources import as_of_date, read_history, read_raw_accounts
from icp._watching import watch_run
from icp.bundle import Bundle
from icp.checks import Drift
from icp.config import RunConfig, resolved_yaml
from icp.delivery import read_manifest, target_names
from icp.engines import AccountRows, Cells, ScoreFile, ScoringContext, ScoringRun, prepare, score_text
from icp.errors import DeliveryError
from icp.tables import Finding

__all__ = ["Served", "serve", "write_around"]


@dataclass(frozen=True)
class Served:
    """What a run left behind.

    Parameters
    ----------
    file : Path or str
        The scores: a file, a folder of files, or the name of a table in Spark's catalog.
    tiers : mapping of str to int
        Accounts in each tier.
    best : DataFrame
        The ten best.
    drift : Drift
        What was scored, compared with what was learned from.
    findings : tuple of Finding
        Of the run.
    notes : tuple of str
        Where things are, one line each.
    """

    file: Path | str
    tiers: dict[str, int]
    best: pd.DataFrame
    drift: Drift
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def serve(config: RunConfig, bundle: Bundle, earlier: Bundle | None) -> Served:
    """Read, score, explain, write beside the final place, enter in the ledger, and move into place.

    The source is read once, into the stage; everything after goes over it batch by batch, so memory does not grow with
    the file. What needs all rows at once (repeated ids, the order of keys) goes through files in the stage.

    Parameters
    ----------
    config : RunConfig
        Of the run.
    bundle : Bundle
        The model.
    earlier : Bundle or None
        Version to compare with.

    Returns
    -------
    Served
        For the summary.

    Raises
    ------
    TableError
        The source cannot be read or scored, or the ledger cannot take the list; nothing is written.
    DeliveryError
        The target would refuse or change a key or a cell; nothing is written.
    ConfigError
        The ledger cannot be used; nothing is written.
    """
    output = Path(config.output)
    with staged_folder(output) as stage:
        scratch = stage / SCRATCH
        rows, context, found = _prepared(config, bundle, scratch)
        aside = put_aside(config, rows.ids, len(rows), scratch, rows.raw.table.column_names)
        run, run_id = _scored(rows, context, stage / f"scores.{config.format}", aside, account_columns(config.delivery))
        drift = watch_run(run, rows.ids, rows.outcomes)
        rates = bundle.card.get("calibration") or ()
        already, told = _already(config, bundle, rows, listed=aside is not None)
        why = already.reasons(config)
        plan = None if aside is None else choose_listed(config, aside.rows, aside.not_in_crm(), run_id, rates, why)
        findings = (*found, *run.findings(), *told, *drift.findings, *(plan.findings if plan else ()))
        notes = [drift.line(), f"scores: {output / f'scores.{config.format}'}"]
        if earlier is not None:
            from icp._comparing import score_changes, write_changes

            parts = score_changes(earlier, config, (rows, context), scratch / "earlier")
            n_moved, n_compared = write_changes(parts, stage / "changes.csv")
            notes.append(f"changes: {output / 'changes.csv'} ({n_moved:,} of {n_compared:,} accounts change tier)")
        with step("writing the list"):
            notes += write_around(stage, config, run, run_id, (aside, plan), (findings, drift))
    return Served(output / f"scores.{config.format}", run.tiers, run.best(), drift, findings, tuple(notes))


def _prepared(
    config: RunConfig, bundle: Bundle, scratch: Path
) -> tuple[AccountRows, ScoringContext, tuple[Finding, ...]]:
    """The source, read and looked through."""
    messages, said = messages_for_scoring(config, bundle)
    events, outcomes = read_history(config)
    raw = read_raw_accounts(config, events, outcomes, folder=scratch / "accounts")
    with step("looking through the accounts"):
        rows, context, found = prepare(
            raw,
            bundle,
            config.accounts,
            events=events,
            outcomes=outcomes,
            as_of=as_of_date(config),
            verify_all=config.reasons.verify == "all",
            folder=scratch / "ids",
            messages=messages,
        )
    return rows, context, (*said, *found)


def _already(
    config: RunConfig, bundle: Bundle, rows: AccountRows, *, listed: bool
) -> tuple[AlreadyBest, tuple[Finding, ...]]:
    """Who of the accounts is best already, and what there is to say of that."""
    options = definition_options(bundle)
    cells = LabelCells.of(rows.raw, config.accounts.account_id, options.column)
    already, n_best = already_best(options, cells, rows.outcomes, rows.as_of), 0
    if len(already.ids):
        n_best = sum(pc.sum(pc.is_in(ids, value_set=already.ids)).as_py() or 0 for ids in rows.ids())
    return already, already.findings(config, n_best, len(rows), listed=listed)


def write_around(
    stage: Path,
    config: RunConfig,
    run: ScoringRun,
    run_id: str,
    listed: tuple[Aside | None, Listed | None],
    seen: tuple[tuple[Finding, ...], Drift],
) -> list[str]:
    """Write what lies beside the scores: findings, configuration, drift, the list for the CRM; last of all the ledger.

    Parameters
    ----------
    stage : Path
        Where.
    config : RunConfig
        Of the run.
    run : ScoringRun
        Over.
    run_id : str
        Its identity; needed where there is a list or a campaign.
    listed : (Aside or None, Listed or None)
        All scored rows, from :func:`icp._aside.put_aside`, and who of them is on the lists.
    seen : (tuple of Finding, Drift)
        Of the run.

    Returns
    -------
    list of str
        Where things are, one line each.

    Raises
    ------
    TableError, DeliveryError, ConfigError
        The target would change a cell, or the ledger cannot be used.
    """
    output, (findings, drift), (aside, plan) = Path(config.output), seen, listed
    notes: list[str] = []
    write_findings(stage, [finding.to_dict() for finding in findings])
    (stage / "config.yaml").write_text(resolved_yaml(config), encoding="utf-8")
    drift.frame().to_csv(stage / "drift.csv", index=False, lineterminator="\n")
    if plan is not None:
        run_id = plan.run_id(run_id)
        plan.write(stage)
        notes += plan.notes
    if aside is not None and plan is not None and config.delivery.target != "none":
        notes += write_list(aside, plan, config, run.context.bundle, run_id, stage)[1]
    others = [name for name in target_names() if (output / name).is_dir() and name != config.delivery.target]
    older = [name for name in others if _run_of(output / name) != run_id]
    notes += [f"careful: {output / name} holds an older list, of another run" for name in older]
    if plan is not None and config.campaign:
        notes.append(_entered(plan, config, run_id, run))
    return notes


def _run_of(folder: Path) -> str | None:
    """The run of a list that lies there; None where it does not say."""
    try:
        return str(read_manifest(folder)["run_id"])
    except DeliveryError:
        return None


def _scored(
    rows: AccountRows, context: ScoringContext, path: Path, aside: Aside | None, more: tuple[str, ...]
) -> tuple[ScoringRun, str]:
    """Score everything into a file; what was seen on the way, and the identity of the run."""
    run, file = ScoringRun(context, len(rows)), ScoreFile(path, context.bundle.content_hash)
    waiting: deque[list[pa.Array]] = deque()  # further columns of batches that are being scored

    def cells() -> Iterator[Cells]:
        for first, batch in rows.cells(more=more):
            waiting.append(further_columns(batch, more))
            yield first, batch

    with closing(file):
        for scored, text in run.over(cells(), rows.complete, score_text):
            file.write(scored, text)
            further = waiting.popleft()
            if aside is not None:
                aside.rows.add(with_columns(scored, more, further))
    return run, file.close()


def _entered(plan: Listed, config: RunConfig, run_id: str, run: ScoringRun) -> str:
    from icp.outcomes import Ledger

    ledger = Ledger(config.ledger.url)
    try:
        new = ledger.append(
            plan.entries(run.context.messages or run.context.bundle.messages),
            campaign=str(config.campaign),
            run_id=run_id,
            target=config.delivery.target,
            model_version=run.context.version,
            as_of=run.as_of,
            holdout=None if plan.design is None else plan.design.to_dict(),
        )
    finally:
        ledger.close()
    return f"ledger: campaign '{config.campaign}' {'entered' if new else 'had this list already'}"
