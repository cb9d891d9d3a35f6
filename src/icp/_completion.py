"""Completion for the shell, answered from the configuration files and the schema: commands, groups, keys, values.

``icp completion bash`` prints a few lines for the shell, which ask ``icp --complete`` at every press of the tab key.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import reduce

from icp._console import write
from icp.config import RunConfig, commands
from icp.config._check import key_names
from icp.config._folder import groups, options
from icp.config._schema import ACTIONS, CHOICES
from icp.errors import ConfigError, did_you_mean

__all__ = ["answer", "candidates"]

# bash parts words at "=" and ":", so it gets what stands after the last of them
_BASH = """_icp() {
    local IFS=$'\n' line="${COMP_LINE:0:COMP_POINT}"
    local word="${line##*[[:space:]]}" cur="${COMP_WORDS[COMP_CWORD]}"
    local head="${word%"$cur"}"
    [ "$cur" = "=" ] && head="$word"
    COMPREPLY=($(icp --complete "$line" 2>/dev/null))
    COMPREPLY=("${COMPREPLY[@]#"$head"}")
    [ "${#COMPREPLY[@]}" = 1 ] && [ -z "${COMPREPLY[0]}" ] && COMPREPLY=()
    case "${COMPREPLY[0]}" in *=|*.) compopt -o nospace ;; esac
}
complete -o default -F _icp icp
"""
# zsh has the words of the command at hand; a path is completed after the last "="
_ZSH = """_icp() {
    local -a found open whole
    found=("${(@f)$(icp --complete "${(j: :)words[1,CURRENT-1]} $PREFIX" 2>/dev/null)}")
    if [[ -z "${found[1]}" ]]; then
        compset -P '*='
        _files
        return
    fi
    open=("${(@M)found:#*[=.]}") whole=("${(@)found:#*[=.]}")
    compadd -Q -S '' -a open
    compadd -Q -a whole
}
whence compdef >/dev/null || { autoload -Uz compinit && compinit }
compdef _icp icp
"""
_SHELLS = {"bash": _BASH, "zsh": _ZSH}
_FLAGS = ("--help", "--config-dir", "--config-name", "--multirun", "--cfg")


def answer(arguments: Sequence[str]) -> int:
    """Print the lines for a shell, or what could come next.

    Parameters
    ----------
    arguments : sequence of str
        ``completion SHELL``, or ``--complete`` and the line up to the cursor.

    Returns
    -------
    int
        The exit code.
    """
    if arguments[0] == "--complete":
        write(sys.stdout, "".join(f"{text}\n" for text in candidates(" ".join(arguments[1:]))))
        return 0
    shell = arguments[1] if len(arguments) == 2 else ""
    if shell not in _SHELLS:
        hint = f"{did_you_mean(shell, _SHELLS)}Write icp completion {' or icp completion '.join(_SHELLS)}."
        error = ConfigError.one("ICP018", f"there is no completion for '{shell}'.", hint)
        write(sys.stderr, f"ConfigError: {error.problems[0]}\n")
        return 2
    write(sys.stdout, _SHELLS[shell])
    return 0


def candidates(line: str) -> list[str]:
    """What the last word of a line could become.

    Parameters
    ----------
    line : str
        From its start up to the cursor, such as ``"icp train acc"``.

    Returns
    -------
    list of str
        Whole words, sorted; those that end in ``=`` or ``.`` go on. Empty where anything may follow, such as a path.

    Examples
    --------
    >>> candidates("icp train promotion=")
    ['promotion=always', 'promotion=gate', 'promotion=never']
    """
    words = line.split()
    last = words.pop() if words and not line[-1:].isspace() else ""
    if len(words) <= 1:
        return _starting(last, [*commands(), "completion", "--help", "--version"])
    command = words[1]
    if command == "completion":
        return _starting(last, _SHELLS)
    if command not in commands():
        return []
    key, equals, _ = last.partition("=")
    if equals:
        return _starting(last, [f"{key}={value}" for value in _values(command, key)])
    return _starting(last, _FLAGS if last.startswith("-") else _keys(command, last))


def _keys(command: str, typed: str) -> Iterable[str]:
    """Groups and keys; those of a section by its name alone, until that is typed."""
    names = [*groups(command), *(name for name in key_names(command) if name.rpartition(".")[2] not in _CHOOSERS)]
    for name in names:
        section, dot, _ = name.partition(".")
        yield f"{section}." if dot and "." not in typed else f"{name}="


_CHOOSERS = ("source", "recipe", "target", "store")
"""Keys that the choice of a group sets."""


def _values(command: str, key: str) -> Iterable[str]:
    if key in groups(command):
        return options(key)
    if key == "action":
        return ACTIONS.get(command, ())
    if key in CHOICES:
        return [value for value in CHOICES[key] if value != ","]  # a comma is quoted twice, which no shell completes
    if key in key_names(command) and isinstance(reduce(getattr, key.split("."), RunConfig()), bool):
        return ("true", "false")
    return ()


def _starting(typed: str, found: Iterable[str]) -> list[str]:
    return sorted({text for text in found if text.startswith(typed)})
