"""The messages of a model as plain data, and the one that an account is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._groups import Group

__all__ = ["BookEntry", "MessageBook"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BookEntry:
    """One message that is delivered.

    Parameters
    ----------
    id : str
        As in the library.
    profile_id : str
        Profile it is for; ``""`` for every account.
    text : str
        What is delivered: placeholders filled in, safe in a CRM cell.
    conditions : tuple of (int, Group)
        Position of a trait among those of profiles, and the group that the account must be in; all of them.
    """

    id: str
    profile_id: str
    text: str
    conditions: tuple[tuple[int, Group], ...]

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Which accounts show everything the message rests on.

        Parameters
        ----------
        values : ndarray of float64, shape (n_accounts, n_traits)
            Traits of profiles.

        Returns
        -------
        ndarray of bool, shape (n_accounts,)
            True where they do.
        """
        shown = np.ones(len(values), dtype=bool)
        for column, group in self.conditions:
            shown &= group.holds(values[:, column])
        return shown


@dataclass(frozen=True)
class MessageBook:
    """All messages that are delivered, strongest evidence first.

    Parameters
    ----------
    entries : tuple of BookEntry
        In the order in which they are tried.
    source : str, default=""
        Name of the library's file.
    """

    entries: tuple[BookEntry, ...]
    source: str = ""

    def talking_points(
        self, values: Floats, index: NDArray[np.int64], profile_ids: Sequence[str]
    ) -> NDArray[np.object_]:
        """The first message of its profile that each account supports, else the first of those for all.

        Parameters
        ----------
        values : ndarray of float64, shape (n_accounts, n_traits)
            Traits of profiles; a row never depends on the other rows.
        index : ndarray of int64, shape (n_accounts,)
            Position of each account's profile in ``profile_ids``; -1 for none.
        profile_ids : sequence of str
            Profiles of the model.

        Returns
        -------
        ndarray of object, shape (n_accounts,)
            Text; empty where no message fits.
        """
        texts = np.full(len(values), "", dtype=object)
        weakest_first = self.entries[::-1]  # the strongest is written last, and those for all before any of a profile
        for entry in (*(e for e in weakest_first if not e.profile_id), *(e for e in weakest_first if e.profile_id)):
            if not entry.profile_id:
                rows = np.ones(len(values), dtype=bool)
            elif entry.profile_id in profile_ids:
                rows = index == list(profile_ids).index(entry.profile_id)
            else:
                continue
            texts[rows & entry.holds(values)] = entry.text
        return texts

    def ids_of(self, profile_ids: Sequence[str | None], texts: Sequence[str | None]) -> list[str | None]:
        """Which message each account was given, by the text it was given.

        Parameters
        ----------
        profile_ids : sequence of str or None
            Profile of each account.
        texts : sequence of str or None
            As :meth:`talking_points` gave them.

        Returns
        -------
        list of str or None
            Ids of the library; None for texts of none, and for messages that their author gave no id.
        """
        known = {(entry.profile_id, entry.text): entry.id for entry in self.entries[::-1]}
        found = [known.get((one or "", text or ""), known.get(("", text or ""))) for one, text in
                 zip(profile_ids, texts, strict=True)]  # fmt: skip
        return [None if name is None or name.startswith("#") else name for name in found]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values.

        Returns
        -------
        dict
            One key per parameter.
        """
        rows = [
            {
                "id": entry.id,
                "profile_id": entry.profile_id,
                "text": entry.text,
                "conditions": [[column, group.to_dict()] for column, group in entry.conditions],
            }
            for entry in self.entries
        ]
        return {"entries": rows, "source": self.source}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> MessageBook:
        """The book that :meth:`to_dict` described.

        Parameters
        ----------
        values : mapping
            As made by :meth:`to_dict`.

        Returns
        -------
        MessageBook
            Gives every account the same message.
        """
        entries = tuple(
            BookEntry(
                row["id"],
                row["profile_id"],
                row["text"],
                tuple((column, Group.from_dict(group)) for column, group in row["conditions"]),
            )
            for row in values["entries"]
        )
        return cls(entries, values["source"])
