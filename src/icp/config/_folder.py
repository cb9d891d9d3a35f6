"""The files of ``conf/`` as text: where they are, what they offer, and the help made of them.

Nothing here imports more than the standard library: ``--help`` is answered from these files alone.
"""

from __future__ import annotations

import re
from pathlib import Path

from icp.errors import ConfigError, did_you_mean

__all__ = ["commands", "config_dir", "first_comment", "help_text", "options", "sections"]

_KEY = re.compile(r"^(\w+):")
_GROUP = re.compile(r"^\s+- (?:optional )?(\w+): (\w+)")
_LABEL_WIDTH = 34


def config_dir() -> Path:
    """The folder with the configuration files: in the installed package, or at the top of a checkout.

    Returns
    -------
    Path
        An absolute path.

    Raises
    ------
    ConfigError
        Neither is there (``ICP011``).
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_conf", package.parents[1] / "conf"):
        if (folder / "train.yaml").is_file():
            return folder
    raise ConfigError.one("ICP011", "the configuration files of icp are missing.", "Install the package again.")


def commands() -> tuple[str, ...]:
    """The commands there are.

    Returns
    -------
    tuple of str
        Sorted names.
    """
    return tuple(sorted(file.stem for file in config_dir().glob("*.yaml")))


def command_lines() -> str:
    """Every command with what it does, a line each.

    Returns
    -------
    str
        From the first comment of its configuration file.
    """
    return "\n".join(f"  python -m icp.{name:<10} {first_comment(command_file(name))}" for name in commands())


def command_file(command: str) -> Path:
    """The file of one command.

    Parameters
    ----------
    command : str
        Such as ``"train"``.

    Returns
    -------
    Path
        Its YAML file.

    Raises
    ------
    ConfigError
        There is no such command (``ICP012``).
    """
    known = commands()
    if command not in known:
        hint = f"{did_you_mean(command, known)}There are: {', '.join(known)}."
        raise ConfigError.one("ICP012", f"there is no command '{command}'.", hint)
    return config_dir() / f"{command}.yaml"


def groups(command: str) -> dict[str, str]:
    """The groups a command chooses from, with the option each starts with.

    Parameters
    ----------
    command : str
        Such as ``"train"``.

    Returns
    -------
    dict of str to str
        In the order of the file.
    """
    lines = command_file(command).read_text("utf-8").splitlines()
    found = (_GROUP.match(line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def sections(command: str) -> tuple[str, ...]:
    """Keys a command uses at the top level, groups included.

    Parameters
    ----------
    command : str
        Such as ``"train"``.

    Returns
    -------
    tuple of str
        Without ``defaults`` and ``hydra``.
    """
    found = (_KEY.match(line) for line in command_file(command).read_text("utf-8").splitlines())
    keys = [match[1] for match in found if match and match[1] not in ("defaults", "hydra")]
    return (*keys, *groups(command))


def options(group: str, extra: Path | None = None) -> tuple[str, ...]:
    """The options of a group.

    Parameters
    ----------
    group : str
        Such as ``"accounts"``.
    extra : Path, default=None
        Folder given with ``--config-dir``, whose options count too.

    Returns
    -------
    tuple of str
        Sorted; empty when there is no such group.
    """
    folders = [config_dir() / group, *([extra / group] if extra else [])]
    return tuple(sorted({file.stem for folder in folders for file in folder.glob("*.yaml")}))


def help_text(command: str) -> str:
    """What ``--help`` prints: purpose, examples, groups with their options, keys with comments.

    Parameters
    ----------
    command : str
        Such as ``"train"``.

    Returns
    -------
    str
        Plain text.
    """
    text = command_file(command).read_text("utf-8")
    header, body = _header(text), _body(text)
    parts = ["\n".join(header), "Usage: python -m icp." + command + " [group=option] [key=value] [flags]"]
    chosen = groups(command)
    if chosen:
        parts.append(
            "Groups (group=option; * is the default)\n" + "\n".join(map(_group_lines, chosen, chosen.values()))
        )
    parts.append("Keys (key=value)\n" + "\n".join(f"  {line}".rstrip() for line in _flat(body)))
    parts += [f"Keys of {group}\n" + "\n".join(_group_keys(group)) for group in chosen]
    return "\n\n".join([*parts, _FOOTER]) + "\n"


_FOOTER = """Flags
  -h, --help                      this text
  --config-dir FOLDER             a folder with your own configuration files, chosen with +group=option
  --config-name NAME              another root file, from that folder
  -m, --multirun                  one run for each of several values: seed=0,1,2
  --cfg job                       print the configuration instead of running

Names with anything but ASCII letters, digits, _, -, . are quoted: 'accounts.account_id="Prospect ID"'
A list is written so: 'accounts.ignore=["Lead Number","Region"]'
Exit codes: 0 done, 3 done with findings to look at, 2 something in the input to mend, 1 a bug"""


def first_comment(file: Path) -> str:
    """The comment a file starts with, on one line."""
    with file.open(encoding="utf-8") as lines:
        return next(lines).lstrip("# ").strip()


def _header(text: str) -> list[str]:
    lines = [line for line in text.split("defaults:")[0].splitlines() if line.startswith("#")]
    return [line[2:] if line.startswith("# ") else line[1:] for line in lines][: -1 if lines[-1] == "#" else None]


def _body(text: str) -> list[str]:
    """Lines between the defaults list and Hydra's own settings."""
    after = text.split("\n\n", 1)[1]
    return after.split("\nhydra:\n")[0].strip("\n").splitlines()


def _flat(body: list[str]) -> list[str]:
    """Nested keys written as they are overridden: ``traits.keep``."""
    lines, section = [], ""
    for line in body:
        match = re.match(r"^(\s*)(\w+):(.*)$", line)
        if match is None:
            lines.append(line)
        elif not match[1] and not match[3].strip():
            section = match[2]
        else:
            value, _, comment = match[3].partition(" # ")
            key = f"{section}.{match[2]}" if match[1] else match[2]
            lines.append(_row(f"{key}={value.strip()}", comment))
    return lines


def _row(left: str, right: str) -> str:
    return f"{left:<{_LABEL_WIDTH - 2}}{' ' if len(left) >= _LABEL_WIDTH - 2 else ''}{right.strip()}"


def _group_lines(group: str, default: str) -> str:
    folder = config_dir() / group
    rows = [f"  {group}"]
    for option in options(group):
        left = f"    {option}{' *' if option == default else ''}"
        rows.append(f"{left:<{_LABEL_WIDTH}}{first_comment(folder / f'{option}.yaml')}")
    return "\n".join(rows)


def _group_keys(group: str) -> list[str]:
    """Every key of any option of the group, once, with the comment of the file that explains it most."""
    rows: dict[str, str] = {}
    folder = config_dir() / group
    for option in sorted(options(group), key=lambda name: -len((folder / f"{name}.yaml").read_text("utf-8"))):
        for line in (folder / f"{option}.yaml").read_text("utf-8").splitlines():
            match = re.match(r"^(\w+):(.*)$", line)
            if match and match[1] not in rows and "#" in match[2]:
                value, _, comment = match[2].partition(" # ")
                rows[match[1]] = "  " + _row(f"{group}.{match[1]}={value.strip()}", comment)
    return list(rows.values())
