"""Overrides of every key of every command: with their defaults, and one to three values that are nearly right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import icp
from benchmarks.fuzz._place import Place
from icp.config import commands, resolve
from icp.config._check import key_names
from icp.config._folder import groups, options
from icp.config._schema import CHOICES, RANGES, RunConfig

__all__ = ["Overrides"]

_TEXTS = ("x.csv", "A name", "a, b", "${seed}", "${nothing}", "Größe", "2026-03-31", "180d", "null", "1e5", "", " ")
_LISTS = ([], ["a"], ["a", "b c"], ["P1=1", "P2=Big firms"], [""], ["a=b=c"])
_WINDOWS = ("30d", "0d", "1y", "-5d", "180", "99999999d")


class Overrides:
    """Cases of the configuration.

    Parameters
    ----------
    place : Place
        Where they are made.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._kinds = _kinds()
        self._defaults = {command: _flat(icp.load_config(command, [])) for command in commands()}

    def cases(self) -> dict[str, Callable[[], Any]]:
        """One case of each input, by name."""
        return {"overrides": self._overridden, "values set in Python": self._set}

    def _overridden(self) -> None:
        """Keys with their defaults, a few of them with another value, or with one text damaged."""
        rng = self._place.rng
        command = rng.choice(commands())
        known = [name for name in key_names(command) if name in self._defaults[command]]
        chosen = rng.sample(known, min(len(known), rng.randint(3, 6)))
        texts = [f"{name}={_written(self._defaults[command][name])}" for name in chosen]
        if self._place.changing:
            for i in range(rng.randint(1, 3)):
                texts[i] = f"{chosen[i]}={_written(self._other(chosen[i], self._defaults[command][chosen[i]]))}"
            if groups(command) and rng.random() < 0.3:
                group = rng.choice(list(groups(command)))
                texts.append(f"{group}={rng.choice(options(group))}")
            if rng.random() < 0.25:
                texts[0] = self._place.text(texts[0].encode())
        icp.load_config(command, texts)

    def _set(self) -> None:
        """Values of a configuration made by hand, of which each may be of another type."""
        rng, config = self._place.rng, RunConfig()
        if self._place.changing:
            for _ in range(rng.randint(1, 3)):
                name = rng.choice(key_names("train"))
                section, _, last = name.rpartition(".")
                holder = getattr(config, section) if section else config
                setattr(holder, last, self._other(name, getattr(holder, last)))
        resolve(config)

    def _other(self, name: str, default: Any) -> Any:
        """A value that is nearly right: of the kind of the key, within its range, or just outside."""
        rng, kind = self._place.rng, self._kinds[name]
        if rng.random() < 0.05:
            return rng.choice((None, True, -1, "x", [], 1e400, "9" * 50))
        if name in CHOICES:
            return rng.choice(CHOICES[name])
        if name in RANGES:
            low, high = RANGES[name]
            number = rng.choice(
                (low, high, low + 1, (low + high) / 2, low - 1, high + 1, rng.uniform(low, min(high, 50)))
            )
            return int(number) if "int" in kind else float(number)
        if "window" in name or name.endswith("gap"):
            return rng.choice(_WINDOWS)
        if isinstance(default, bool):
            return not default
        if "list" in kind:
            return list(rng.choice(_LISTS))
        return rng.choice(_TEXTS)


def _flat(config: RunConfig) -> dict[str, Any]:
    """Every key of a configuration that can be written as an override."""
    found: dict[str, Any] = {}
    for part in fields(config):
        value = getattr(config, part.name)
        if is_dataclass(value):
            found |= {f"{part.name}.{name}": one for name, one in vars(value).items()}
        else:
            found[part.name] = value
    return found


def _kinds() -> dict[str, str]:
    """The declared type of every key, as text."""
    whole, found = RunConfig(), {}
    for part in fields(whole):
        value = getattr(whole, part.name)
        if is_dataclass(value):
            found |= {f"{part.name}.{one.name}": str(one.type) for one in fields(value)}
        else:
            found[part.name] = str(part.type)
    return found


def _written(value: Any) -> str:
    """A value as Hydra takes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)
