"""Overrides looked at one by one before Hydra reads them, so that every mistake is named at once and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp.config._folder import groups, options, sections
from icp.config._schema import CHOICES, GROUPS, RANGES, RunConfig, part_of_schema
from icp.errors import ConfigError, Problem, did_you_mean

if TYPE_CHECKING:
    from omegaconf import DictConfig

__all__ = ["OF_TRAINING", "TARGET", "apart", "check_extra_folder", "check_overrides", "has_target", "key_names"]

OF_TRAINING = {
    "backtest": ("profiles", "reasons", "messages", "promotion", "tracking"),
    "validate": ("name", "profiles", "scoring", "reasons", "messages", "backtest", "promotion", "tracking"),
}
"""Parts of ``train`` that a command has no use for and accepts all the same: the overrides of one fit the other."""

TARGET = "_target_"
_TARGET_PROBLEM = Problem(
    "ICP007", f"'{TARGET}' is not allowed: a configuration holds values, never code.", "Remove it."
)
_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", list: "a list"}


def key_names(command: str | None = None) -> tuple[str, ...]:
    """Every key a value can be given to, dotted.

    Parameters
    ----------
    command : str, default=None
        Only the keys this command uses; default all.

    Returns
    -------
    tuple of str
        Such as ``accounts.path``.
    """
    used = None if command is None else set(sections(command))
    names: list[str] = []
    for item in fields(RunConfig):
        if used is not None and item.name not in used:
            continue
        default = getattr(RunConfig(), item.name)
        names += [f"{item.name}.{part.name}" for part in fields(default)] if is_dataclass(default) else [item.name]
    return tuple(names)


def has_target(value: Any) -> bool:
    """Whether a nested value holds the key ``_target_`` anywhere.

    Parameters
    ----------
    value : Any
        Mappings, lists and scalars.

    Returns
    -------
    bool
        True where it does.
    """
    if isinstance(value, dict):
        return TARGET in value or any(map(has_target, value.values()))
    return isinstance(value, list) and any(map(has_target, value))


def check_extra_folder(folder: Path) -> list[Problem]:
    """What is wrong with a folder given with ``--config-dir``.

    Parameters
    ----------
    folder : Path
        As the user wrote it.

    Returns
    -------
    list of Problem
        Empty when it can be used.
    """
    if not folder.is_dir():
        return [Problem("ICP006", f"the folder '{folder}' of --config-dir is not there.", "Check the path.")]
    problems = []
    for file in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")]):
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            problems.append(Problem("ICP009", f"'{file}' cannot be read.", "Save it as UTF-8 text."))
            continue
        if TARGET in text:
            message = f"'{file}' holds '{TARGET}': a configuration holds values, never code."
            problems.append(Problem("ICP007", message, "Remove it."))
        elif "searchpath" in text:
            message = f"'{file}' sets a search path: configurations come from --config-dir only."
            problems.append(Problem("ICP007", message, "Remove it."))
    return problems


def apart(command: str, overrides: Sequence[str]) -> tuple[list[str], list[str]]:
    """Overrides that a command uses, and those of ``train`` that it accepts and does not use.

    Parameters
    ----------
    command : str
        Such as ``"backtest"``.
    overrides : sequence of str
        As on the command line.

    Returns
    -------
    used, unused : list of str
        In the order given.
    """
    parts = OF_TRAINING.get(command, ())
    unused = [text for text in overrides if text.partition("=")[0].partition(".")[0] in parts]
    return [text for text in overrides if text not in unused], unused


def check_overrides(
    command: str, overrides: Sequence[str], *, extra: Path | None = None, multirun: bool = False
) -> list[Problem]:
    """What is wrong with the overrides of one run.

    Parameters
    ----------
    command : str
        Such as ``"train"``.
    overrides : sequence of str
        ``key=value`` and ``group=option``, as on the command line.
    extra : Path, default=None
        Folder given with ``--config-dir``.
    multirun : bool, default=False
        Whether one value may be several (``seed=0,1``).

    Returns
    -------
    list of Problem
        Empty when all is well.
    """
    problems: list[Problem] = []
    unused = apart(command, overrides)[1]
    for text in overrides:
        problem = _check_one("train" if text in unused else command, text, extra, multirun)
        if problem is not None:
            problems.append(problem)
    return problems


def raise_if(problems: Iterable[Problem]) -> None:
    """Raise all problems as one error.

    Parameters
    ----------
    problems : iterable of Problem
        What was found.

    Raises
    ------
    ConfigError
        There is at least one.
    """
    found = tuple(problems)
    if found:
        many = "1 problem" if len(found) == 1 else f"{len(found)} problems"
        raise ConfigError(f"{many} in the configuration", found)


def _check_one(command: str, text: str, extra: Path | None, multirun: bool) -> Problem | None:
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    if TARGET in text.split("=", 1)[0]:
        return _TARGET_PROBLEM
    try:
        override = OverridesParser.create().parse_override(text)
    except HydraException:
        return _malformed(text)
    key = override.key_or_group
    if override.is_delete():
        return Problem("ICP004", f"'{text}' takes a part away.", f"Use {key.lstrip('~')}=none where the part has none.")
    if key == "hydra.searchpath":
        return Problem("ICP007", "'hydra.searchpath' is not allowed.", "Give your folder with --config-dir.")
    if key.startswith(("hydra.", "hydra/")):
        return None
    if override.is_sweep_override() and not multirun:
        return _several(text)
    values = list(override.sweep_iterator()) if override.is_sweep_override() else [override.value()]
    if has_target(values):
        return _TARGET_PROBLEM
    if key in GROUPS or "/" in key or (override.is_add() and extra is not None and (extra / key).is_dir()):
        return _check_group(command, key, values, extra)
    return _check_value(command, key, values)


def _several(text: str) -> Problem:
    key, _, value = text.partition("=")
    action = f"""Quote a value that holds a comma: '{key}="{value}"'.  Write a list in brackets: '{key}=[{value}]'.  \
For one run each, add -m."""
    return Problem("ICP004", f"'{text}' gives several values.", action)


def _malformed(text: str) -> Problem:
    """Words for an override that does not parse, with the form that does."""
    key, equals, value = text.partition("=")
    if not equals:
        action = 'Write key=value or group=option; a value that holds a space goes in quotes: key="two words".'
        return Problem("ICP004", f"'{text}' is not an override.", action)
    if not key.strip() or not key.replace(".", "").replace("_", "").replace("+", "").replace("/", "").isalnum():
        return Problem("ICP004", f"'{key}' in '{text}' cannot be a key.", "Write key=value; see --help for the keys.")
    inner = value.strip("\"'").replace('"', '\\"')
    hint = f"""Quote a value with special characters, inside quotes for the shell: '{key}="{inner}"'."""
    if value.startswith("["):
        hint = f"""Write a list so: '{key}=["first","second"]'."""
    return Problem("ICP004", f"the value in '{text}' cannot be read.", hint)


def _check_group(command: str, group: str, values: list[Any], extra: Path | None) -> Problem | None:
    used = groups(command)
    if group in GROUPS and group not in used:
        return Problem("ICP002", f"{command} does not use '{group}'.", f"It uses: {', '.join(used) or 'no groups'}.")
    known = options(group, extra)
    if not known:
        hint = f"{did_you_mean(group, used)}There are: {', '.join(used)}."
        return Problem("ICP002", f"there is no group '{group}'.", hint)
    for value in values:
        wanted = str(value)
        if isinstance(value, list) or wanted not in known:
            hint = f"{did_you_mean(wanted, known)}Allowed: {', '.join(known)}."
            return Problem("ICP002", f"there is no '{group}={wanted}'.", hint)
    return None


def _check_value(command: str, key: str, values: list[Any]) -> Problem | None:
    known = key_names(command)
    if key not in known:
        return _unknown_key(command, key, known)
    for value in values:
        problem = _wrong_type(key, value)
        if problem is not None:
            return problem
    return None


def _unknown_key(command: str, key: str, known: Sequence[str]) -> Problem:
    if key in key_names():
        used = ", ".join(sections(command))
        return Problem("ICP001", f"{command} does not use '{key}'.", f"It uses: {used}.")
    section, _, name = key.partition(".")
    siblings = [item for item in known if item.startswith(f"{section}.")] if name else []
    if key in sections(command):
        action = f"Set one of its keys, such as {key_names_of(key, known)}."
        return Problem("ICP001", f"'{key}' is a section, not a value.", action)
    hint = did_you_mean(key, [*known, *groups(command)])
    allowed = ", ".join(siblings) if siblings else ", ".join(sections(command))
    return Problem(
        "ICP001", f"there is no key '{key}'.", f"{hint}{'Keys there' if siblings else 'Allowed'}: {allowed}."
    )


def key_names_of(section: str, known: Sequence[str]) -> str:
    """A few keys of one section, as text."""
    return ", ".join([name for name in known if name.startswith(f"{section}.")][:3])


def _wanted(key: str, holder: Any, name: str) -> str:
    """What a key takes, by its declared type: a default of null says nothing of it."""
    declared = next(item.type for item in fields(holder) if item.name == name)
    base = str(getattr(declared, "__name__", declared)).partition("|")[0].partition("[")[0].strip()
    words = {kind.__name__: text for kind, text in _WORDS.items()}.get(base, "a text")
    return f"{words} from {RANGES[key][0]:.10g} to {RANGES[key][1]:.10g}" if key in RANGES else words


@cache
def _trial(section: str) -> DictConfig:
    """The schema of a section, or of the keys without one, to try values in; what it holds afterwards has no meaning.

    Made once, and without the other sections: making them all takes a fifth of what composing takes.
    """
    from omegaconf import OmegaConf

    whole = RunConfig()
    if section:
        return OmegaConf.structured(getattr(whole, section))
    alone = [name for name, value in vars(whole).items() if not is_dataclass(value)]
    return OmegaConf.structured(part_of_schema(alone))


def _wrong_type(key: str, value: Any) -> Problem | None:
    """Try the value in the schema itself."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    if isinstance(value, str) and "${" in value:
        return None
    section, _, name = key.rpartition(".")
    try:
        OmegaConf.update(_trial(section), name, value)
    except OmegaConfBaseException:
        holder = getattr(RunConfig(), section) if section else RunConfig()
        default = getattr(holder, name)
        wanted = _wanted(key, holder, name)
        if key in CHOICES:
            wanted = f"one of: {', '.join(CHOICES[key])}"
        plain = isinstance(value, str) and value and not set(value) & set("\"'\\\n")
        example = f'["{value}"]' if plain else '["first","second"]'
        hint = f"""  Write '{key}={example}'.""" if isinstance(default, list) else ""
        return Problem("ICP003", f"'{key}' is {value!r}.", f"It must be {wanted}.{hint}")
    return None
