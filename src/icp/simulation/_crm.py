"""The simulated CRM: the parts put together, and written as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from icp.errors import ConfigError, Problem, did_you_mean
from icp.options import SimulationOptions
from icp.simulation._companies import MAX_PROFILES, Companies, draw_companies, draw_reps
from icp.simulation._dirt import clean_cells, dirty_cells, double_records
from icp.simulation._draws import Codes, Draws, Mask, Numbers
from icp.simulation._drivers import DRIVERS, effects, fit_intercept, propensity
from icp.simulation._events import draw_events, interest_shown
from icp.simulation._leaks import LEAKS, leak_kinds, plant
from icp.simulation._outcomes import draw_history, draw_results
from icp.simulation._readme import readme

__all__ = ["SimulatedCRM", "simulate"]

_CUSTOMER_SHARE = 0.04
_WORKED_SHARE = 0.4
_LATE_EVENT_DAYS = 120


@dataclass(frozen=True)
class SimulatedCRM:
    """A CRM whose truth is known.

    Parameters
    ----------
    accounts : DataFrame of str, shape (n_accounts, n_columns)
        Cells as they stand in the CSV, dirt and leaks included.
    events : DataFrame of str
        ``account_id, at, kind``.
    outcomes : DataFrame of str
        ``opportunity_id, account_id, at, stage, amount_eur, lost_reason, owner``; before and after the as-of date.
    reps : DataFrame of str
        ``rep_id, name, territory, joined_on, calls_per_week``.
    truth : DataFrame, shape (n_accounts, n_truths)
        Same rows as ``accounts``: ``account_id``, ``profile`` (0 none), ``propensity`` (true, if worked), ``log_odds``
        (``intercept`` plus every ``effect_<driver>``), ``eligible`` (no customer yet), ``worked``, ``best`` (buys in
        the window if worked), ``duplicate_of`` (id of the record it repeats, or empty).
    clean : DataFrame, shape (n_accounts, n_columns)
        The traits as they really are: numbers, dates, words; same rows as ``accounts``.
    drivers : DataFrame
        One row per planted driver: ``driver, columns, side, text, spread`` (standard deviation of its effect).
    leaks : DataFrame
        One row per planted leak: ``kind, column, visible, text``.
    options : SimulationOptions
        What was asked for.
    seed : int
        Seed of every draw.
    """

    accounts: pd.DataFrame
    events: pd.DataFrame
    outcomes: pd.DataFrame
    reps: pd.DataFrame
    truth: pd.DataFrame
    clean: pd.DataFrame
    drivers: pd.DataFrame
    leaks: pd.DataFrame
    options: SimulationOptions
    seed: int

    def write(self, folder: str | Path) -> None:
        """Write the tables and a README; the same bytes for the same options and seed.

        Parameters
        ----------
        folder : str or Path
            Existing folder; files of the same name are replaced.
        """
        target = Path(folder)
        tables = {
            "accounts": self.accounts,
            "events": self.events,
            "outcomes": self.outcomes,
            "reps": self.reps,
            "truth": _as_text(self.truth),
        }
        for name, table in tables.items():
            content = table.to_csv(index=False, lineterminator="\n").encode("utf-8")
            (target / f"{name}.csv").write_bytes(content)
        text = readme(self.options, self.seed, {name: len(table) for name, table in tables.items()}, self.truth,
                      self.drivers, self.leaks)  # fmt: skip
        (target / "README.md").write_bytes(text.encode("utf-8"))


def simulate(options: SimulationOptions | None = None, seed: int = 0) -> SimulatedCRM:
    """Simulate a CRM with planted profiles, drivers, dirt and, on request, leaks, drift and selective working.

    An account's log-odds to become a best customer are an intercept plus one effect per driver; the intercept is set so
    that the mean propensity of the eligible accounts equals ``options.base_rate``.

    Parameters
    ----------
    options : SimulationOptions, default=None
        None takes the defaults.
    seed : int, default=0
        Same options and seed, same bytes.

    Returns
    -------
    SimulatedCRM
        Tables as they would be exported, and the truth behind them.

    Raises
    ------
    ConfigError
        An option is out of range (``ICP801``) or names no kind of leak (``ICP802``).

    Examples
    --------
    >>> crm = simulate(SimulationOptions(n_accounts=200), seed=1)
    >>> len(crm.accounts), sorted(crm.truth["profile"].unique().tolist())
    (200, [0, 1, 2, 3])
    """
    options = options or SimulationOptions()
    _check(options, seed)
    as_of = pd.Timestamp(options.as_of)
    n = options.n_accounts
    n_profiles = options.n_profiles if options.signal > 0 else 0
    companies = draw_companies(Draws(seed, 1), n, n_profiles, options.drift, as_of)
    row, original = double_records(Draws(seed, 2), n, options.dirt)
    companies = _with_doubles(companies, row, original)
    interest = Draws(seed, 3).normal(n)
    interest[row] = -2.5
    known_days = (as_of - companies.frame["created_on"]).dt.days.to_numpy()
    events = draw_events(Draws(seed, 4), interest, known_days, as_of)
    effect = effects(companies, interest_shown(events, n, as_of), options.n_profiles, options.signal, options.drift)
    truth = _truth(Draws(seed, 5), companies, effect, row, options)
    truth["duplicate_of"] = ""
    truth.loc[row, "duplicate_of"] = truth["account_id"].to_numpy()[original]
    return _assemble(companies, events, truth, row, options, seed)


def _assemble(
    companies: Companies,
    events: pd.DataFrame,
    truth: pd.DataFrame,
    doubles: Codes,
    options: SimulationOptions,
    seed: int,
) -> SimulatedCRM:
    """The tables as a CRM would export them."""
    as_of = pd.Timestamp(options.as_of)
    best, worked, eligible = (truth[name].to_numpy() for name in ("best", "worked", "eligible"))
    ids = truth["account_id"].to_numpy(dtype=object)
    customer = ~eligible
    customer[doubles] = False
    outcomes = pd.concat(
        [
            draw_history(Draws(seed, 6), companies, customer, as_of),
            draw_results(Draws(seed, 7), companies, best, worked, as_of),
        ]
    )
    cells = clean_cells(companies.frame)
    if options.dirt > 0:
        cells = dirty_cells(Draws(seed, 8), cells, companies.frame, options.dirt)
    for name, column in plant(Draws(seed, 9), tuple(options.leaks), best, worked, as_of).items():
        cells[name] = column
    cells.insert(0, "account_id", ids)
    if "late_events" in options.leaks:
        events = pd.concat([events, _late_events(Draws(seed, 10), best & worked, as_of)], ignore_index=True)
    order = np.argsort(~(best & worked), kind="stable") if "row_order" in options.leaks else np.arange(len(ids))
    return SimulatedCRM(
        accounts=cells.iloc[order].reset_index(drop=True).astype("str"),
        events=_event_cells(events, ids),
        outcomes=_outcome_cells(outcomes, ids, companies.frame["owner"].to_numpy(dtype=object)),
        reps=draw_reps(as_of).astype("str"),
        truth=truth.iloc[order].reset_index(drop=True),
        clean=companies.frame.iloc[order].reset_index(drop=True),
        drivers=_driver_table(truth),
        leaks=pd.DataFrame(
            [vars(LEAKS[kind]) for kind in options.leaks], columns=["kind", "column", "visible", "text"]
        ),
        options=options,
        seed=seed,
    )


def _truth(
    draws: Draws, companies: Companies, effect: pd.DataFrame, doubles: Codes, options: SimulationOptions
) -> pd.DataFrame:
    """Who buys, who is a customer already, and whom sales works."""
    n = len(effect)
    total = effect.sum(axis=1).to_numpy()
    customer = draws.chance(propensity(total + fit_intercept(total, np.ones(n, dtype=bool), _CUSTOMER_SHARE)), n)
    eligible = ~customer
    eligible[doubles] = False
    intercept = fit_intercept(total, eligible, options.base_rate)
    chance = propensity(total + intercept)
    best = draws.chance(chance, n) & eligible
    worked = eligible & _worked(draws, companies, options.selective)
    truth = pd.DataFrame(
        {
            "account_id": [f"A-{i + 1:05d}" for i in range(n)],
            "profile": companies.profile,
            "propensity": chance,
            "log_odds": total + intercept,
            "eligible": eligible,
            "worked": worked,
            "best": best,
            "intercept": intercept,
        }
    )
    return truth.join(effect.add_prefix("effect_"))


def _worked(draws: Draws, companies: Companies, selective: bool) -> Mask:
    """Whom sales works: everyone, or the two in five that look good to a rep who goes by size, growth and a feeling."""
    n = len(companies.profile)
    feeling = draws.normal(n)
    if not selective:
        return np.ones(n, dtype=bool)
    frame = companies.frame
    size = np.log10(frame["employees"].to_numpy(dtype=np.float64))
    growth = frame["revenue_growth"].to_numpy(dtype=np.float64) / 10
    known = frame["lead_source"].isin(["referral", "website"]).to_numpy(dtype=np.float64)
    look = size + growth + 1.5 * known + 0.5 * feeling
    return look >= np.sort(look)[int(n * (1 - _WORKED_SHARE))]


def _with_doubles(companies: Companies, row: Codes, original: Codes) -> Companies:
    """Second records of a company: the same traits, the name written another way, another owner and day of creation."""
    frame = companies.frame.copy()
    kept = [name for name in frame.columns if name not in ("owner", "created_on")]
    source = np.arange(len(frame))
    source[row] = original
    for name in kept:
        frame[name] = frame[name].to_numpy()[source]
    names = frame["name"].to_numpy(dtype=object, copy=True)
    names[row] = [name.upper() if i % 2 else name.rsplit(" ", 1)[0] for i, name in enumerate(names[row])]
    frame["name"] = names
    profile = companies.profile.copy()
    profile[row] = profile[original]
    return Companies(frame, profile, companies.age)


def _late_events(draws: Draws, won: Mask, as_of: pd.Timestamp) -> pd.DataFrame:
    """Events of the months after the as-of date: onboarding calls of winners, the odd visit of others."""
    count = draws.poisson(np.where(won, 6.0, 0.6))
    row = np.repeat(np.arange(len(won)), count)
    at = as_of + pd.to_timedelta(1 + np.floor(draws.uniform(len(row)) * _LATE_EVENT_DAYS).astype(np.int64), unit="D")
    kind = np.where(won[row] & draws.chance(0.7, len(row)), "call", "visit").astype(object)
    order = np.lexsort((row, at.to_numpy()))
    return pd.DataFrame({"row": row[order], "at": at[order], "kind": kind[order]})


def _event_cells(events: pd.DataFrame, ids: np.ndarray) -> pd.DataFrame:
    """The events table as text."""
    cells = {
        "account_id": ids[events["row"].to_numpy()],
        "at": events["at"].dt.strftime("%Y-%m-%d").to_numpy(dtype=object),
        "kind": events["kind"].to_numpy(dtype=object),
    }
    return pd.DataFrame(cells).astype("str")


def _outcome_cells(outcomes: pd.DataFrame, ids: np.ndarray, owner: np.ndarray) -> pd.DataFrame:
    """The outcomes table as text, by day."""
    table = outcomes.iloc[np.lexsort((outcomes["row"].to_numpy(), outcomes["at"].to_numpy()))]
    row = table["row"].to_numpy()
    cells = {
        "opportunity_id": np.array([f"O-{i + 1:05d}" for i in range(len(table))], dtype=object),
        "account_id": ids[row],
        "at": table["at"].dt.strftime("%Y-%m-%d").to_numpy(dtype=object),
        "stage": table["stage"].to_numpy(dtype=object),
        "amount_eur": np.array(["" if value != value else f"{value:.0f}" for value in table["amount"]], dtype=object),
        "lost_reason": table["lost_reason"].to_numpy(dtype=object),
        "owner": owner[row],
    }
    return pd.DataFrame(cells).astype("str")


def _driver_table(truth: pd.DataFrame) -> pd.DataFrame:
    """The planted drivers with the spread of their effects."""
    rows = [
        (driver.name, " and ".join(driver.columns), driver.side, driver.text, _spread(truth[f"effect_{driver.name}"]))
        for driver in DRIVERS
    ]
    return pd.DataFrame(rows, columns=["driver", "columns", "side", "text", "spread"])


def _spread(effect: pd.Series) -> float:
    values: Numbers = effect.to_numpy(dtype=np.float64)
    return float(np.sqrt(np.mean((values - values.mean()) ** 2)))


def _as_text(truth: pd.DataFrame) -> pd.DataFrame:
    """The truth table as text: numbers to four decimals, true and false as 1 and 0."""
    cells = {}
    for name in truth.columns:
        column = truth[name]
        if column.dtype == bool:
            cells[name] = column.astype(np.int64).astype(str)
        elif column.dtype == np.float64:
            cells[name] = pd.Series([f"{value + 0.0:.4f}" for value in column.tolist()])
        else:
            cells[name] = column.astype(str)
    return pd.DataFrame(cells)


def _check(options: SimulationOptions, seed: int) -> None:
    """All options out of range, at once."""
    rules = (
        ("n_accounts", options.n_accounts >= 50, "at least 50"),
        ("n_profiles", 1 <= options.n_profiles <= MAX_PROFILES, f"1 to {MAX_PROFILES}"),
        ("base_rate", 0 < options.base_rate < 0.5, "above 0 and below 0.5"),
        ("signal", 0 <= options.signal <= 3, "0 to 3"),
        ("dirt", 0 <= options.dirt <= 3, "0 to 3"),
        ("drift", 0 <= options.drift <= 2, "0 to 2"),
        ("as_of", _is_day(options.as_of), "a day such as 2026-03-31"),
    )
    problems = [
        Problem("ICP801", f"simulation.{name} is {getattr(options, name)!r}.", f"Allowed: {allowed}.")
        for name, good, allowed in rules
        if not good
    ]
    if seed < 0:
        problems.append(Problem("ICP801", f"seed is {seed}.", "Allowed: 0 or more."))
    problems += [
        Problem("ICP802", f"simulation.leaks names no kind of leak: '{kind}'.",
                f"{did_you_mean(kind, leak_kinds())}Allowed: {', '.join(leak_kinds())}.")
        for kind in options.leaks
        if kind not in LEAKS
    ]  # fmt: skip
    if problems:
        many = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        raise ConfigError(f"{many} in the options of the simulation", problems)


def _is_day(text: str) -> bool:
    try:
        day = pd.Timestamp(text)
    except ValueError:
        return False
    return bool(day == day.normalize()) and day.tzinfo is None and pd.Timestamp("1990-01-01") <= day
