"""From scores to the folder that sales operations loads."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from icp._csv import csv_header, csv_rows
from icp._files import to_json
from icp.delivery._cells import cell_problems
from icp.delivery._datapackage import data_package, table_schemas
from icp.delivery._fields import Field
from icp.delivery._files import ListFiles
from icp.delivery._hubspot import hubspot_files
from icp.delivery._keys import KeyRule, key_problems, key_rule
from icp.delivery._known import KnownKeys
from icp.delivery._loading import loading_steps
from icp.delivery._rows import NEXT_ACTION, list_rows, reworded
from icp.delivery._salesforce import salesforce_files
from icp.delivery._salesforce_ids import full_ids
from icp.delivery._since import STATE, Since
from icp.delivery._targets import Target, shaped
from icp.delivery._totals import Totals
from icp.errors import DeliveryError, Problem
from icp.options import DeliveryOptions

__all__ = ["Delivery", "ListPlan", "deliver", "plan_list"]

_LATER = ("tier", "status", "run_id")
_KNOWN_BUT_NOT_LISTED = {"tier": "not_scored", "status": "not_in_list"}


@dataclass(frozen=True)
class Delivery:
    """A list as it was written.

    Parameters
    ----------
    target : Target
        Whose rules it keeps.
    folder : Path
        Sub-folder with its files.
    manifest : mapping
        As in ``manifest.json``.
    """

    target: Target
    folder: Path
    manifest: Mapping[str, Any]


@dataclass(frozen=True)
class ListPlan:
    """A list that can be written: its columns are settled, and its keys were looked at.

    Parameters
    ----------
    options : DeliveryOptions
        Of the delivery.
    rule : KeyRule
        How ids become keys.
    known : KnownKeys or None
        The keys that are in the CRM.
    since : Since or None, default=None
        What the CRM holds of earlier lists; only what changes in it is written.
    actions : mapping of str to str
        Next action of each tier.
    """

    options: DeliveryOptions
    rule: KeyRule
    known: KnownKeys | None = None
    since: Since | None = None
    actions: Mapping[str, str] = field(default_factory=lambda: NEXT_ACTION)

    @property
    def target(self) -> Target:
        """The rules that everything is derived from."""
        return self.rule.rules


def plan_list(
    ids: Callable[[], Iterable[pa.Array]],
    options: DeliveryOptions,
    folder: Path | None = None,
    known: Callable[[], Iterable[pa.Array]] | None = None,
    actions: Mapping[str, str] | None = None,
) -> ListPlan:
    """Settle the columns of a list and refuse ids that cannot be keys, before any work is done for them.

    Parameters
    ----------
    ids : callable
        Gives batches of ids, as read.
    options : DeliveryOptions
        Target, columns, keys; ``target`` is not ``none``.
    folder : Path, default=None
        Where keys go while repeats are looked for; None keeps them in memory.
    known : callable, default=None
        Gives batches of the keys that are in the CRM, as it exports them.
    actions : mapping of str to str, default=None
        The company's own next action of each tier, words that :func:`icp._wording.plain` keeps; None takes
        :data:`NEXT_ACTION`.

    Returns
    -------
    ListPlan
        What :func:`deliver` takes.

    Raises
    ------
    ConfigError
        Columns the target cannot have (``ICP601``, ``ICP606``).
    DeliveryError
        Ids the target would refuse or mistake (``ICP602``, ``ICP603``, ``ICP607``); all at once.
    """
    rules = shaped(options, actions)
    actions = actions or NEXT_ACTION
    if options.key == "record" and rules.record is None:
        raise DeliveryError.one(
            "ICP607", f"delivery.key=record: {rules.title} has no record ids of its own.", "Use delivery.key=external."
        )
    rule = key_rule(ids, options, rules)
    problems = key_problems(ids, rule, folder)
    if problems:
        raise DeliveryError(f"The list cannot be written for {rules.title}.", problems)
    if known is None:
        return ListPlan(options, rule, actions=actions)

    def as_written() -> Iterable[pa.Array]:
        if not rule.of_salesforce:
            return known()
        return (pc.coalesce(full_ids(part)[0], part) for part in known())

    keys = KnownKeys(as_written, None if folder is None else folder / "known")
    return ListPlan(options, rule, keys, actions=actions)


def deliver(
    parts: Iterable[pa.Table],
    plan: ListPlan,
    folder: Path,
    *,
    run_id: str,
    model_sha256: str,
    package_version: str,
    facts: Mapping[str, Any] | None = None,
) -> Delivery:
    """Write scored rows for a target, into a sub-folder named after it.

    Parameters
    ----------
    parts : iterable of Table
        With the columns of ``scores.csv``, in the order of ``account_id``, whose ids :func:`plan_list` has passed.
    plan : ListPlan
        From :func:`plan_list`.
    folder : Path
        A stage, whose files appear together when all of them are written.
    run_id : str
        At most 36 characters; travels with every row.
    model_sha256 : str
        Content hash of the bundle.
    package_version : str
        Of icp.
    facts : mapping, default=None
        More keys for the manifest, such as ``definition_signed``.

    Returns
    -------
    Delivery
        What was written.

    Raises
    ------
    DeliveryError
        Cells the target would refuse or change (``ICP604``, ``ICP605``); all at once.
    """
    rules, options = plan.target, plan.options
    place = folder / rules.name
    place.mkdir(parents=True)
    writing = _Writing(place, plan, run_id)
    if options.line_ending not in ("LF", "CRLF"):
        writing.problems.add(
            Problem("ICP605", f"line_ending={options.line_ending} is not known.", "Choose LF or CRLF.")
        )
    try:
        for part in parts:
            if len(part):
                writing.add(part)
        entries = writing.close()
    finally:
        writing.abandon()
    moved = {} if plan.since is None else plan.since.files()
    manifest = {
        "schema_version": 2,
        "target": rules.name,
        "loadable": not rules.view_only,
        "run_id": run_id,
        "previous_run_id": None if plan.since is None else plan.since.run_id,
        "package_version": package_version,
        "model_sha256": model_sha256,
        "encoding": "utf-8-sig" if rules.view_only else "utf-8",
        "line_ending": options.line_ending,
        "null": rules.null,
        "empty": asdict(rules.empty),
        "key": "record" if plan.rule.record else "external",
        "key_column": rules.key.header,
        "key_prefix": options.key_prefix,
        "columns": list(rules.headers),
        "fields": [_told(field) for field in rules.fields],
        "message_used": rules.message_used.header,
        "limits": [asdict(limit) for limit in rules.limits],
        "files": entries,
        **writing.counts(),
        **({} if plan.since is None else {"since": plan.since.counts()}),
        **({"state_sha256": hashlib.sha256(moved[STATE]).hexdigest()} if moved else {}),
        **(facts or {}),
    }
    side = _side_files(rules, manifest) | moved
    for name, content in side.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return Delivery(rules, place, manifest)


def _side_files(rules: Target, manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """All that goes with the list, from the same object."""
    side = {"manifest.json": to_json(manifest).encode(), "LOADING.md": loading_steps(rules, manifest).encode()}
    side |= {name: to_json(made).encode() for name, made in table_schemas(rules, manifest["files"]).items()}
    side["datapackage.json"] = to_json(data_package(rules, manifest)).encode()
    if not rules.view_only:
        told = [
            {**_told(field), "loaded": field is not rules.message_used} for field in (*rules.fields, rules.message_used)
        ]
        side["fields.json"] = to_json(told).encode()
    if rules.name == "salesforce":
        side |= salesforce_files(rules)
    if rules.name == "hubspot":
        side |= hubspot_files(rules, manifest)
    return side


def _told(field: Field) -> dict[str, Any]:
    """A field as data."""
    told: dict[str, Any] = {
        name: getattr(field, name) for name in ("name", "header", "kind", "label", "help", "required")
    }
    if field.kind in ("key", "text"):
        told["length"] = field.length
    if field.kind == "number":
        told |= {"digits": field.digits, "decimals": field.decimals, "low": field.low, "high": field.high}
    return told | ({"options": list(field.options)} if field.options else {})


class _Writing:
    """A list while it is written."""

    def __init__(self, place: Path, plan: ListPlan, run_id: str) -> None:
        self._place, self._plan, self._run_id = place, plan, run_id
        self.problems = _Problems(plan.target)
        self._files = ListFiles(place, plan.target, plan.options)
        self._totals = Totals(plan.target)
        self._reworded: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._n_later = 0
        self._asides: dict[str, Any] = {}

    def add(self, part: pa.Table) -> None:
        plan = self._plan
        rows = list_rows(part, plan.rule, plan.options, self._run_id, plan.actions)
        rows = reworded(rows, plan.rule, self._reworded)
        if plan.since is not None:
            rows = plan.since.filled(rows)
        keys, ids = rows.column("account_key").combine_chunks(), part.column("account_id").combine_chunks()
        for column in plan.target.fields[1:]:
            if not (plan.target.view_only and column.kind == "text"):
                cells = rows.column(column.name).combine_chunks()
                for problem in cell_problems(column, keys, cells, plan.target.most("text")):
                    self.problems.add(problem)
        if self.problems:  # nothing will be written; the other parts are looked through
            return
        changed = pc.not_equal(keys, ids)
        if not plan.target.view_only and pc.any(changed).as_py():
            renamed = pa.table({"account_id": ids, "account_key": keys}).filter(changed)
            self._aside("ids/keys.csv", renamed)
        if plan.known is not None:
            why = plan.known.why_not(keys)
            out = pc.is_valid(why)
            counts = pc.value_counts(why.drop_null()).to_pylist()
            self._left_out.update({one["values"]: one["counts"] for one in counts})
            self._aside(
                "not_in_crm.csv", rows.select(["account_key", "tier", "score"]).append_column("why", why).filter(out)
            )
            rows = rows.filter(pc.invert(out))
        if plan.since is not None:
            rows = plan.since.changed(rows)
        if len(rows):
            self._files.add(rows)
            self._totals.add(rows)

    def close(self) -> list[dict[str, Any]]:
        if self._plan.known is not None:
            self._add_later(self._plan.known)
        entries = self._files.close()
        self.problems.refuse()
        return entries

    def abandon(self) -> None:
        self._files.abandon()
        for file in self._asides.values():
            file.close()

    def counts(self) -> dict[str, Any]:
        return {
            **self._totals.to_dict(),
            "left_out": dict(self._left_out),
            "not_in_list": self._n_later,
            "reworded": {name: n for name, n in self._reworded.items() if n},
        }

    def _add_later(self, known: KnownKeys) -> None:
        """Accounts of the CRM that the list does not score, in files of their own."""
        fields = [field for field in self._plan.target.fields if field.name in ("account_key", *_LATER)]
        for keys in known.not_seen():
            columns = {name: pa.array([text] * len(keys)) for name, text in _KNOWN_BUT_NOT_LISTED.items()}
            rows = pa.table({"account_key": keys, **columns, "run_id": pa.array([self._run_id] * len(keys))})
            self._files.add(rows, fields, "not_in_list")
            self._n_later += len(keys)
            if self._plan.since is not None:
                self._plan.since.forget(keys.to_pylist())

    def _aside(self, name: str, rows: pa.Table) -> None:
        """Rows of a side file, which is there when it has some."""
        if not len(rows):
            return
        if name not in self._asides:
            (self._place / name).parent.mkdir(exist_ok=True)
            self._asides[name] = (self._place / name).open("wb")
            self._asides[name].write(csv_header(rows.column_names))
        self._asides[name].write(csv_rows(rows))


class _Problems:
    """Problems of all parts, one for each thing that is wrong."""

    def __init__(self, rules: Target) -> None:
        self._rules = rules
        self._found: dict[tuple[str, str], Problem] = {}

    def add(self, problem: Problem) -> None:
        key = (problem.code, problem.message)
        before = self._found.get(key)
        if before is not None:
            n_rows = (before.n_rows or 0) + (problem.n_rows or 0)
            problem = replace(problem, n_rows=n_rows, examples=(*before.examples, *problem.examples)[:3])
        self._found[key] = problem

    def __bool__(self) -> bool:
        return bool(self._found)

    def refuse(self) -> None:
        if self._found:
            order = [field.name for field in self._rules.fields]
            found = sorted(self._found.values(), key=lambda one: order.index(one.column or order[-1]))
            raise DeliveryError(f"The list cannot be written for {self._rules.title}.", found)
