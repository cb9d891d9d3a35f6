"""Configuration: plain values in YAML, typed by the classes of ``icp.options``, checked before any work starts.

``conf/`` holds one file per command and one folder per replaceable part. Hydra puts the files and the overrides
together; this package gives the types, says what is wrong in words (:class:`~icp.errors.ConfigError`, everything at
once), and hands every command a plain :class:`RunConfig`. A configuration holds values, never the name of code: one
that holds ``_target_`` is refused.

Two values are settled here after composition. ``events=auto``, ``outcomes=auto`` and ``labels=auto`` (the defaults)
mean those of the built-in sample with ``accounts=sample``; otherwise no events, no outcomes and ``labels=flag``.
"""

from __future__ import annotations

from icp.config._compose import compose_run, load_config, register_schema
from icp.config._folder import command_lines, commands, config_dir, help_text
from icp.config._resolve import check_action, resolve, resolved_yaml
from icp.config._schema import RunConfig
from icp.config._secrets import mask_secrets

__all__ = [
    "RunConfig",
    "check_action",
    "command_lines",
    "commands",
    "compose_run",
    "config_dir",
    "help_text",
    "load_config",
    "mask_secrets",
    "register_schema",
    "resolve",
    "resolved_yaml",
]
