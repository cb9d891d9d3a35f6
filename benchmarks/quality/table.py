"""The page made from the results: ranks, one table per set, and how far icp is from the best peer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.quality.measures import BIGGER_IS_BETTER, measures, paired_interval
from benchmarks.quality.peers import PEERS, THREADS
from benchmarks.quality.tasks import SEED, facts

OURS = "icp"
RANKED = ("auc", "ap", "log_loss", "lift")
PAIRED = ("auc", "log_loss")
NAMES = {
    "auc": "AUC",
    "ap": "average precision",
    "log_loss": "log loss",
    "brier": "Brier",
    "lift": "lift at 10 %",
}


@dataclass(frozen=True)
class Results:
    """Everything that was measured.

    Parameters
    ----------
    figures : DataFrame
        One row per task and contender that finished: ``task``, ``contender``, the measures, ``seconds``, ``cpu``.
    runs : list of dict
        The result files, failures too.
    labels : dict of str to ndarray
        Labels of the test rows, by task.
    scores : dict of (str, str) to ndarray
        Probabilities of the test rows, by task and contender.
    """

    figures: pd.DataFrame
    runs: list[dict[str, Any]]
    labels: dict[str, np.ndarray]
    scores: dict[tuple[str, str], np.ndarray]


def collect(tasks: list[Path], results: Path) -> Results:
    """Read what the contenders wrote and measure it.

    Parameters
    ----------
    tasks : list of Path
        Task folders.
    results : Path
        Folder of the result files.

    Returns
    -------
    Results
        The figures, and what they were made from.
    """
    rows, runs, labels, scores = [], [], {}, {}
    for task in tasks:
        told = facts(task)
        test = pd.read_csv(task / "test.csv", usecols=[told["label"]], dtype=str, keep_default_na=False)
        labels[task.name] = y = test[told["label"]].eq(told["positive"]).to_numpy().astype(int)
        for name in PEERS:
            file = results / f"{task.name}.{name}.json"
            if not file.is_file():
                continue
            runs.append(run := json.loads(file.read_text("utf-8")))
            if "failed" in run:
                continue
            scores[task.name, name] = p = pd.read_csv(results / f"{task.name}.{name}.csv")["probability"].to_numpy()
            rows.append(
                {
                    "task": task.name,
                    "contender": name,
                    **measures(y, p),
                    "seconds": run["seconds"],
                    "cpu": run.get("cpu_seconds", np.nan),
                }
            )
    columns = ["task", "contender", *NAMES, "seconds", "cpu"]
    return Results(pd.DataFrame(rows, columns=columns), runs, labels, scores)


def mean_ranks(figures: pd.DataFrame) -> pd.DataFrame:
    """Ranks among the contenders of each task, averaged over tasks; 1 is best, ties share their ranks.

    Parameters
    ----------
    figures : DataFrame
        As in ``Results``.

    Returns
    -------
    DataFrame indexed by contender
        One column per ranked measure, and ``mean`` over them, best first; only contenders that finished every task
        that any finished, and ranked among those.
    """
    finished = figures.groupby("contender")["task"].transform("nunique")
    figures = figures[finished == figures["task"].nunique()]
    ranks = pd.DataFrame(
        {
            name: figures.groupby("task")[name].rank(ascending=not BIGGER_IS_BETTER[name], method="average")
            for name in RANKED
        }
    ).assign(contender=figures["contender"])
    mean = ranks.groupby("contender").mean()
    mean["mean"] = mean.mean(axis=1)
    return mean.sort_values(["mean", "log_loss"], kind="stable")


def mean_regret(figures: pd.DataFrame) -> pd.DataFrame:
    """How much worse a contender is than the best of the others, averaged over tasks; negative: it was the best.

    Parameters
    ----------
    figures : DataFrame
        As in ``Results``.

    Returns
    -------
    DataFrame indexed by contender
        One column per ranked measure, in its own unit; the best peer is the best of all but the contender and ``icp``.
    """
    rows = []
    for _, task in figures.groupby("task"):
        for name in task["contender"]:
            peers = task[~task["contender"].isin([name, OURS])]
            row = {"contender": name}
            for of in RANKED:
                sign = 1.0 if BIGGER_IS_BETTER[of] else -1.0
                own = task.loc[task["contender"] == name, of].iloc[0]
                row[of] = (sign * peers[of]).max() - sign * own if len(peers) else np.nan
            rows.append(row)
    return pd.DataFrame(rows, columns=["contender", *RANKED]).groupby("contender").mean()


def paired(found: Results) -> pd.DataFrame:
    """The best peer of each task against icp, with the interval of the difference.

    Parameters
    ----------
    found : Results
        What was measured.

    Returns
    -------
    DataFrame
        ``task``, ``measure``, ``peer``, ``peer_value``, ``own``, ``difference`` (positive: the peer is better),
        ``low``, ``high``; one row per task and measure.
    """
    rows = []
    for task, of in ((task, of) for task in found.labels for of in PAIRED):
        here = found.figures[found.figures["task"] == task].set_index("contender")
        peers = here.drop(index=OURS, errors="ignore")
        if OURS not in here.index or peers.empty:
            continue
        best = peers[of].idxmax() if BIGGER_IS_BETTER[of] else peers[of].idxmin()
        ends = paired_interval(of, found.labels[task], found.scores[task, best], found.scores[task, OURS])
        rows.append([task, of, best, peers.loc[best, of], here.loc[OURS, of], *ends])
    columns = ["task", "measure", "peer", "peer_value", "own", "difference", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def data(found: Results) -> dict[str, list[dict[str, Any]]]:
    """The figures for a program: ``figures``, ``ranks``, ``regret`` and ``paired``, each a list of records."""
    if found.figures.empty:
        return {}
    tables = {"figures": found.figures, "paired": paired(found)}
    tables |= {"ranks": mean_ranks(found.figures).reset_index(), "regret": mean_regret(found.figures).reset_index()}
    return {name: json.loads(table.to_json(orient="records", double_precision=6)) for name, table in tables.items()}


def page(tasks: list[Path], found: Results) -> str:
    """The whole page as Markdown.

    Parameters
    ----------
    tasks : list of Path
        Task folders.
    found : Results
        What was measured.

    Returns
    -------
    str
        The page.
    """
    parts = [HEAD.format(seed=SEED, threads=THREADS, budget=_budget(found.runs))]
    if len(found.figures):
        parts += [_over_all(found.figures), _against_best(found)]
        parts += [_of_task(task, found) for task in tasks]
    return "\n".join([*parts, _contenders(found)])


def _over_all(figures: pd.DataFrame) -> str:
    ranks, regret = mean_ranks(figures), mean_regret(figures)
    heads = ["contender", "all four", *(NAMES[of] for of in RANKED), "regret AUC", "regret log loss"]
    rows = [
        [
            name,
            f"{row['mean']:.2f}",
            *(f"{row[of]:.1f}" for of in RANKED),
            f"{regret.loc[name, 'auc']:+.4f}",
            f"{regret.loc[name, 'log_loss']:+.4f}",
        ]
        for name, row in ranks.iterrows()
    ]
    n_sets = figures["task"].nunique()
    left = {name: (figures["contender"] == name).sum() for name in PEERS if name not in ranks.index}
    told = ", ".join(f"{name} ({n} of {n_sets})" for name, n in left.items())
    note = f"\n**Not ranked, as they did not finish every set: {told}.**\n" if left else ""
    return f"## Over all sets\n\n{OVER_ALL.format(n=n_sets)}\n{_markdown(heads, rows)}{note}"


def _against_best(found: Results) -> str:
    heads = ["set", "measure", "best peer", "its figure", "icp", "best peer minus icp (95 %)", "reading"]
    rows = []
    for row in paired(found).itertuples():
        reading = (
            "no clear difference" if row.low <= 0 <= row.high else ("peer better" if row.low > 0 else "icp better")
        )
        interval = f"{row.difference:+.4f} ({row.low:+.4f} to {row.high:+.4f})"
        rows.append(
            [row.task, NAMES[row.measure], row.peer, f"{row.peer_value:.4f}", f"{row.own:.4f}", interval, reading]
        )
    return f"## icp against the best peer of each set\n\n{AGAINST_BEST}\n{_markdown(heads, rows)}"


def _of_task(task: Path, found: Results) -> str:
    told, y = facts(task), found.labels[task.name]
    here = found.figures[found.figures["task"] == task.name].sort_values("log_loss", kind="stable")
    heads = ["contender", *NAMES.values(), "seconds", "processor seconds"]
    rows = [
        [
            row.contender,
            *(f"{getattr(row, of):.4f}" for of in ("auc", "ap", "log_loss", "brier")),
            f"{row.lift:.2f}",
            f"{row.seconds:.0f}",
            "" if np.isnan(row.cpu) else f"{row.cpu:.0f}",
        ]
        for row in here.itertuples()
    ]
    kind = "last rows" if told["split"]["kind"] == "forward" else "random, same rate"
    about = (
        f"{told['about'][0].upper()}{told['about'][1:]}. Test: {len(y):,} rows ({kind}), {y.sum():,} best customers."
    )
    return f"## {task.name}\n\n{about}\n\n{_markdown(heads, rows)}"


def _contenders(found: Results) -> str:
    rows = []
    for name, peer in PEERS.items():
        of = [run for run in found.runs if run["contender"] == name]
        versions = {key: value for run in of for key, value in run.get("versions", {}).items()}
        failed = {f"{run['task']}: {run['failed']}" for run in of if "failed" in run}
        state = "; ".join(sorted(failed)) or ("ran" if of else "not run")
        told = ", ".join(f"{key} {value}" for key, value in versions.items())
        rows.append([name, peer.settings, told, state.replace("|", "/").replace("\n", " ")])
    return f"## The contenders\n\n{_markdown(['contender', 'settings', 'versions', 'state'], rows)}"


def _budget(runs: list[dict[str, Any]]) -> str:
    return " or ".join(sorted({f"{run['budget']:.0f}" for run in runs if run.get("budget")})) or "the same"


def _markdown(heads: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (heads, ["---"] * len(heads), *rows)]
    return "\n".join(lines) + "\n"


HEAD = """# Quality beside its peers

Made by `python -m benchmarks.quality`; no figure is written by hand. Every contender learns from the same training rows
and is judged on the same test rows. Nobody is tuned: each is set as a competent user would set it for well-ranked and
honest probabilities, and a peer that searches gets {budget} seconds per set on {threads} threads. `icp` runs by its two
commands and is told facts about the data only: the id, the label, what stands for "not known", that rows are in date
order, the date of a row. What is filled in after the outcome is dropped for all; ids are dropped for the peers; dates
are days since 1970 for them. Random splits: 70 % / 30 %, seed {seed}, the same rate of best customers in both parts.

Seconds are from the start of a process to its end, processor seconds those it and its children used. The machine has
two cores and did other work too, so a search got fewer processor seconds than a quiet machine would give it: read the
second column before you read much into a rank. `icp` also makes profiles, reasons, intervals and a report in its time.
"""
OVER_ALL = """Mean rank over {n} sets (1 is best), by each measure and by all four. Regret: how much worse than the
best of the other peers of the set, on average; negative where it was better than all of them. With so few sets, ranks
that differ by less than one say little.
"""
AGAINST_BEST = """The best peer is picked on the test rows, after the fact, so it is flattered: no single peer is the
best everywhere. Positive differences say that the peer is better, in both measures. Intervals (95 %): percentiles of
2,000 resamples of the test rows, both contenders on the same rows.
"""
