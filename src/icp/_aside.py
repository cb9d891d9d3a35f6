"""What a scoring run sets aside for the list and the ledger: scored rows in the order of their keys."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from icp._listing import wants_plan
from icp._spill import InOrder
from icp._stored import read_batches
from icp._version import __version__
from icp.accounts import missing_columns, plain_cells, read_raw
from icp.bundle import Bundle
from icp.config import RunConfig
from icp.engines import SCORE_COLUMNS
from icp.errors import DeliveryError, TableError
from icp.options import AccountOptions, DeliveryOptions

if TYPE_CHECKING:
    from icp._listed import Listed
    from icp.delivery import Delivery, ListPlan

__all__ = ["Aside", "account_columns", "further_columns", "put_aside", "with_columns", "write_list"]


@dataclass(frozen=True)
class Aside:
    """Scored rows that wait, once it is sure that list and ledger can take all their keys.

    Parameters
    ----------
    rows : InOrder
        As scored, with further columns of the accounts.
    plan : ListPlan or None
        Of the list; None where there is only a campaign.
    """

    rows: InOrder
    plan: ListPlan | None

    def not_in_crm(self) -> NDArray[np.bool_] | None:
        """Rows that the CRM does not have, as ``delivery.known_keys`` says.

        Returns
        -------
        ndarray of bool, shape (n_rows,) or None
            In the order of the rows; None where nobody said what the CRM has.
        """
        if self.plan is None or self.plan.known is None:
            return None
        parts = (self.plan.rule.keys(part.column("account_id").combine_chunks()) for part in self.rows.parts())
        gone = [pc.is_valid(self.plan.known.why_not(keys)).to_numpy(zero_copy_only=False) for keys in parts]
        return np.concatenate([np.zeros(0, dtype=bool), *gone])


def account_columns(options: DeliveryOptions) -> tuple[str, ...]:
    """Further columns of the list that the accounts have and the scores have not.

    Parameters
    ----------
    options : DeliveryOptions
        Of the delivery.

    Returns
    -------
    tuple of str
        Each once.
    """
    if options.target == "none":
        return ()
    return tuple(name for name in dict.fromkeys(options.more) if name not in SCORE_COLUMNS)


def further_columns(cells: pa.RecordBatch, names: Sequence[str]) -> list[pa.Array]:
    """Cells of the accounts as text, the same whatever batch they stand in.

    Parameters
    ----------
    cells : RecordBatch
        As the source has them.
    names : sequence of str
        The columns.

    Returns
    -------
    list of Array of string
        In the order of the names.
    """
    return [plain_cells(cells.column(name)) for name in names]


def with_columns(scored: pa.RecordBatch, names: Sequence[str], columns: Sequence[pa.Array]) -> pa.RecordBatch:
    """Scored rows with further columns of the accounts, as :func:`icp.delivery.deliver` takes them.

    Parameters
    ----------
    scored : RecordBatch
        As scored.
    names : sequence of str
        The columns, as the accounts call them.
    columns : sequence of Array
        Their cells.

    Returns
    -------
    RecordBatch
        One column more for each.
    """
    if names:
        from icp.delivery import ACCOUNT_COLUMN
    for name, cells in zip(names, columns, strict=True):
        scored = scored.append_column(ACCOUNT_COLUMN + name, cells)
    return scored


def put_aside(
    config: RunConfig,
    ids: Callable[[], Iterable[pa.Array]],
    n_rows: int,
    scratch: Path,
    columns: Collection[str] | None = None,
) -> Aside | None:
    """Where scored rows wait for the list and the ledger, once it is sure that both can take all keys.

    Parameters
    ----------
    config : RunConfig
        Of the run.
    ids : callable
        Gives batches of all ids, in the order of the input.
    n_rows : int
        How many there are.
    scratch : Path
        Folder for what does not fit in memory.
    columns : collection of str, default=None
        Those that the accounts have; None where that was looked at before.

    Returns
    -------
    Aside or None
        None where there is neither a list nor a campaign, and nothing to decide.

    Raises
    ------
    TableError, ConfigError, DeliveryError
        The ledger or the target would refuse or change a key, or cannot have a column; the file of known keys cannot
        be used (``ICP610``).
    """
    _refuse_formulas(config, ids)
    plan = None
    if config.delivery.target != "none":
        from icp._rules import read_actions
        from icp.delivery import plan_list, read_since, shaped

        actions = read_actions(config)
        wanted = account_columns(config.delivery)
        if columns is not None and not set(wanted) <= set(columns):
            shaped(config.delivery, actions)
            missing = [name for name in wanted if name not in columns]
            raise TableError("The list cannot be written.", missing_columns(missing, list(columns), "accounts"))
        known = _known(config.delivery, scratch / "known")
        plan = plan_list(ids, config.delivery, scratch / "keys", known, actions)
        if config.delivery.since:
            earlier = read_since(Path(config.delivery.since), plan.target.name, config.delivery.valid_days)
            plan = replace(plan, since=earlier)
    elif not config.campaign and not wants_plan(config):
        return None
    if config.campaign or wants_plan(config):
        from icp.outcomes import check_entries

        check_entries(ids, scratch / "entries")
    return Aside(InOrder("account_id", scratch / "list", ids, n_rows), plan)


def _refuse_formulas(config: RunConfig, ids: Callable[[], Iterable[pa.Array]]) -> None:
    """Ids on lists that people open in a spreadsheet must not be run by it."""
    if not wants_plan(config):
        return
    from icp.delivery import call_list_problems

    problems = call_list_problems(ids())
    if problems:
        raise DeliveryError("The lists for sales cannot be written.", problems)


def write_list(
    aside: Aside, listed: Listed, config: RunConfig, bundle: Bundle, run_id: str, stage: Path
) -> tuple[Delivery, list[str]]:
    """Write the list.

    Parameters
    ----------
    aside : Aside
        With a plan.
    listed : icp._listed.Listed
        Who is on it.
    config : RunConfig
        Of the run.
    bundle : Bundle
        The model.
    run_id : str
        Identity of the run.
    stage : Path
        Where.

    Returns
    -------
    delivery : Delivery
        What was written.
    notes : list of str
        Lines for the summary.

    Raises
    ------
    DeliveryError
        The target would refuse or change a cell.
    """
    from icp.delivery import deliver

    assert aside.plan is not None  # noqa: S101 - there is a list
    if aside.plan.known is not None:  # scored accounts that are on no list are not accounts without a score
        for ids in listed.left_out():
            aside.plan.known.see(aside.plan.rule.keys(ids))
    if aside.plan.since is not None and (stage / "changes.csv").is_file():
        aside.plan.since.why.update(_why(stage / "changes.csv", config.delivery.key_prefix))
    definition = bundle.card.get("definition") or {}
    written = deliver(
        listed.delivered(),
        aside.plan,
        stage,
        run_id=run_id,
        model_sha256=bundle.content_hash,
        package_version=__version__,
        facts={
            "definition_sha": definition.get("sha256") or None,
            "definition_signed": bool((definition.get("signoff") or {}).get("signed")),
            "not_listed": listed.n_left_out,
        },
    )
    place, manifest = Path(config.output) / written.target.name, written.manifest
    notes = [f"for the CRM: {place} (read LOADING.md there first)"]
    if not manifest["loadable"]:
        notes = [f"to look at: {place}"]
    if aside.plan.known is not None:
        left = sum(manifest["left_out"].values())
        notes.append(
            f"known keys: {manifest['rows']:,} accounts in the list, {left:,} not in the CRM (not_in_crm.csv), "
            f"{manifest['not_in_list']:,} in the CRM without a score"
        )
    if aside.plan.since is not None:
        notes += [f"careful: {text}" for text in aside.plan.since.cautions()]
        n = aside.plan.since.counts()
        moved = f"{n['up']:,} moved up, {n['down']:,} down, {n['new']:,} new"
        notes.append(f"since list {aside.plan.since.run_id}: {manifest['rows']:,} rows changed ({moved}: moves.csv)")
        notes.append(
            f"as the CRM holds them: {n['same']:,} rows, left out; in earlier lists only: {n['gone']:,} accounts"
        )
    return written, notes


def _why(changes: Path, prefix: str) -> dict[str, str]:
    """Why each score is not what it was, by key."""
    with changes.open(encoding="utf-8", newline="") as file:
        return {prefix + row["account_id"]: row["why"] for row in csv.DictReader(file)}


def _known(options: DeliveryOptions, folder: Path) -> Callable[[], Iterator[pa.Array]] | None:
    """The keys that are in the CRM, read anew each time."""
    if options.known_keys is None:
        return None
    try:
        source = AccountOptions(source="csv", path=options.known_keys)
        table = read_raw(source, "known_keys", folder=folder, key="delivery.known_keys").table
    except TableError as error:
        raise DeliveryError("The file of 'delivery.known_keys' cannot be read.", error.problems) from None
    column = _key_column(options, table.column_names)
    return lambda: (batch.column(0).cast(pa.string()) for batch in read_batches(table, [column]))


def _key_column(options: DeliveryOptions, names: list[str]) -> str:
    from icp.delivery import shaped

    rules = shaped(options)
    heads = [rules.key.header, *([rules.record.header] if rules.record else []), rules.key.name]
    if options.key == "record" and rules.record:
        heads = [rules.record.header]
    column = options.known_column or next((name for name in heads if name in names), None)
    if column is None and len(names) == 1:
        column = names[0]
    if column not in names:
        said = f"'{options.known_keys}' has no column '{column or rules.key.header}'."
        action = f"Name the column with the keys: delivery.known_column=... There are: {', '.join(names[:12])}."
        raise DeliveryError.one("ICP610", said, action)
    return str(column)
