"""The page ``docs/benchmarks/speed.md`` and its picture, from what was measured."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.speed import flow, kernel

HEAD = """\
# Speed beside the usual ways

<!-- made by python -m benchmarks.speed; do not edit -->

Figures are processor seconds (user and system, all threads), measured turn by turn in one run on a machine of two
cores; a ratio is the median over the rounds, with the least and the most in brackets. Times of another machine differ,
ratios less. The table of accounts is made by `benchmarks/speed/data.py`: 60 columns, of which 35 numbers and 21 words
with 3 to 2,000 levels, some missing. `300 x 31` is one LightGBM booster of 300 trees with 31 leaves on what
`icp.train` encodes of it; `default` is what `icp.train` makes of 50,000 of its rows.
"""


TITLES = {
    "kernel": "Contributions",
    "flow": "Whole flows, CSV in and CSV with three reasons out",
    "sizes": "Time and memory as the table grows",
    "start": "Small jobs",
    "spark": "Apache Spark on one machine",
    "training": "Training as the table grows",
}


def write(found: dict[str, Any], page: Path) -> None:
    """The page: the parts that were measured, and those of the page there is that were not."""
    made = {
        "kernel": _kernel,
        "flow": _flow,
        "sizes": lambda entries: _sizes(entries, page),
        "start": _start,
        "spark": _spark,
        "training": _training,
    }
    before = _sections(page)
    parts = [HEAD]
    for name, make in made.items():
        text = make(found[name]) if name in found else before.get(TITLES[name], "")
        parts += [text] if text else []
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n".join(parts), "utf-8", newline="\n")


def _sections(page: Path) -> dict[str, str]:
    """The sections of a page by their titles."""
    if not page.is_file():
        return {}
    parts = page.read_text("utf-8").split("\n## ")[1:]
    return {part.partition("\n")[0]: f"## {part.rstrip()}\n" for part in parts}


def _kernel(entries: list[dict[str, Any]]) -> str:
    rows = []
    for entry in entries:
        model, name = entry["model"], entry["explainer"]
        if "failed" in entry:
            rows.append(f"| {model} | {name} | | | | {entry['failed']} |")
            continue
        middle, least, most = kernel.ratio(entries, model, name)
        times = "" if name == "icp" else f"{middle:.3g} ({least:.3g} to {most:.3g})"
        build = f"{median(entry['build']):.2f}" if name == "icp" else ""
        off = "" if name in ("predict", "shapash") else f"{entry['difference']:.1e}"
        rows.append(f"| {model} | {name} | {1e6 * median(entry['per_row']):,.1f} | {times} | {build} | {off} |")
    return f"""\
## Contributions

What one row costs, models and tables in memory, one thread. `predict` gives no contributions: it is LightGBM's margin
alone. Making the tables (and loading what is compiled) is told apart, since it is paid once per model; the
difference is the largest to `pred_contrib`, in log-odds. Woodelf refuses categorical splits, shapash takes one booster.
Rounds: {max(len(entry["per_row"]) for entry in entries)}.

| model | explainer | microseconds a row | times icp | making, s | largest difference |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}
"""


def _flow(entries: list[dict[str, Any]]) -> str:
    by = {entry["flow"]: flow.per_row(entry) for entry in entries}
    rows = []
    for entry in entries:
        short, long = entry["lengths"]
        mine = by[entry["flow"]]
        cells = []
        for model in ("default model", "300 x 31"):
            ratios = [theirs / ours for theirs, ours in zip(mine, by[f"icp.score, {model}"], strict=True)]
            cells.append(f"{median(ratios):.3g} ({min(ratios):.3g} to {max(ratios):.3g})")
        rows.append(f"| {entry['flow']} | {short:,} to {long:,} | {1e6 * median(mine):,.0f} | {' | '.join(cells)} |")
    return f"""\
## Whole flows, CSV in and CSV with three reasons out

What a further row costs, as the slope between two lengths of whole processes; the slow ways are measured on short
tables. `icp.score` does more than they do: it also gives percentile, tier, profile, talking point, watch-out,
confidence and expected value, checks ids, watches drift and tests a sample of contributions against the boosters' own
prediction. Rounds: {len(entries[0]["short"])}.

| flow | rows | microseconds a row | times icp.score, default model | times icp.score, 300 x 31 |
| --- | --- | --- | --- | --- |
{chr(10).join(rows)}
"""


def _sizes(entries: list[dict[str, Any]], page: Path) -> str:
    rows = [
        f"| {entry['model']} | {entry['rows']:,} | {entry['wall']:.1f} | {entry['cpu']:.1f} | "
        f"{1e6 * entry['cpu'] / entry['rows']:,.0f} | {entry['peak_mb']:,.0f} |"
        for entry in entries
    ]
    _picture(entries, page.parent / "speed.svg")
    got = [entry["cpu"] / entry["wall"] for entry in entries]
    return f"""\
## Time and memory as the table grows

`icp.score`, CSV in, CSV with reasons out, as typed. These runs got {min(got):.2f} to {max(got):.2f} processors: where
others use the machine too, seconds say little, and processor seconds are more than alone.

| model | rows | seconds | processor seconds | microseconds a row | peak memory, MB |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}

![Time and memory over rows](speed.svg)
"""


def _start(entry: dict[str, Any]) -> str:
    ratios = [ours / theirs for ours, theirs in zip(entry["score"], entry["pandas"], strict=True)]
    return f"""\
## Small jobs

- One account from Python, model loaded (`model.score_account`): {1e3 * entry["one_account"]:.1f} processor ms.
- Contributions of one row, model loaded: {1e3 * entry["one_row"]:.2f} processor ms.
- `icp.score` on 100 accounts, start to finish: {median(entry["score"]):.2f} processor seconds,
  {median(ratios):.2g} times `python -c "import pandas"` ({min(ratios):.2g} to {max(ratios):.2g}).

Importing pandas took {median(entry["pandas"]):.2f} processor seconds in the same run: where others use the machine too,
all of these take longer, about alike.
"""


def _spark(entries: list[dict[str, Any]]) -> str:
    rows = []
    for entry in entries:
        times = []
        for what in ("wall", "cpu"):
            each = [spark[what] / local[what] for spark, local in zip(entry["spark"], entry["local"], strict=True)]
            times.append(f"{median(each):.2f}" + f" ({min(each):.2f} to {max(each):.2f})" * (len(each) > 1))
        rates = [f"{entry['rows'] / median(used['wall'] for used in entry[e]):,.0f}" for e in ("local", "spark")]
        same = "identical" if all(one["rows"] for one in entry["same"]) else "**different**"
        told = {one["bytes"] for one in entry["same"]}
        same += "" if told == {None} else ", byte by byte" if told == {True} else ", **not byte by byte**"
        rows.append(f"| {entry['model']} | {entry['format']} | {' | '.join((*rates, *times))} | {same} |")
    loads = [load for entry in entries for load in entry["load"]]
    return f"""\
## Apache Spark on one machine

`icp.score` with `engine=spark` and a master of two cores (`local[2]`), and with the local engine, on the same
{entries[0]["rows"]:,} accounts: CSV to CSV, Parquet to Parquet. Whole processes from start to end, the JVM and Python's
workers included. Scores are compared account by account, every column with all its digits, by a hash over all of them.
Rounds: {len(entries[0]["local"])}. The machine's load before a run was {min(loads):.1f} to {max(loads):.1f}: what
else ran makes "accounts a second" too low, and is no part of processor seconds.

| model | format | accounts a second, local | with Spark | times the seconds | times the processor seconds | scores |
| --- | --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}
"""


def _training(entries: list[dict[str, Any]]) -> str:
    rows = []
    for entry in entries:
        per_part = 1e5 * entry["cpu"] / entry["rows"]
        used = f"{entry['wall']:,.0f} | {entry['cpu']:,.0f} | {per_part:,.0f} | {entry['peak_mb']:,.0f}"
        rows.append(f"| {entry['rows']:,} | {used} | {entry['auc']:.4f} |")
    return f"""\
## Training as the table grows

`icp.train`, CSV in, model and report out, as typed: leakage audit, judging on later accounts, final fit, check of the
contributions of every row, profiles with their stability, intervals. What looks at a part of the rows only is listed in
[0020](../design/0020-training-at-size.md).

| rows | seconds | processor seconds | processor seconds per 100,000 rows | peak memory, MB | AUC on later accounts |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}
"""


def _picture(entries: list[dict[str, Any]], file: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "icp"
    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for model in dict.fromkeys(entry["model"] for entry in entries):
        mine = [entry for entry in entries if entry["model"] == model]
        rows = [entry["rows"] for entry in mine]
        axes[0].plot(rows, [entry["cpu"] for entry in mine], marker="o", label=model)
        axes[1].plot(rows, [entry["peak_mb"] for entry in mine], marker="o", label=model)
    axes[0].set(xscale="log", yscale="log", xlabel="accounts", ylabel="processor seconds")
    axes[1].set(xscale="log", xlabel="accounts", ylabel="peak memory, MB", ylim=(0, None))
    axes[0].legend(frameon=False)
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)
