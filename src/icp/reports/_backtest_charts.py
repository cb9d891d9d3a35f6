"""The figures of a backtest: block by block, against simpler lists, and against rows held out at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from icp.reports._bars import Bar, bar_chart
from icp.reports._charts import _PLOT, Row, _frame, _tenths, _ticks
from icp.reports._figure import Figure, curve, drawing, line, path, text
from icp.reports._format import UNKNOWN, count, interval, number, percent, ratio, times

__all__ = ["block_figure", "block_name", "list_name", "lists_figure", "lists_gain_figure", "random_figure"]

_STYLES = (("low", False), ("muted", True), ("ink", True), ("quiet", False))
_HOW = {"lift_at_10": ("Lift in the top 10 %", times, 1.0), "auc": ("AUC", ratio, 0.5)}


def block_name(block: Row) -> str:
    """A block in words.

    Parameters
    ----------
    block : mapping
        One of the card's ``blocks``.

    Returns
    -------
    str
        For example ``"3: 2025-04-01 to 2025-06-30, sealed"``.
    """
    first, last = block.get("first"), block.get("last")
    when = "" if not first else f": {first}" if first == last else f": {first} to {last}"
    return f"{block.get('block')}{when}{', sealed' if block.get('sealed') else ''}"


def list_name(name: str) -> str:
    """A list in words.

    Parameters
    ----------
    name : str
        As in ``baselines.csv``.

    Returns
    -------
    str
        ``"today: grade"`` becomes ``"today's score (grade)"``.
    """
    return f"today's score ({name[7:]})" if name.startswith("today: ") else {"rule": "simple rule"}.get(name, name)


def block_figure(blocks: Sequence[Row], figure: str, part: str = "block") -> Figure:
    """A figure in every block, or repeat of random folds, with its interval.

    Parameters
    ----------
    blocks : sequence of mapping
        The card's ``blocks``.
    figure : {"lift_at_10", "auc"}
        Which.
    part : {"block", "repeat"}, default="block"
        What they are called.

    Returns
    -------
    Figure
        Horizontal bars; the line is chance.
    """
    title, say, chance = _HOW[figure]
    columns = (part, "rows learned from", "rows judged", "best customers", "base rate", "value", "low", "high")
    keys = ("n_train", "n_test", "n_test_best", "base_rate", figure, f"{figure}_low", f"{figure}_high")
    rows = tuple((block_name(b), *(b.get(key) for key in keys)) for b in blocks)
    shown = tuple(
        (str(name), count(n_train), count(n), count(best), percent(rate), say(value), say(low), say(high))
        for name, n_train, n, best, rate, value, low, high in rows
    )
    bars = [
        Bar(
            block_name(b), b.get(figure), f"{interval(b.get(f'{figure}_low'), b.get(f'{figure}_high'), say)}",
            say(b.get(figure)), b.get(f"{figure}_low"), b.get(f"{figure}_high"),
            "accent" if b.get("sealed") else "quiet",
        )
        for b in blocks
    ]  # fmt: skip
    label = f"{title} in each {part} with 95 % interval; the upright line is chance ({say(chance)})."
    svg = bar_chart(label, bars, reference=chance, highest=1.0 if figure == "auc" else 0.0)
    return Figure(f"blocks_{figure}", f"{title}, {part} by {part}", label, columns, rows, shown, svg)


def lists_figure(baselines: Sequence[Row], block: str, figure: str) -> Figure:
    """The score and what it is compared with on the same accounts, with paired differences in the table.

    Parameters
    ----------
    baselines : sequence of mapping
        The card's ``baselines``.
    block : {"all", "open", "sealed"}
        Which blocks.
    figure : str
        ``lift_at_10`` or ``lift_at_capacity``.

    Returns
    -------
    Figure
        Horizontal bars with intervals.
    """
    chosen = [row for row in baselines if row.get("block") == block]
    where = "the best tenth" if figure.endswith("_10") else "the accounts that are really worked"
    title = f"Lift in {where}" + ("" if block == "all" else f", {block} block")
    less = f"score_less_{figure}"
    keys = (figure, f"{figure}_low", f"{figure}_high", less, f"{less}_low", f"{less}_high", "auc", "score_less_auc",
            "score_less_auc_low", "score_less_auc_high", "log_loss", "brier")  # fmt: skip
    columns = ("list", "lift", "low", "high", "score less it", "from", "to", "AUC", "score less it (AUC)", "from (AUC)",
               "to (AUC)", "log loss", "Brier")  # fmt: skip
    rows = tuple((list_name(str(row.get("list"))), *(row.get(key) for key in keys)) for row in chosen)
    shown = tuple(
        (str(row[0]), *(ratio(value) if i < 10 else number(value) for i, value in enumerate(row[1:]))) for row in rows
    )
    bars = [
        Bar(
            list_name(str(row.get("list"))), row.get(figure),
            interval(row.get(f"{figure}_low"), row.get(f"{figure}_high"), times), times(row.get(figure)),
            row.get(f"{figure}_low"), row.get(f"{figure}_high"), "accent" if row.get("list") == "score" else "quiet",
        )
        for row in chosen
    ]  # fmt: skip
    label = f"Lift in {where} of each list with 95 % interval; the upright line is chance."
    return Figure(f"lists_{block}_{figure}", title, label, columns, rows, shown, bar_chart(label, bars, reference=1.0))


def lists_gain_figure(gains: Mapping[str, Sequence[Sequence[float]]]) -> Figure:
    """Share of all best customers found by working each list from the top.

    Parameters
    ----------
    gains : mapping of str to sequence of (share, capture)
        The card's ``gains``, ``score`` among them.

    Returns
    -------
    Figure
        Curves above the diagonal of chance.
    """
    points = {name: [(float(x), float(y)) for x, y in gain] for name, gain in gains.items()}
    names = ["score", *(name for name in points if name != "score")]
    columns = ("share of list", *(list_name(name) for name in names))
    tenths = {name: [(0.0, 0.0), *_tenths(points[name])] for name in names}
    rows = tuple((tenths["score"][i][0], *(tenths[name][i][1] for name in names)) for i in range(11))
    shown = tuple(tuple(percent(value) for value in row) for row in rows)
    label = (
        "Share of best customers found against share of the list worked, for each list; the dashed diagonal is chance."
    )
    top = 14.0
    marks = [curve(points["score"], top, _PLOT), *_frame(top, 1.0)]
    marks.append(line(0, top + _PLOT, 100, top, "quiet", dashed=True, width=1.5))
    legend = top + _PLOT + 44
    marks += [line(0, legend - 4, 4, legend - 4, "accent", width=2.5), text(5, legend, "score")]
    for i, name in enumerate(names[1:]):
        colour, dashed = _STYLES[i % len(_STYLES)]
        marks.append(path(points[name], top, _PLOT, colour, dashed=dashed))
        y = legend + 20 * (i + 1)
        marks += [line(0, y - 4, 4, y - 4, colour, dashed=dashed, width=2.5), text(5, y, list_name(name))]
    marks += _ticks(top, [(0, "0 %"), (25, "25 %"), (50, "50 % of the list"), (75, "75 %"), (100, "100 %")])
    svg = drawing(label, legend + 20 * (len(names) - 1) + 10, marks)
    return Figure("lists_gain", "Best customers found", label, columns, rows, shown, svg)


def random_figure(metrics: Row) -> Figure:
    """The same accounts judged by models that knew only earlier ones, and by models that knew rows of any time.

    Parameters
    ----------
    metrics : mapping
        The card's ``metrics``, with ``random`` and ``forward_less_random``.

    Returns
    -------
    Figure
        Horizontal bars of the lift; the table has the other figures too.
    """
    random, less = metrics.get("random") or {}, metrics.get("forward_less_random") or {}
    sides = (("Later accounts", metrics), ("Rows held out at random", random))
    columns = ("figure", "later accounts", "random rows", "difference", "low", "high")
    said = {
        "lift_at_10": "lift at 10 %",
        "auc": "AUC",
        "average_precision": "average precision",
        "log_loss": "log loss",
        "brier": "Brier score",
    }
    rows = tuple(
        (words, metrics.get(key), random.get(key), less.get(key), less.get(f"{key}_low"), less.get(f"{key}_high"))
        for key, words in said.items()
    )
    shown = tuple(
        (str(row[0]), *(number(value) if value is not None else UNKNOWN for value in row[1:])) for row in rows
    )
    bars = [
        Bar(name, side.get("lift_at_10"), interval(side.get("lift_at_10_low"), side.get("lift_at_10_high"), times),
             times(side.get("lift_at_10")), side.get("lift_at_10_low"), side.get("lift_at_10_high"),
             "accent" if side is metrics else "quiet")
        for name, side in sides
    ]  # fmt: skip
    label = "Lift in the best tenth for the same accounts: models that knew only earlier rows, and rows of any time."
    title = "Later accounts against random rows"
    return Figure("random", title, label, columns, rows, shown, bar_chart(label, bars, reference=1.0))
