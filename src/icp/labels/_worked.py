"""Which accounts sales worked: nothing can be said of the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from icp.errors import TableError
from icp.tables import AccountTable, Finding

__all__ = ["leave_unworked_out", "worked_accounts"]

_NOT_WORKED = frozenset({
    "", "0", "no", "n", "false", "f", "none", "never", "not worked", "unworked", "not contacted", "new", "untouched",
    "nein", "non", "offen",
})  # fmt: skip


def worked_accounts(accounts: AccountTable) -> NDArray[np.bool_] | None:
    """Whether sales worked each account, by the column with the role ``worked``.

    Parameters
    ----------
    accounts : AccountTable
        All accounts.

    Returns
    -------
    ndarray of bool, shape (n_accounts,), or None
        A date or a number above 0 means worked, as does any text but those that say no; an empty cell means not. None
        without such a column.

    Raises
    ------
    TableError
        No account was worked (``ICP359``).
    """
    column = next((column for column in accounts.columns if column.role == "worked"), None)
    if column is None:
        return None
    cells = accounts.frame[column.name]
    if cells.dtype.kind == "M":
        worked = cells.notna().to_numpy()
    elif cells.dtype.kind in "fiu":
        worked = (cells.fillna(0.0) > 0).to_numpy()
    else:
        text = cells.astype(object).where(cells.notna(), "").astype(str).str.strip().str.lower()
        worked = (~text.isin(_NOT_WORKED)).to_numpy()
    if not worked.any():
        raise TableError.one(
            "ICP359",
            f"no cell of '{column.name}' says that sales worked an account.",
            "Name another column with accounts.worked, or leave the option out.",
            column=column.name,
            n_rows=len(cells),
        )
    return np.asarray(worked, dtype=bool)


def leave_unworked_out(
    label: NDArray[np.float64], may: NDArray[np.bool_], worked: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], list[Finding]]:
    """Labels without the accounts that nobody worked: never contacted is never "not best".

    Parameters
    ----------
    label : ndarray of float64, shape (n_accounts,)
        1, 0 or NaN by the recipe.
    may : ndarray of bool, shape (n_accounts,)
        Accounts that could have become best.
    worked : ndarray of bool, shape (n_accounts,)
        From :func:`worked_accounts`.

    Returns
    -------
    label : ndarray of float64, shape (n_accounts,)
        NaN where not worked.
    unworked : ndarray of bool, shape (n_accounts,)
        Accounts that could have become best, had they been worked.
    findings : list of Finding
        ``ICP356``, and ``ICP357`` where accounts became best without being worked.
    """
    unworked = ~worked & (may | np.isfinite(label))
    findings = []
    if unworked.any():
        n = int(unworked.sum())
        message = (
            f"{n:,} accounts were never worked: they are unlabelled, as nobody knows what they would have become; the "
            "score is learned from the worked ones."
        )
        findings.append(Finding("ICP356", "note", message, n_rows=n))
    alone = int((~worked & (label == 1.0)).sum())
    if alone:
        message = (
            f"{alone:,} accounts became best customers though the column of accounts.worked says that nobody worked "
            "them; they are left out too, like those that did not. Check the column if they are many."
        )
        findings.append(Finding("ICP357", "warning", message, n_rows=alone))
    return np.where(worked, label, np.nan), unworked, findings
