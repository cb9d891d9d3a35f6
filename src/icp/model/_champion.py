"""Champion and challenger side by side: margins of both on rows that neither learned from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icp._progress import step
from icp.bundle import Bundle
from icp.engines import TOLERANCE, margins_frame
from icp.errors import ICPError
from icp.evaluation import compare
from icp.model._cutoffs import same_definition
from icp.model._gate import Check, Gate, decide, held
from icp.model._judge import MIN_JUDGED, Judgement
from icp.model._known import Known
from icp.model._learning import Learned, Learner
from icp.model._recipe import known_by_recipe, row_times, same_way, scoring_of
from icp.options import BacktestOptions
from icp.tables import DatedTable

__all__ = ["Contest", "contest"]

MAX_CHURN_ROWS = 20_000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Contest:
    """Everything the gate needs of a training run.

    Parameters
    ----------
    known : Known
        The labelled rows.
    learner : Learner
        The challenger's way of learning.
    judgement : Judgement
        Held-out margins of its twins.
    learned : Learned
        The challenger's score.
    bundle : Bundle
        The challenger.
    events, outcomes : DatedTable or None
        Dated history.
    options : BacktestOptions
        Resamples behind the intervals.
    """

    known: Known
    learner: Learner
    judgement: Judgement
    learned: Learned
    bundle: Bundle
    events: DatedTable | None
    outcomes: DatedTable | None
    options: BacktestOptions


@dataclass(frozen=True)
class _Margins:
    """Margins of both on the same rows."""

    rows: NDArray[np.intp]
    champion: Floats
    challenger: Floats
    basis: str
    text: str


def contest(run: Contest, champion: Bundle) -> Gate:
    """Compare the challenger of a run with the champion, and decide.

    Rows that are dated and later than everything the champion learned from are scored by the champion itself, and by
    the challenger's twin, which had not seen them either. Where there are too few of those, both recorded
    configurations are learned again on the folds of the present rows.

    Parameters
    ----------
    run : Contest
        The challenger.
    champion : Bundle
        Read as data; nothing of it is run.

    Returns
    -------
    Gate
        The verdict with its evidence.
    """
    before = _not_comparable(run, champion)
    if before is not None:
        return before
    with step("comparing with the champion"):
        try:
            margins = _later(run, champion) or _retrained(run, champion)
        except ICPError as error:
            return held("ICP524", "champion", f"The champion cannot be compared: {error.problems[0].message}",
                        champion=champion.version)  # fmt: skip
        if margins is None:
            text = (
                "No rows are later than what the champion learned from, and both have the same configuration: these "
                "rows cannot show whether newer data helps. Promote by hand, or date the rows (accounts.observed_at)."
            )
            return held("ICP530", "rows", text, champion=champion.version)
        known = run.known
        gate = decide(
            known.y[margins.rows],
            margins.champion,
            margins.challenger,
            groups=known.groups[margins.rows],
            amount=known.amount[margins.rows] if np.isfinite(known.amount[margins.rows]).any() else None,
            n_bootstrap=run.options.n_bootstrap,
            seed=run.learner.seed,
            checks=_other_checks(run, champion),
            basis=margins.basis,
            basis_text=margins.text,
        )
        return replace(gate, champion=champion.version, churn=_churn(run, champion))


def _not_comparable(run: Contest, champion: Bundle) -> Gate | None:
    """Why there is nothing to compare, or nothing to decide."""
    version, own = champion.version, run.bundle
    if champion.content_hash == own.content_hash:
        return held("ICP531", "content", "Champion and challenger are identical: nothing to decide.", champion=version)
    ours, theirs = own.card["definition"], champion.card["definition"]
    if not same_definition(ours, theirs):
        text = (
            "Best customer means something else than for the champion, so their figures are of different things "
            f"(champion: {theirs['text']}; now: {ours['text']}). A person decides."
        )
        return held("ICP523", "definition", text, champion=version)
    if not champion.recipe:
        text = "The champion does not record how it was learned (it was made by an earlier icp). A person decides."
        return held("ICP524", "champion", text, champion=version)
    return None


def _later(run: Contest, champion: Bundle) -> _Margins | None:
    """Margins on the judged rows that are later than the champion's; None where they are too few."""
    times, by = row_times(run.known, run.judgement)
    to, rows, y = champion.recipe["learned_to"], run.judgement.rows, run.known.y
    if not to or by != champion.recipe["dated_by"]:
        return None
    first = np.datetime64(to, "us")
    at = times[rows].astype("datetime64[us]")
    # a label's window ends with learned_to, so a picture of that day is later; a flag's own date is not
    later = at >= first if by == "as_of" else at.astype("datetime64[D]") > first.astype("datetime64[D]")
    best = int(y[rows[later]].sum())
    if min(best, int(later.sum()) - best) < MIN_JUDGED:
        return None
    chosen = rows[later]
    theirs = _score(champion, run, chosen)
    text = f"{len(chosen):,} rows later than {to}, up to which the champion had read, scored by the champion itself"
    if run.judgement.split.name == "random":
        text += "; the challenger's margins are from folds of the same time, which it knew other accounts of"
    else:
        text += " and by the challenger's twin, learned without the newest rows"
    return _Margins(chosen, theirs, run.judgement.margin[later], "later", text)


def _retrained(run: Contest, champion: Bundle) -> _Margins | None:
    """Margins of both configurations on the same folds; None where they are the same."""
    recipe, known = champion.recipe, run.known
    if same_way(recipe, run.bundle.recipe):
        return None
    rebuilt = known_by_recipe(known, recipe, champion.columns, run.events, run.outcomes)
    learner = Learner(scoring_of(recipe), int(recipe["seed"]))
    judged = run.judgement
    parts = [
        learner.margins(rebuilt, train, test, judged.order, follow_rate=judged.order_named)
        for train, test in judged.split.folds
    ]
    theirs = np.concatenate(parts)
    gone = sorted(set(recipe["columns"]) - {column.name for column in known.accounts.columns})
    text = f"both configurations learned again on the same folds ({run.judgement.split.text})"
    if gone:
        text += f"; without {len(gone)} of the champion's columns that are not in the table: {', '.join(gone[:3])}"
    return _Margins(run.judgement.rows, theirs, run.judgement.margin, "retrained", text)


def _other_checks(run: Contest, champion: Bundle) -> tuple[Check, ...]:
    kept = sorted(set(run.bundle.recipe["kept"]) - set(champion.recipe["kept"]))
    audit = "No column is kept against the leakage audit that the champion did not keep."
    if kept:
        audit = f"Kept against the leakage audit, unlike the champion: {', '.join(kept)}. A person decides."
    signal = "The challenger ranks better than chance." if run.bundle.signal else "The challenger shows no signal."
    error = run.learned.additivity_error
    sums = f"Contributions add up to {error:.1g} log-odds."
    return (
        Check("ICP528", "leakage", not kept, audit),
        Check("ICP529", "signal", run.bundle.signal, signal),
        Check("ICP532", "additivity", error <= TOLERANCE, sums),
    )


def _churn(run: Contest, champion: Bundle) -> Mapping[str, Any]:
    """How the list would change: both versions as they are, on labelled rows of the present table."""
    n = len(run.known.y)
    rows = np.unique(np.linspace(0, n - 1, min(n, MAX_CHURN_ROWS)).astype(np.intp))
    try:
        before, after = _score(champion, run, rows), _score(run.bundle, run, rows)
    except ICPError:
        return {}
    changed = champion.reference.tier_of_margin(before) != run.bundle.reference.tier_of_margin(after)
    overlap = compare(run.known.y[rows], before, after, n_bootstrap=2).overlap_at_10
    return {"n": len(rows), "tier_changed": float(changed.mean()), "overlap_at_10": overlap}


def _score(bundle: Bundle, run: Contest, rows: NDArray[np.intp]) -> Floats:
    """Margins by a bundle, of rows of the present table, each at the date of its picture."""
    accounts = run.known.accounts
    frame = accounts.frame.iloc[rows]
    return margins_frame(bundle, frame, events=run.events, outcomes=run.outcomes, as_of=accounts.as_of)
