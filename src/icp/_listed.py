"""What becomes of each scored account: whether the CRM gets it, what the ledger keeps, which files tell of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from icp._csv import csv_bytes
from icp._spill import InOrder
from icp.tables import Finding

if TYPE_CHECKING:
    from icp.lists import HoldoutDesign
    from icp.messages import MessageBook

__all__ = ["NOT_IN_CRM", "Listed"]

NOT_IN_CRM = "not_in_crm"
"""Why a row is not delivered that the CRM does not have."""


@dataclass(frozen=True)
class Listed:
    """What becomes of each scored account.

    Parameters
    ----------
    rows : InOrder
        All scored rows.
    columns : Table
        What was decided, one row per scored row, in their order; no columns where nothing was to be decided.
    design : HoldoutDesign or None, default=None
        The hold-out.
    files : mapping of str to bytes, default={}
        To be written, by their path in the output folder.
    notes : tuple of str, default=()
        For the summary.
    findings : tuple of Finding, default=()
        What there is to say of it.
    """

    rows: InOrder
    columns: pa.Table
    design: HoldoutDesign | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def n_left_out(self) -> int:
        """Accounts that the CRM does not get."""
        if "left_out" not in self.columns.column_names:
            return 0
        return int(pc.sum(_decided(self.columns)).as_py() or 0)

    def delivered(self) -> Iterator[pa.Table]:
        """The rows that the CRM gets.

        Yields
        ------
        Table
            With the columns of ``scores.csv``, in the order of the ids; rows that are not in the CRM too, which are put
            into a file of their own.
        """
        for part, decided in self._beside():
            if "left_out" in decided.column_names:
                part = part.filter(pc.invert(_decided(decided)))
            yield part

    def left_out(self) -> Iterator[pa.Array]:
        """Ids of the scored accounts that the CRM does not get.

        Yields
        ------
        Array of string
            In order.
        """
        for part, decided in self._beside():
            if "left_out" in decided.column_names:
                ids = part.column("account_id").filter(_decided(decided))
                yield ids.combine_chunks()

    def entries(self, messages: MessageBook | None = None) -> Iterator[pa.Table]:
        """All rows with what was decided of them, for the ledger.

        Parameters
        ----------
        messages : MessageBook or None, default=None
            The company's messages, of which the ledger keeps the ids.

        Yields
        ------
        Table
            The columns of ``scores.csv``, those of the plan, and ``message_id`` where there are messages.
        """
        for part, decided in self._beside():
            for name in decided.column_names:
                part = part.append_column(name, decided.column(name))
            if messages is not None:
                ids = messages.ids_of(*(part.column(name).to_pylist() for name in ("profile_id", "talking_point")))
                part = part.append_column("message_id", pa.array(ids, pa.string()))
            yield part

    def run_id(self, run_id: str) -> str:
        """Identity of the list: the same for the same scores and the same decisions.

        Parameters
        ----------
        run_id : str
            Identity of the scores.

        Returns
        -------
        str
            As given where nothing was decided.
        """
        if not self.columns.num_columns:
            return run_id
        digest = hashlib.sha256(run_id.encode())
        digest.update(csv_bytes(self.columns))
        return digest.hexdigest()[:32]

    def write(self, stage: Path) -> None:
        """Write the files of the plan.

        Parameters
        ----------
        stage : Path
            Where.
        """
        for name, content in self.files.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).write_bytes(content)

    def _beside(self) -> Iterator[tuple[pa.Table, pa.Table]]:
        start = 0
        for part in self.rows.parts():
            yield part, self.columns.slice(start, len(part))
            start += len(part)


def _decided(columns: pa.Table) -> pa.ChunkedArray:
    """Rows that are left out by decision, not for what the CRM has."""
    left_out = columns.column("left_out")
    return pc.and_(pc.is_valid(left_out), pc.fill_null(pc.not_equal(left_out, NOT_IN_CRM), False))
