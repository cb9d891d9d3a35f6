"""Only what changed since an earlier list: rows the CRM does not hold yet, and who moved between tiers."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from icp._csv import csv_bytes
from icp.delivery._check import read_list, read_manifest
from icp.delivery._verify import as_written
from icp.errors import DeliveryError, Problem

__all__ = ["STATE", "Since", "read_since"]

STATE = "state/sent.csv"
"""What the CRM holds after a list with changes only: that list and those before it."""

MOVES = "moves.csv"
_STATE_COLUMNS = ("account_key", "tier", "score", "model_version", "valid_until", "digest")
_OF_THE_RUN = ("run_id", "score_date", "valid_until")
_TIERS = "ABCD"


@dataclass(frozen=True)
class _Sent:
    """What an account was sent last."""

    tier: str
    score: str
    model_version: str
    valid_until: str
    digest: str


class Since:
    """What the CRM holds of earlier lists, and what the list that is written changes in it.

    Parameters
    ----------
    run_id : str
        Of the earlier list.
    sent : mapping of str to _Sent
        By key.
    valid_days : int
        Days a score is valid: dates alone are sent again when less than half of them is left.
    why : mapping of str to str, default=None
        Why the score of an account changed, by key, where that was asked for.

    Attributes
    ----------
    n_same : int
        Rows that were left out, as the CRM holds them.
    """

    def __init__(
        self, run_id: str, sent: Mapping[str, _Sent], valid_days: int, why: Mapping[str, str] | None = None
    ) -> None:
        self.run_id, self.n_same = run_id, 0
        self.why = dict(why or {})
        self._sent, self._valid_days = dict(sent), valid_days
        self._seen: set[str] = set()
        self._moves: list[tuple[str, ...]] = []
        self._models: dict[str, set[str]] = {"was": set(), "now": set()}
        self._n_newer = self._n_forgotten = 0

    @property
    def n_gone(self) -> int:
        """Accounts that were sent earlier and are not in this list."""
        return len(self._sent.keys() - self._seen) + self._n_forgotten

    def filled(self, rows: pa.Table) -> pa.Table:
        """Rows with the change of the score, and the earlier tier where it is another.

        Parameters
        ----------
        rows : Table
            Under canonical names.

        Returns
        -------
        Table
            ``score_change`` is empty where the model is another one or the score is the same.
        """
        earlier = [self._sent.get(key) for key in rows.column("account_key").to_pylist()]
        names = ("tier", "score", "model_version")
        now = zip(*(rows.column(name).to_pylist() for name in names), strict=True)
        changes: list[str | None] = []
        before: list[str | None] = []
        for was, (tier, score, model) in zip(earlier, now, strict=True):
            comparable = was is not None and was.model_version == model and was.score and score
            change = f"{float(score) - float(was.score):.2f}" if was is not None and comparable else ""
            changes.append(change if change and float(change) else None)
            before.append(was.tier if was is not None and was.tier != tier else None)
        for name, cells in (("score_change", changes), ("tier_previous", before)):
            if name in rows.column_names:
                rows = rows.set_column(rows.column_names.index(name), name, pa.array(cells, pa.string()))
        return rows

    def changed(self, rows: pa.Table) -> pa.Table:
        """Rows that the CRM does not hold as they are.

        Parameters
        ----------
        rows : Table
            From :meth:`filled`.

        Returns
        -------
        Table
            Also those whose dates are to be renewed.
        """
        wanted = []
        for key, digest, row in _digests(rows):
            was, now = self._sent.get(key), _as_sent(row, digest)
            self._seen.add(key)
            if was is not None:
                self._models["was"].add(was.model_version)
                self._models["now"].add(now.model_version)
                self._n_newer += was.valid_until > now.valid_until
            write = was is None or was.digest != digest or self._is_old(was, row)
            wanted.append(write)
            if write:
                self._sent[key] = now
            self._note(key, was, now)
        self.n_same += len(wanted) - sum(wanted)
        return rows.filter(pa.array(wanted, pa.bool_()))

    def forget(self, keys: Iterable[str | None]) -> None:
        """Accounts that this list sets to not scored in the CRM: where a later one scores them, they are new.

        Parameters
        ----------
        keys : iterable of str
            In the CRM and not in the list.
        """
        self._n_forgotten += sum(self._sent.pop(key, None) is not None for key in keys if key)

    def files(self) -> dict[str, bytes]:
        """Who moved, the rise before the fall, and what the CRM holds now.

        Returns
        -------
        dict of str to bytes
            By name.
        """
        moves = sorted(self._moves, key=lambda row: (("up", "down", "new").index(row[0]), row[3], row[1]))
        heads = ("move", "account_key", "tier_previous", "tier", "score_previous", "score", "why")
        state = [(key, *vars(self._sent[key]).values()) for key in sorted(self._sent)]
        return {MOVES: _table(heads, moves), STATE: _table(_STATE_COLUMNS, state)}

    def counts(self) -> dict[str, int]:
        """How many accounts moved, and how many rows were left out.

        Returns
        -------
        dict of str to int
            For the manifest.
        """
        moved = [row[0] for row in self._moves]
        return {
            **{name: moved.count(name) for name in ("up", "down", "new")},
            "same": self.n_same,
            "gone": self.n_gone,
        }

    def cautions(self) -> list[str]:
        """What speaks against the earlier list being the one that the CRM was sent last.

        Returns
        -------
        list of str
            Empty where nothing does.
        """
        was, now = ({version.rpartition("-")[0] for version in self._models[part]} for part in ("was", "now"))
        found = []
        if was - now:
            names = ", ".join(f"'{name}'" for name in sorted(was - now))
            found.append(f"the list of delivery.since is of model {names}: is it the last one that this CRM was sent?")
        if self._n_newer:
            found.append(
                f"{self._n_newer:,} rows of the list of delivery.since are of a later date: it is newer than this list"
            )
        return found

    def _is_old(self, was: _Sent, row: Mapping[str, str | None]) -> bool:
        """Whether dates alone are worth a row."""
        today, valid = row.get("score_date"), row.get("valid_until")
        if not today or not valid or valid == was.valid_until:
            return False
        left = (date.fromisoformat(was.valid_until) - date.fromisoformat(today)).days if was.valid_until else 0
        return 2 * left < self._valid_days

    def _note(self, key: str, was: _Sent | None, now: _Sent) -> None:
        if was is None:
            self._moves.append(("new", key, "", now.tier, "", now.score, "not in the earlier list"))
        elif was.tier != now.tier:
            up = _rank(now.tier) < _rank(was.tier)
            why = self.why.get(key) or _why(was, now)
            self._moves.append(("up" if up else "down", key, was.tier, now.tier, was.score, now.score, why))


def read_since(manifest: Path, target: str, valid_days: int) -> Since:
    """What the CRM holds, from the list it was sent last.

    Parameters
    ----------
    manifest : Path
        ``manifest.json`` of that list, or its folder.
    target : str
        Of the list that is to be written.
    valid_days : int
        Days a score is valid.

    Returns
    -------
    Since
        Of that list, and of those before it where it held changes only.

    Raises
    ------
    DeliveryError
        There is no list (``ICP608``), it is for another target (``ICP612``), or a file of it is missing or was altered
        (``ICP742``).
    """
    folder = manifest if manifest.is_dir() else manifest.parent
    told = read_manifest(folder)
    if told["target"] != target:
        message = f"delivery.since names a list for {told['target']}, and this one is for {target}."
        raise DeliveryError.one("ICP612", message, "Name the last list that this CRM was sent.")
    as_written(folder)
    if told.get("previous_run_id"):
        sent = _read_state(folder / STATE, told.get("state_sha256"))
    else:
        parts = (one for part in read_list(folder) for one in _digests(part))
        sent = {key: _as_sent(row, digest) for key, digest, row in parts}
    return Since(str(told["run_id"]), sent, valid_days)


def _read_state(file: Path, sha256: str | None) -> dict[str, _Sent]:
    """What the CRM holds after a list with changes only; without it the lists before would be forgotten."""
    try:
        content = file.read_bytes()
    except OSError:
        raise _not_as_written(f"'{STATE}' is missing.") from None
    try:
        rows = list(csv.DictReader(content.decode("utf-8").splitlines()))
        sent = {row["account_key"]: _Sent(*(row[name] for name in _STATE_COLUMNS[1:])) for row in rows}
    except (KeyError, ValueError, csv.Error):
        sha256 = ""
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise _not_as_written(f"'{STATE}' was changed after it was written.")
    return sent


def _not_as_written(message: str) -> DeliveryError:
    action = "Copy it again from where icp.score wrote it, or name a list that is whole."
    return DeliveryError("What the CRM was sent cannot be read.", [Problem("ICP742", message, action)])


def _digests(rows: pa.Table) -> Iterator[tuple[str, str, Mapping[str, str | None]]]:
    """Key, fingerprint of what a rep reads, and cells of each row."""
    for row in rows.to_pylist():
        read = {name: cell for name, cell in row.items() if name not in _OF_THE_RUN and cell}
        text = json.dumps(read, sort_keys=True, ensure_ascii=False)
        yield str(row["account_key"]), hashlib.blake2b(text.encode(), digest_size=12).hexdigest(), row


def _as_sent(row: Mapping[str, str | None], digest: str) -> _Sent:
    tier, score, model, valid = (row.get(name) or "" for name in ("tier", "score", "model_version", "valid_until"))
    return _Sent(tier, score, model, valid, digest)


def _rank(tier: str) -> int:
    return _TIERS.index(tier) if tier and tier in _TIERS else len(_TIERS)


def _why(was: _Sent, now: _Sent) -> str:
    """Why a tier is another, as far as two lists can tell."""
    if was.model_version != now.model_version:
        return f"another model ({was.model_version} before); compare.model says by which part"
    return f"its data: score {was.score or '(none)'} to {now.score or '(none)'}, same model"


def _table(names: tuple[str, ...], rows: list[tuple[str, ...]]) -> bytes:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return csv_bytes(pa.table({name: pa.array(cells, pa.string()) for name, cells in zip(names, columns, strict=True)}))
