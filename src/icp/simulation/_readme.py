"""The README that lies beside the files of a simulated CRM."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from icp.options import SimulationOptions

__all__ = ["readme"]

_FILES = {
    "accounts": "one row per account of the CRM: 19 columns and any planted leak, with the dirt of everyday typing",
    "events": "dated visits, opened mails, webinars, replies, calls and demos up to the as-of date",
    "outcomes": "opportunities with the day and stage (Won, Lost, Open) of their last change, before and after the "
    "as-of date",
    "reps": "sales reps and territories",
    "truth": "what is really true of each account: planted profile, propensity, effect of each driver; never an input",
}


def readme(
    options: SimulationOptions,
    seed: int,
    n_rows: Mapping[str, int],
    truth: pd.DataFrame,
    drivers: pd.DataFrame,
    leaks: pd.DataFrame,
) -> str:
    """Markdown that says what the files are and how to make them again.

    Parameters
    ----------
    options : SimulationOptions
        What was asked for.
    seed : int
        Seed of every draw.
    n_rows : mapping of str to int
        Rows of each file.
    truth, drivers, leaks : DataFrame
        As in :class:`icp.simulation.SimulatedCRM`.

    Returns
    -------
    str
        Ends with a line feed.
    """
    n_barred = int((~truth["eligible"]).sum())
    n_best = int((truth["best"] & truth["worked"]).sum())
    lines = [
        "# A simulated CRM",
        "",
        "Every company, person and place in these files is invented. They are the output of `python -m icp.simulate`",
        "and are in the public domain (CC0 1.0).",
        "",
        f"As-of date {options.as_of}: in the 180 days after it {n_best:,} accounts become best customers",
        f"(Won, or Open at the end); {n_barred:,} could not (customers already, or second records of one).",
        "Three in a hundred opportunities are still open when the window ends.",
        "",
        "To make them again:",
        "",
        f"    python -m icp.simulate seed={seed} {_overrides(options)}output=FOLDER",
        "",
        "| file | rows | what |",
        "| --- | ---: | --- |",
        *(f"| {name}.csv | {n_rows[name]:,} | {what} |" for name, what in _FILES.items()),
        "",
        "## Planted drivers",
        "",
        "Log-odds are an intercept plus one effect per driver (`effect_<driver>` in truth.csv).",
        "",
        "| driver | columns | side | spread | what |",
        "| --- | --- | --- | ---: | --- |",
        *(f"| {row.driver} | {row.columns} | {row.side} | {row.spread:.2f} | {row.text} |"
          for row in drivers.itertuples(index=False)),
        "",
        "## Planted leaks",
        "",
        *([f"- `{row.kind}`: {row.column or 'order of rows'}, {row.text} (visible in {row.visible})"
           for row in leaks.itertuples(index=False)] or ["None."]),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _overrides(options: SimulationOptions) -> str:
    """The options that differ from their defaults, as command-line overrides."""
    plain = SimulationOptions()
    changed = []
    for name, value in vars(options).items():
        if value != getattr(plain, name):
            text = "[" + ",".join(value) + "]" if isinstance(value, list) else str(value)
            changed.append(f"simulation.{name}={text} ")
    return "".join(changed)
