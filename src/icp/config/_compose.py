"""Putting files and overrides together with Hydra's compose, without its texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from icp.config._check import apart, check_extra_folder, check_overrides, key_names, raise_if
from icp.config._folder import command_file, commands, config_dir, sections
from icp.config._resolve import resolve
from icp.config._schema import RunConfig, part_of_schema
from icp.errors import ConfigError, Problem, did_you_mean

__all__ = ["compose_run", "composition_error", "load_config", "register_schema"]


def register_schema(schema: type = RunConfig) -> None:
    """Tell Hydra the types of every key (the node ``icp_schema`` that each file of ``conf/`` starts from)."""
    from hydra.core.config_store import ConfigStore

    ConfigStore.instance().store(name="icp_schema", node=schema)


def _schema_of(file: str, overrides: Sequence[str], extra: Path | None) -> type:
    """What our own file and its overrides can set; everything, where files of the user's may set more."""
    if extra is not None or file not in commands():
        return RunConfig
    given = (text.lstrip("+").partition("=")[0].partition(".")[0] for text in overrides)
    return part_of_schema({*sections(file), *given})


def load_config(command: str, overrides: Sequence[str] = (), *, extra_dir: str | Path | None = None) -> RunConfig:
    """The configuration of a command, as in a notebook or a test.

    Parameters
    ----------
    command : str
        Such as ``"train"``.
    overrides : sequence of str, default=()
        ``group=option`` and ``key=value``, as on the command line. Names that are not plain are quoted, as there:
        ``'accounts.account_id="Prospect ID"'``. Values can also be set on the result. Those of ``train`` may be given
        to ``backtest`` and ``validate``, which leave out what they do not use, such as ``tracking=none``.
    extra_dir : str or Path, default=None
        A folder with further configuration files, as ``--config-dir``.

    Returns
    -------
    RunConfig
        What ``icp.<command>.run`` takes.

    Raises
    ------
    ConfigError
        Keys, groups or values are wrong; all of them are named at once.

    Examples
    --------
    >>> cfg = load_config("train", ["accounts=csv", "accounts.path=leads.csv", "labels.column=Converted"])
    >>> cfg.labels.recipe, cfg.events.source
    ('flag', 'none')
    """
    if isinstance(overrides, str):
        raise ConfigError.one("ICP004", "overrides is one text.", f"""Give a list: ["{overrides}"].""")
    command_file(command)
    extra = None if extra_dir is None else Path(extra_dir)
    raise_if([*(check_extra_folder(extra) if extra else []), *check_overrides(command, overrides, extra=extra)])
    return compose_run(command, apart(command, overrides)[0], extra)


def compose_run(file: str, overrides: Sequence[str], extra: Path | None = None) -> RunConfig:
    """Files and overrides put together, once they were checked.

    Parameters
    ----------
    file : str
        Name of the root file: a command, or one of the user's own.
    overrides : sequence of str
        Those that the command uses.
    extra : Path, default=None
        A folder with further configuration files.

    Returns
    -------
    RunConfig
        Resolved.

    Raises
    ------
    ConfigError
        They do not fit together, or values are wrong.
    """
    from hydra import compose, initialize_config_dir
    from omegaconf import DictConfig

    register_schema(_schema_of(file, overrides, extra))
    settings = [] if extra is None else [f'hydra.searchpath=["file://{extra.resolve()}"]']
    try:
        with initialize_config_dir(str(config_dir()), version_base="1.3"):
            composed: DictConfig = compose(file, [*overrides, *settings])
    except Exception as error:
        known = composition_error(error)
        if known is None:
            raise
        raise known from None
    return resolve(composed)


def composition_error(error: BaseException) -> ConfigError | None:
    """The error of ours for one of Hydra or OmegaConf.

    Parameters
    ----------
    error : BaseException
        What was raised while files and overrides were put together.

    Returns
    -------
    ConfigError or None
        None when the error is neither of Hydra nor of OmegaConf nor of the YAML reader.
    """
    from hydra.errors import HydraException, MissingConfigException
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError  # type: ignore[import-untyped]

    if isinstance(error, MissingConfigException):
        name = error.missing_cfg_file or "?"
        allowed = f"Allowed: {', '.join(sorted(error.options))}." if error.options else "Check its name and folder."
        problem = Problem("ICP009", f"the configuration file '{name}' is not there.", allowed)
    elif isinstance(error, YAMLError):
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1} of '{Path(str(mark.name)).name}')" if mark is not None else ""
        problem = Problem(
            "ICP009", f"a configuration file is not valid YAML{where}.", "Mend its indentation or quotes."
        )
    elif isinstance(error, HydraException | OmegaConfBaseException):
        cause = error if isinstance(error, OmegaConfBaseException) else error.__cause__
        said = re.search(r"full_key: ([\w.]+)", str(error))  # a key of the user's own file: the cause does not name it
        key = getattr(cause, "full_key", None) or getattr(cause, "key", None) or (said and said[1])
        what = (
            f"the key '{key}' is unknown or its value is of another type" if key else "files and overrides do not fit"
        )
        hint = did_you_mean(str(key), key_names()) if key and str(key) not in key_names() else ""
        problem = Problem(
            "ICP009", f"{what} (in a configuration file or an override).", f"{hint}See --help for keys and values."
        )
    else:
        return None
    return ConfigError("1 problem in the configuration", [problem])
