"""What a list promises: the sum, an interval that knows chance and the model, and the ends there are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from icp.lists import expected_conversions


def bins(*rates, n=1_000_000):
    error = [1.96 * (rate * (1 - rate) / n) ** 0.5 for rate in rates]
    return [
        {"n": n, "mean_propensity": rate, "observed": rate, "low": rate - e, "high": rate + e}
        for rate, e in zip(rates, error, strict=True)
    ]


@pytest.mark.parametrize(("n", "p"), [(40, 0.1), (40, 0.5), (10, 0.9), (500, 0.02), (5, 0.3)])
def test_where_the_rates_are_known_the_interval_is_that_of_chance(n, p):
    told = expected_conversions(np.full(n, p), bins(0.01, 0.1, 0.3, 0.6, 0.95))
    assert told.value == pytest.approx(n * p)
    inside = binom.cdf(told.high, n, p) - binom.cdf(told.low - 1, n, p)
    assert inside >= 0.95 and told.high - told.low <= binom.ppf(0.975, n, p) - binom.ppf(0.025, n, p) + 3


def test_little_evidence_and_evidence_against_the_rates_widen_it():
    p = np.full(400, 0.3)
    sure, unsure = (expected_conversions(p, bins(0.05, 0.1, 0.2, 0.3, n=n)) for n in (10**6, 200))
    assert unsure.low < sure.low and unsure.high > sure.high
    wrong = [dict(row, observed=row["observed"] * 0.7) for row in bins(0.05, 0.1, 0.2, 0.3)]
    assert expected_conversions(p, wrong).low < 0.7 * 120 < sure.low


def test_accounts_above_every_bin_are_less_known():
    known = bins(0.02, 0.05, 0.1, 0.15, 0.2, n=500)
    inside, above = (expected_conversions(np.full(1000, rate), known) for rate in (0.15, 0.6))
    assert (above.high - above.low) / (1000 * 0.24) ** 0.5 > 2 * (inside.high - inside.low) / (1000 * 0.1275) ** 0.5


def test_accounts_without_a_score_do_not_count_and_ends_stay_possible():
    told = expected_conversions(np.array([0.999, np.nan, 0.999]), bins(0.1, 0.999))
    assert told.n == 2 and told.high == 2 and told.low >= 0
    assert expected_conversions(np.array([]), bins(0.1)).text() == "0.0 (0 to 0)"
    assert expected_conversions(np.full(4, 0.5), []).text() == "2.0"
