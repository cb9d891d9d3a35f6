"""What every command does first: read accounts, events and outcomes, and make the labels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import pandas as pd

from icp._progress import step
from icp.accounts import RawTable, check_accounts, check_dated, derive_accounts, read_accounts, read_dated, read_raw
from icp.config import RunConfig, resolve
from icp.labels import choose_as_of, label_columns, make_labels
from icp.tables import AccountTable, DatedTable, LabelTable

__all__ = ["Inputs", "as_of_date", "fingerprint", "read_history", "read_inputs", "read_raw_accounts"]


@dataclass(frozen=True)
class Inputs:
    """The tables a model is made from.

    Parameters
    ----------
    accounts : AccountTable
        One row per account.
    events, outcomes : DatedTable or None
        Dated history.
    labels : LabelTable
        Same rows as the accounts.
    """

    accounts: AccountTable
    events: DatedTable | None
    outcomes: DatedTable | None
    labels: LabelTable


def read_inputs(cfg: RunConfig) -> Inputs:
    """Read the accounts, events and outcomes of a configuration, and label the accounts.

    Parameters
    ----------
    cfg : RunConfig
        From :func:`icp.load_config`.

    Returns
    -------
    Inputs
        ``accounts``, ``labels``, ``events`` and ``outcomes``, ready for :meth:`icp.IdealCustomerModel.fit`.

    Raises
    ------
    TableError, ConfigError
        As the reading and labelling stages say.

    Examples
    --------
    >>> inputs = read_inputs(icp.load_config("train"))
    >>> len(inputs.accounts), int(inputs.labels.label.sum())
    (5000, 357)
    """
    run = resolve(cfg)
    given = as_of_date(run)
    events, outcomes = read_history(run)
    label_text, label_numeric = label_columns(run.labels)
    with step("reading accounts"):
        if run.accounts.source == "derived":
            accounts = derive_accounts(*(table for table in (events, outcomes) if table is not None))
        else:
            accounts = read_accounts(run.accounts, as_of=given, label_text=label_text, label_numeric=label_numeric)
    check_accounts(accounts)
    for table in (events, outcomes):
        if table is not None:
            check_dated(table)
    as_of, finding = choose_as_of(run.labels, accounts, events, outcomes, given)
    accounts = replace(accounts, as_of=as_of, findings=(*accounts.findings, *([finding] if finding else [])))
    for table in (events, outcomes):
        if table is not None:
            accounts = replace(accounts, findings=(*accounts.findings, *table.findings))
    with step("labelling best customers"):
        labels = make_labels(run.labels, accounts, outcomes, as_of=as_of, events=events)
    return Inputs(accounts, events, outcomes, labels)


def read_history(run: RunConfig) -> tuple[DatedTable | None, DatedTable | None]:
    """Events and outcomes, where the run names them.

    Parameters
    ----------
    run : RunConfig
        Resolved configuration.

    Returns
    -------
    events, outcomes : DatedTable or None
        None where the source is ``none``.
    """
    tables: list[DatedTable | None] = []
    for name, options in (("events", run.events), ("outcomes", run.outcomes)):
        if options.source == "none":
            tables.append(None)
            continue
        with step(f"reading {name}"):
            tables.append(read_dated(name, options))
    return tables[0], tables[1]


def read_raw_accounts(run: RunConfig, *tables: DatedTable | None) -> RawTable:
    """Accounts as the source has them, for scoring.

    Parameters
    ----------
    run : RunConfig
        Resolved configuration.
    *tables : DatedTable or None
        Dated history, for ``accounts=derived``.

    Returns
    -------
    RawTable
        Cells not parsed yet.
    """
    if run.accounts.source != "derived":
        with step("reading accounts"):
            return read_raw(run.accounts, "accounts")
    import pyarrow as pa

    derived = derive_accounts(*(table for table in tables if table is not None))
    ids = pa.table({"account_id": pa.array(derived.frame.index.to_numpy(dtype=object), pa.string())})
    return RawTable(ids, derived.source, "parquet", None, None, None, ())


def as_of_date(run: RunConfig) -> pd.Timestamp | None:
    """The cut-off date asked for.

    Parameters
    ----------
    run : RunConfig
        Resolved configuration.

    Returns
    -------
    Timestamp or None
        Midnight of ``as_of``.
    """
    return None if run.as_of is None else pd.Timestamp(run.as_of)


def fingerprint(inputs: Inputs) -> str:
    """Hash of everything that was read, the same for the same rows.

    Parameters
    ----------
    inputs : Inputs
        As read.

    Returns
    -------
    str
        sha256, hexadecimal.
    """
    digest = hashlib.sha256()
    frames = [inputs.accounts.frame, inputs.labels.label.to_frame()]
    frames += [table.frame for table in (inputs.events, inputs.outcomes) if table is not None]
    for frame in frames:
        digest.update("\x1f".join(map(str, frame.columns)).encode())
        digest.update(pd.util.hash_pandas_object(frame, index=True).to_numpy().tobytes())
    return digest.hexdigest()
