"""What can go wrong, said so that the reader knows what to do.

Every error of `icp` derives from :class:`ICPError`. An error holds a list of numbered :class:`Problem` objects, all
found at once, and prints them as one block: what is wrong, where, in how many rows, examples, what to do next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = [
    "BundleError",
    "ConfigError",
    "DeliveryError",
    "ICPError",
    "ICPWarning",
    "ModelNotFoundError",
    "NotEnoughDataError",
    "Problem",
    "TableError",
    "TrackingError",
    "did_you_mean",
]

_MAX_EXAMPLES = 3


@dataclass(frozen=True)
class Problem:
    """One numbered thing that is wrong.

    Parameters
    ----------
    code : str
        The number, for example ``"ICP102"``; each has its line in ``docs/reference/codes.md``.
    message : str
        What is wrong, as a full sentence without the examples.
    action : str
        What to do about it.
    column : str or None, default=None
        The column concerned.
    n_rows : int or None, default=None
        How many rows are affected.
    examples : tuple of str, default=()
        Values or ids; three at most are shown.

    Examples
    --------
    >>> print(Problem("ICP104", "'account_id' repeats.", "Keep one.", n_rows=6, examples=("A-1", "A-2")))
    ICP104  'account_id' repeats. (6 rows, e.g. A-1, A-2)  Keep one.
    """

    code: str
    message: str
    action: str
    column: str | None = None
    n_rows: int | None = None
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = []
        if self.n_rows is not None:
            parts.append(f"{self.n_rows:,} row{'' if self.n_rows == 1 else 's'}")
        if self.examples:
            parts.append("e.g. " + ", ".join(self.examples[:_MAX_EXAMPLES]))
        where = f" ({', '.join(parts)})" if parts else ""
        return f"{self.code}  {self.message}{where}  {self.action}"


class ICPError(Exception):
    """Base of every error that `icp` raises for something its user can mend.

    Parameters
    ----------
    title : str
        One line that says where the problems are.
    problems : sequence of Problem, default=()
        Everything found, numbered.
    """

    def __init__(self, title: str, problems: Sequence[Problem] = ()) -> None:
        self.title = title
        self.problems = tuple(problems)
        super().__init__(self.block())

    def block(self) -> str:
        """The whole message: a title line, then one line per problem.

        Returns
        -------
        str
            What the command line prints; a title that only repeats the one problem is left out.
        """
        if len(self.problems) == 1 and _same(self.title, self.problems[0].message):
            return str(self.problems[0])
        return "\n".join([self.title, *(f"  {problem}" for problem in self.problems)])

    @classmethod
    def one(cls, code: str, message: str, action: str, **details: object) -> ICPError:
        """An error with a single problem, whose message is also the title.

        Parameters
        ----------
        code, message, action : str
            As in :class:`Problem`.
        **details : object
            ``column``, ``n_rows`` and ``examples`` of the problem.

        Returns
        -------
        ICPError
            An error of the class it was called on.
        """
        return cls(message, [Problem(code, message, action, **details)])  # type: ignore[arg-type]


def _same(title: str, message: str) -> bool:
    return title.rstrip(".").casefold() == message.rstrip(".").casefold()


class ConfigError(ICPError, ValueError):
    """A key, group or value of the configuration is wrong."""


class TableError(ICPError, ValueError):
    """A table cannot be used as it is."""

    @classmethod
    def in_table(cls, table: str, n_rows: int, source: str, problems: Sequence[Problem]) -> TableError:
        """All problems of one table.

        Parameters
        ----------
        table : str
            ``"accounts"``, ``"events"`` or ``"outcomes"``.
        n_rows : int
            Rows in the table.
        source : str
            File name or query, as the user wrote it.
        problems : sequence of Problem
            What was found.

        Returns
        -------
        TableError
            With a title such as ``2 problems in table 'accounts' (1,204 rows), data/accounts.csv``.
        """
        many = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        return cls(f"{many} in table '{table}' ({n_rows:,} row{'' if n_rows == 1 else 's'}), {source}", problems)

    @staticmethod
    def missing_columns(missing: Iterable[str], available: Sequence[str], hint: str) -> list[Problem]:
        """One problem per column that is not there, with the nearest name that is.

        Parameters
        ----------
        missing : iterable of str
            Names asked for.
        available : sequence of str
            Names the table has.
        hint : str
            What to do when no name is near, for example ``"Set accounts.account_id."``.

        Returns
        -------
        list of Problem
            Code ``ICP102``, in the order given.
        """
        return [
            Problem("ICP102", f"column '{name}' is missing.", f"{did_you_mean(name, available)}{hint}", column=name)
            for name in missing
        ]


class NotEnoughDataError(ICPError, ValueError):
    """Too few best customers, or too few others, to say anything."""


class BundleError(ICPError, ValueError):
    """A model folder is damaged, altered, or not one."""


class ModelNotFoundError(ICPError, LookupError):
    """No such model, version or alias."""


class DeliveryError(ICPError, ValueError):
    """A list cannot be written so that the CRM would take it as it is meant."""


class TrackingError(ICPError, RuntimeError):
    """The tracking store does not answer or refuses."""


class ICPWarning(UserWarning):
    """Something a user should know that does not stop the work."""


def did_you_mean(name: str, available: Iterable[str]) -> str:
    """A short hint with the nearest of the names there are.

    Parameters
    ----------
    name : str
        What was written.
    available : iterable of str
        What could have been written.

    Returns
    -------
    str
        ``"Did you mean 'x'?  "``, or the empty string.

    Examples
    --------
    >>> did_you_mean("industy", ["industry", "city"])
    "Did you mean 'industry'?  "
    """
    lowered = {str(option).lower(): str(option) for option in available}
    near = difflib.get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.6)
    return f"Did you mean '{lowered[near[0]]}'?  " if near else ""
