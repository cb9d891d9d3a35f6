"""From what was composed to what a command works with: ``auto`` settled, values checked, everything plain."""

from __future__ import annotations

import copy
import re
from dataclasses import asdict, fields
from functools import reduce
from typing import TYPE_CHECKING, Any

from icp._days import is_day
from icp._pipes import pipe_problem
from icp.config._check import has_target, raise_if
from icp.config._schema import ACTIONS, CHOICES, FILES, RANGES, Part, RunConfig
from icp.config._secrets import mask_tree
from icp.config._types import wrong_types
from icp.errors import ConfigError, Problem, did_you_mean
from icp.options import CallListOptions, LabelOptions, profile_names

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from icp.options import DatedOptions

__all__ = ["resolve", "resolved_yaml"]

SAMPLE_AS_OF = "2026-03-31"
"""Date the built-in sample is frozen at; it is older than the outcomes that make its labels."""

SAMPLE_COLUMNS = {
    "events": {"account_id": "account_id", "at": "at", "kind": "kind"},
    "outcomes": {"account_id": "account_id", "at": "at", "kind": "stage", "amount": "amount_eur"},
}
"""Columns of the built-in sample; ``conf/events/sample.yaml`` and ``conf/outcomes/sample.yaml`` say the same."""

_TABLE = re.compile(r"\w+(\.\w+){0,2}", re.ASCII)
_NAME = re.compile(r"[^\W_][\w.-]{0,63}")


def resolve(cfg: RunConfig | DictConfig) -> RunConfig:
    """The plain, checked configuration of a run.

    Parameters
    ----------
    cfg : RunConfig or DictConfig
        From :func:`load_config`, from Hydra, or made by hand; resolving twice changes nothing.

    Returns
    -------
    RunConfig
        A copy: ``auto`` replaced by what it means here, separators as characters.

    Raises
    ------
    ConfigError
        Values outside what is allowed, or missing ones that others call for; all at once.
    """
    plain = copy.deepcopy(cfg) if isinstance(cfg, RunConfig) else _to_plain(cfg)
    raise_if(wrong_types(plain))
    _settle(plain)
    raise_if(
        [
            *_choices(plain),
            *_ranges(plain),
            *_names(plain),
            *_sources(plain),
            *_second(plain),
            *_in_spark(plain),
            *_lists(plain),
            *_pipes(plain),
        ]
    )
    return plain


def check_action(cfg: RunConfig, command: str) -> None:
    """Refuse an ``action`` that a command does not have.

    Parameters
    ----------
    cfg : RunConfig
        Resolved.
    command : {"promote", "feedback"}
        Which one.

    Raises
    ------
    ConfigError
        With the actions of this command (``ICP003``).
    """
    allowed = ACTIONS[command]
    if cfg.action not in allowed:
        action = f"{did_you_mean(cfg.action, allowed)}Allowed: {', '.join(allowed)}."
        raise ConfigError.one("ICP003", f"'action' is '{cfg.action}'.", action)


def resolved_yaml(cfg: RunConfig | DictConfig) -> str:
    """The resolved configuration as YAML with its secrets masked, for the output folder.

    Parameters
    ----------
    cfg : RunConfig or DictConfig
        As :func:`resolve` takes it.

    Returns
    -------
    str
        The same text for the same configuration.
    """
    import yaml  # type: ignore[import-untyped]

    return yaml.safe_dump(mask_tree(asdict(resolve(cfg))), sort_keys=False, allow_unicode=True, width=120)


def _to_plain(cfg: DictConfig) -> RunConfig:
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    from icp.config._compose import composition_error

    try:
        schema = OmegaConf.get_type(cfg)
        plain = OmegaConf.to_object(cfg if schema and issubclass(schema, RunConfig | Part) else _typed(cfg))
    except OmegaConfBaseException as error:
        known = composition_error(error)
        assert known is not None  # noqa: S101 - every OmegaConf error has its words
        raise known from None
    plain = plain.complete() if isinstance(plain, Part) else plain
    assert isinstance(plain, RunConfig)  # noqa: S101 - the schema is this class
    _no_target(asdict(plain))
    return plain


def _typed(cfg: DictConfig) -> Any:
    """With the types of the schema, for files that do not start from it."""
    from omegaconf import OmegaConf

    _no_target(OmegaConf.to_container(cfg))
    return OmegaConf.merge(OmegaConf.structured(RunConfig), cfg)


def _no_target(values: Any) -> None:
    if has_target(values):
        raise_if([Problem("ICP007", "'_target_' is not allowed: a configuration holds values.", "Remove it.")])


def _settle(cfg: RunConfig) -> None:
    """Replace ``auto`` and other spellings by what they mean."""
    sample = cfg.accounts.source == "sample"
    if sample:
        cfg.accounts.account_id = cfg.accounts.account_id or "account_id"
        cfg.accounts.name_column = cfg.accounts.name_column or "name"
    if cfg.accounts.source == "derived":
        cfg.accounts.account_id = "account_id"
    for name, table in (("events", cfg.events), ("outcomes", cfg.outcomes)):
        if table.source == "auto":
            table.source = "sample" if sample else "none"
        if table.source == "sample":
            for key, column in SAMPLE_COLUMNS[name].items():
                setattr(table, key, getattr(table, key) or column)
    if cfg.labels.recipe == "auto":
        of_sample = sample and cfg.outcomes.source == "sample" and cfg.labels.column is None
        cfg.labels.recipe = "won" if of_sample else "flag"
        if of_sample and cfg.labels.positive is None:
            cfg.labels.positive = "Won"
    cfg.as_of = cfg.as_of or (SAMPLE_AS_OF if sample else None)
    for key in ("model", "campaign", "reason", "who"):
        setattr(cfg, key, getattr(cfg, key) or None)
    for source in (cfg.accounts, cfg.events, cfg.outcomes, cfg.activities, cfg.dispositions):
        source.separator = {"tab": "\t", "\\t": "\t", "": None}.get(source.separator or "", source.separator)
        source.path, source.account_id = source.path or None, source.account_id or None
    cfg.profiles.base, cfg.messages.library = cfg.profiles.base or "known", cfg.messages.library or "auto"
    cfg.report.scores, cfg.report.compare = cfg.report.scores or None, cfg.report.compare or None
    cfg.spark.master, cfg.spark.table = cfg.spark.master or None, cfg.spark.table or None
    for definition in (cfg.labels, cfg.versus):
        definition.signoff = definition.signoff or None


def _value(cfg: RunConfig, key: str) -> Any:
    return reduce(getattr, key.split("."), cfg)


def _choices(cfg: RunConfig) -> list[Problem]:
    problems = []
    for key, allowed in CHOICES.items():
        value = None if key == "action" else _value(cfg, key)  # each command has its own: see check_action
        if value is not None and value not in allowed:
            action = f"{did_you_mean(str(value), allowed)}Allowed: {', '.join(allowed)}."
            problems.append(Problem("ICP003", f"'{key}' is '{value}'.", action))
    return problems


def _ranges(cfg: RunConfig) -> list[Problem]:
    problems = []
    for key, (least, greatest) in RANGES.items():
        value = _value(cfg, key)
        if value is not None and not least <= value <= greatest:
            problems.append(
                Problem("ICP003", f"'{key}' is {value}.", f"It must lie from {least:.10g} to {greatest:.10g}.")
            )
    tiers = cfg.scoring.tiers
    if len(tiers) != 3 or min(tiers, default=0) <= 0 or sum(tiers) >= 1:
        action = "Give the shares of A, B and C, each above 0 and together below 1, such as [0.1,0.2,0.3]."
        problems.append(Problem("ICP003", f"'scoring.tiers' is {tiers}.", action))
    return problems


def _names(cfg: RunConfig) -> list[Problem]:
    problems = []
    if not _NAME.fullmatch(cfg.name):
        action = "Use letters, digits, '_', '-' and '.', at most 64, starting with a letter or digit."
        problems.append(Problem("ICP003", f"'name' is '{cfg.name}'.", action))
    if not cfg.output.strip():
        problems.append(Problem("ICP003", "'output' is empty.", "Name a folder."))
    try:
        profile_names(cfg.profiles.names)
    except ValueError as error:
        problems.append(Problem("ICP003", f"'profiles.names': {error}.", "Write P1=Export hunters."))
    problems += [
        Problem("ICP003", f"'{key}' is '{text}'.", "Write the date as 2026-03-31.")
        for key in ("as_of", "simulation.as_of", "before", "scorecard.since", "scorecard.until")
        if (text := _value(cfg, key)) is not None and not is_day(text)
    ]
    for key in ("accounts", "events", "outcomes", "activities", "dispositions"):
        separator = _value(cfg, f"{key}.separator")
        if separator is not None and len(separator) != 1:
            action = "Give one character, or tab."
            problems.append(Problem("ICP003", f"'{key}.separator' is '{separator}'.", action))
    return problems


def _sources(cfg: RunConfig) -> list[Problem]:
    url = cfg.accounts.url or ("Spark's own catalog" if cfg.engine == "spark" else None)
    problems = _needs("accounts", cfg.accounts.source, cfg.accounts.path, url, cfg.accounts.query)
    for key in ("events", "outcomes", "activities", "dispositions"):
        table: DatedOptions = getattr(cfg, key)
        problems += _needs(key, table.source, table.path, table.url, table.query)
        if table.source not in ("none", "sample"):
            problems += _missing(key, table.source, {"account_id": table.account_id, "at": table.at})
    if cfg.accounts.source == "derived" and (cfg.events.source, cfg.outcomes.source) == ("none", "none"):
        action = "Add outcomes=csv outcomes.path=... outcomes.account_id=... outcomes.at=..."
        problems.append(Problem("ICP008", "accounts=derived has neither events nor outcomes to read.", action))
    return problems


def _in_spark(cfg: RunConfig) -> list[Problem]:
    """What Spark does not do, or does alone."""
    if cfg.engine != "spark":
        action = "Add engine=spark, or leave the key out."
        return [Problem("ICP008", "'spark.table' is set, and engine=local.", action)] if cfg.spark.table else []
    problems = []
    if cfg.compare.model:
        message = "engine=spark does not explain changes, and 'compare.model' is set."
        problems.append(Problem("ICP008", message, "Leave compare.model out, or use engine=local."))
    if cfg.spark.table and not _TABLE.fullmatch(cfg.spark.table):
        action = "Write catalog.schema.table, with letters, digits and '_' only."
        problems.append(Problem("ICP003", f"'spark.table' is '{cfg.spark.table}'.", action))
    if "://" in cfg.output:
        message = f"'output' is '{cfg.output}', and must be a folder that this machine and Spark's both see."
        problems.append(Problem("ICP008", message, "Name such a folder, and a table with spark.table= for the scores."))
    return problems


def _second(cfg: RunConfig) -> list[Problem]:
    """Keys of a second definition that nobody chose."""
    if cfg.versus.recipe != "none":
        return []
    unset = LabelOptions(recipe="none")
    given = [item.name for item in fields(unset) if getattr(cfg.versus, item.name) != getattr(unset, item.name)]
    action = "Choose the second definition too, such as versus=rfm, or leave the key out."
    return [Problem("ICP008", f"'versus.{name}' is set, and versus=none.", action) for name in given]


def _lists(cfg: RunConfig) -> list[Problem]:
    """A hold-out without a campaign to hold out of; keys of a CRM's or a call list that nobody asked for."""
    given = [name for name in ("since", "known_keys") if getattr(cfg.delivery, name) and cfg.delivery.target == "none"]
    action = "Choose the CRM too, such as delivery=salesforce, or leave the key out."
    problems = [Problem("ICP008", f"'delivery.{name}' is set, and delivery=none.", action) for name in given]
    if cfg.holdout.share and not cfg.campaign:
        action = "Add campaign=..., under which the ledger keeps the arms."
        problems.append(Problem("ICP008", "'holdout.share' is set, and there is no campaign.", action))
    if not cfg.call_list.reps:
        unset = CallListOptions()
        given = [
            item.name
            for item in fields(unset)
            if getattr(cfg.call_list, item.name) not in (None, getattr(unset, item.name))
        ]
        alone = {"reps"} if cfg.delivery.target == "none" else {"reps", "actions"}  # the CRM's list has actions too
        given = [name for name in given if name not in alone]
        action = "Add call_list.reps=..., a CSV with the slots of each rep."
        problems += [Problem("ICP008", f"'call_list.{name}' is set, and there are no reps.", action) for name in given]
    if cfg.rules.outcomes and not (cfg.rules.exclude or cfg.rules.include):
        problems.append(
            Problem("ICP008", "'rules.outcomes' is set, and there are no rules.", "Add rules.exclude=[...].")
        )
    return problems


def _pipes(cfg: RunConfig) -> list[Problem]:
    """Files that are none: opening one could wait for ever, so that they are told before anything is."""
    named = ((key, _value(cfg, key) or ()) for key in FILES)
    paths = [(key, path) for key, value in named for path in (value if isinstance(value, list | tuple) else [value])]
    return [problem for key, path in paths if (problem := pipe_problem(path, key)) is not None]


def _needs(key: str, source: str, path: str | None, url: str | None, query: str | None) -> list[Problem]:
    if source in ("csv", "parquet"):
        return _missing(key, source, {"path": path})
    return _missing(key, source, {"url": url, "query": query}) if source == "sql" else []


def _missing(key: str, source: str, values: dict[str, str | None]) -> list[Problem]:
    return [
        Problem("ICP008", f"{key}={source} needs '{key}.{name}'.", f"Add {key}.{name}=...")
        for name, value in values.items()
        if not value
    ]
