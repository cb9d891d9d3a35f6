"""What a CRM exports, as the three tidy tables of the ledger."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from icp.errors import TableError
from icp.outcomes._codes import code_map, unknown_codes
from icp.outcomes._schema import RETURNED_COLUMNS

__all__ = ["tidy"]


def tidy(table: str, frame: pd.DataFrame, codes: Sequence[str] = ()) -> pd.DataFrame:
    """Rows as read, with the columns of a tidy table and codes in our words.

    Parameters
    ----------
    table : {"activities", "dispositions", "outcomes"}
        What they are.
    frame : DataFrame
        ``account_id, at, kind`` and what else was mapped; of dispositions, ``kind`` is the code as the CRM has it.
    codes : sequence of str, default=()
        What its values mean, each ``"Their value=our_code"``.

    Returns
    -------
    DataFrame
        ``record_id`` (where there is one), ``account_id``, ``at`` and the columns of the table. Dispositions without a
        code say nothing and are left out.

    Raises
    ------
    ConfigError
        A pair is not one, or its code is not known (``ICP750``, ``ICP751``).
    TableError
        Values mean no code (``ICP750``): all of them, by name, with the nearest known one.

    Examples
    --------
    >>> rows = pd.DataFrame({"account_id": ["A"], "at": pd.to_datetime(["2026-04-01"]), "kind": ["Wrong fit"]})
    >>> tidy("dispositions", rows, ["Wrong fit=wrong_fit"])["code"].tolist()
    ['wrong_fit']
    """
    found = frame.copy()
    if table == "dispositions":
        known = code_map(codes)
        said = found["kind"].fillna("").astype(str).str.strip()
        found, said = found[(said != "").to_numpy()], said[said != ""]
        problems = unknown_codes(said.tolist(), known)
        if problems:
            raise TableError.in_table("dispositions", len(frame), "codes", problems)
        found["code"] = [known[value.casefold()] for value in said]
    for name in RETURNED_COLUMNS[table]:
        if name not in found.columns:
            found[name] = float("nan") if name == "amount" else ""
    own = ["record_id"] if "record_id" in found.columns else []
    return found[[*own, "account_id", "at", *RETURNED_COLUMNS[table]]].reset_index(drop=True)
