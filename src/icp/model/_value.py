"""What a best customer is worth: mean amounts by profile, or an amount model where it is shown to do better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from icp._folds import assign_folds
from icp.evaluation import paired_gain, value_capture
from icp.model._judge import Judgement
from icp.model._known import Known
from icp.profiles import ProfileSet
from icp.scoring import AmountModel, learn_amounts

__all__ = ["Amounts", "choose_amounts", "value_evidence"]

Floats = NDArray[np.float64]

AMOUNT_PRIOR = 20
"""The overall mean amount counts as much as this many best customers of a profile."""

MIN_AMOUNTS = 60
"""With fewer best customers whose amount is known and above 0, the means are used."""

_N_FOLDS = 5
_MIN_JUDGED = 10


@dataclass(frozen=True)
class Amounts:
    """How the amount of a best customer is predicted, and why so.

    Parameters
    ----------
    means : dict
        Mean amount overall (``""``) and by profile id, each profile drawn towards the mean of all; empty without
        amounts.
    model : AmountModel or None
        Used instead, where it was better on held-out best customers.
    evidence : dict
        ``kind`` (``means`` or ``model``), and the paired comparison on best customers that neither had seen.
    """

    means: dict[str, float]
    model: AmountModel | None
    evidence: dict[str, Any]


def choose_amounts(known: Known, profiles: ProfileSet, seed: int) -> Amounts:
    """Compare an amount model with the mean amounts of the profiles, and learn the one that is used.

    Both predict the mean, so both are judged by ``amount / predicted + log(predicted)``, half the deviance of a gamma
    distribution but for what does not depend on the prediction; the model is used where the 95 % interval of the paired
    difference lies below 0.

    Parameters
    ----------
    known : Known
        Labelled rows.
    profiles : ProfileSet
        The profiles.
    seed : int
        Of the folds.

    Returns
    -------
    Amounts
        Empty means without amounts.
    """
    rows = np.flatnonzero((known.y == 1) & np.isfinite(known.amount))
    if not len(rows):
        return Amounts({}, None, {})
    index, _ = profiles.assign(known.profiled().values)
    means = _means(known, rows, index, profiles)
    n_above = int((known.amount[rows] > 0).sum())
    evidence: dict[str, Any] = {"kind": "means", "n": len(rows), "n_positive": n_above}
    if n_above < MIN_AMOUNTS or means[""] <= 0:
        return Amounts(means, None, evidence)
    fold = assign_folds(np.zeros(len(rows)), _N_FOLDS, seed, known.groups[rows])
    by_model, by_means = np.empty(len(rows)), np.empty(len(rows))
    for number in range(_N_FOLDS):
        rest, out = rows[fold != number], rows[fold == number]
        by_model[fold == number] = _model(known, rest).predict(known.traits.values[out])
        by_means[fold == number] = _looked_up(_means(known, rest, index, profiles), index[out], profiles)
    compared = paired_gain(_loss(known.amount[rows], by_model), _loss(known.amount[rows], by_means))
    evidence["compared"] = {name: round(value, 6) for name, value in compared.items()}
    if not compared["high"] < 0.0:
        return Amounts(means, None, evidence)
    return Amounts(means, _model(known, rows), {**evidence, "kind": "model"})


def value_evidence(
    known: Known, profiles: ProfileSet, amounts: Amounts, judgement: Judgement, n_bootstrap: int, seed: int
) -> dict[str, Any]:
    """Money in the first tenth of the held-out rows, by expected value against by propensity.

    Parameters
    ----------
    known : Known
        Labelled rows.
    profiles : ProfileSet
        The profiles.
    amounts : Amounts
        What was chosen; learned again without the rows judged on.
    judgement : Judgement
        Held-out margins.
    n_bootstrap : int
        Resamples.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        For the card: ``kind``, the comparison, and ``captured`` where enough amounts were held out.
    """
    if not amounts.means:
        return {}
    has_amount = (known.y == 1) & np.isfinite(known.amount)
    index, _ = profiles.assign(known.profiled().values)
    predicted, start = np.empty(len(judgement.rows)), 0
    for train, test in judgement.split.folds:
        if start == len(judgement.rows):
            break
        rows = train[has_amount[train]]
        end = start + len(test)
        if not len(rows):
            return dict(amounts.evidence)
        if amounts.model is not None and int((known.amount[rows] > 0).sum()) >= 2:
            predicted[start:end] = _model(known, rows).predict(known.traits.values[test])
        else:
            predicted[start:end] = _looked_up(_means(known, rows, index, profiles), index[test], profiles)
        start = end
    money = np.where(has_amount, np.nan_to_num(known.amount), 0.0)[judgement.rows]
    if int((money > 0).sum()) < _MIN_JUDGED:
        return dict(amounts.evidence)
    chance = expit(judgement.margin)
    captured = value_capture(
        chance,
        chance * predicted,
        money,
        groups=known.groups[judgement.rows],
        n_bootstrap=n_bootstrap,
        seed=seed,
    )
    return {**amounts.evidence, "captured": captured}


def _means(known: Known, rows: NDArray[np.intp], index: NDArray[np.int64], profiles: ProfileSet) -> dict[str, float]:
    overall = float(known.amount[rows].mean())
    means = {"": round(overall, 2)}
    for j, profile in enumerate(profiles.profiles):
        inside = known.amount[rows[index[rows] == j]]
        means[profile.id] = round(float((inside.sum() + AMOUNT_PRIOR * overall) / (len(inside) + AMOUNT_PRIOR)), 2)
    return means


def _looked_up(means: dict[str, float], index: NDArray[np.int64], profiles: ProfileSet) -> Floats:
    return np.array([*(means[profile.id] for profile in profiles.profiles), means[""]])[index]


def _model(known: Known, rows: NDArray[np.intp]) -> AmountModel:
    return learn_amounts(known.traits.values[rows], known.amount[rows], known.traits.categorical)


def _loss(amount: Floats, predicted: Floats) -> Floats:
    predicted = np.maximum(predicted, 1e-9)
    return amount / predicted + np.log(predicted)
