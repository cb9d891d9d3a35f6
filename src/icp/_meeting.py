"""Everything both leads look at together, from the ledger: adoption, two scorecards, proof, misfits, decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from icp._exclusions import decided_kinds, excluded_accounts, kind_key, proposed_sheet, read_signed, sheet_findings
from icp._proposing import answered, read_proposals
from icp._proving import proof, proof_findings
from icp.accounts import read_accounts
from icp.config import RunConfig
from icp.errors import ConfigError, TableError
from icp.labels import window_days
from icp.options import AccountOptions, ScorecardOptions
from icp.outcomes import (
    FollowRules,
    Goals,
    Ledger,
    Proposal,
    adoption,
    answers,
    disposition_codes,
    follow,
    judged_accounts,
    labels_from,
    marketing_scorecard,
    misfit_needed,
    misfits,
    read_goals,
    sales_scorecard,
    standing,
    tier_precision,
    worked_by_tier,
)
from icp.tables import Finding

__all__ = ["Meeting", "meet"]

_SHOWN = 10
PROPOSAL_FIELDS = [one.name for one in fields(Proposal)]


@dataclass(frozen=True)
class Meeting:
    """What was measured.

    Parameters
    ----------
    tables : dict of str to DataFrame
        ``adoption, tiers, precision, marketing, sales, proof, misfits, proposed_exclusions, exclude, disagreements,
        decisions, labels, standing, answers, answered, proposals``; each is a CSV of the output.
    facts : dict
        Plain values: campaign, dates, counts.
    findings : tuple of Finding
        What there is to say.
    release : dict
        What the newest release note answered, and which proposals wait for the next.
    """

    tables: dict[str, pd.DataFrame]
    facts: dict[str, Any]
    findings: tuple[Finding, ...]
    release: dict[str, Any]


def meet(config: RunConfig) -> Meeting:
    """Measure what the ledger holds.

    Parameters
    ----------
    config : RunConfig
        Resolved.

    Returns
    -------
    Meeting
        Tables, facts and findings.

    Raises
    ------
    ConfigError
        The ledger holds no list, or none of the campaign (``ICP754``), or the goals cannot be used (``ICP753``).
    TableError
        A file named cannot be read.
    """
    options = config.scorecard
    goals = read_goals(options.goals) if options.goals else None
    deliveries, *returned = _read_ledger(config)
    agreed = goals.agreed_days if goals is not None and goals.agreed_days is not None else options.agreed_days
    until = None if options.until is None else pd.Timestamp(options.until)
    days = window_days(options.window, "scorecard.window")
    rules = FollowRules(agreed, days, tuple(options.won), tuple(options.lost), until)
    if until is not None:
        returned = [table[table["at"] < until + pd.Timedelta(days=1)] for table in returned]
        deliveries = deliveries[pd.to_datetime(deliveries["delivered_at"], utc=True) < _end_of(until)]
        if deliveries.empty:
            message = f"no list was delivered up to {options.until}."
            raise ConfigError.one("ICP754", message, "Set a later scorecard.until.")
    activities, dispositions, outcomes = returned
    rows = follow(deliveries, activities, dispositions, outcomes, rules)
    today = until if until is not None else _latest(rows, *returned)
    past = rows.iloc[:0]
    if options.since:
        past = rows[rows["delivered_at"] < pd.Timestamp(options.since)]
        rows = rows[rows["delivered_at"] >= pd.Timestamp(options.since)].reset_index(drop=True)
        if rows.empty:
            message = f"no list was delivered from {options.since} on."
            raise ConfigError.one("ICP754", message, "Set an earlier scorecard.since.")
    proposals = read_proposals(options.proposals, "scorecard.proposals")
    release = answered(options.release, proposals)
    tables, needed, judged, told = _measured(config, rows, past, goals, days, today, proposals)
    tables["answered"] = pd.DataFrame(release["proposals"], columns=[*PROPOSAL_FIELDS, "status", "answer"])
    listed = {*rows["account_id"], *past["account_id"]}
    told += [*_strange_kinds(outcomes, options), *_all_before(rows, returned), *_ahead(today)]
    findings = [*_goal_findings(goals), *told, *_stray(listed, returned), *_misfit_findings(tables["misfits"])]
    findings += proof_findings(rows, tables["proof"])
    tables["decisions"] = decisions(tables)
    given = rows[rows["given"]]
    facts = {
        "campaign": config.campaign or "all campaigns", "as_of": str(today.date()), "agreed_days": agreed,
        "window_days": days, "n_lists": int(rows["run_id"].nunique()), "n_given": len(given),
        "n_worked": int(given["worked"].sum()), "n_won": int(given["won"].sum()),
        "first": str(rows["delivered_at"].min().date()), "last": str(rows["delivered_at"].max().date()),
        "agreed_on": None if goals is None else goals.agreed_on,
        "misfit_needed": needed, "judged": judged,
        "lists": list(rows["run_id"].unique()), "models": list(rows["model_version"].unique()),
        "records": {name: len(table) for name, table in zip(_NAMES, returned, strict=True)},
    }  # fmt: skip
    return Meeting(tables, facts, tuple(findings), release)


def _read_ledger(config: RunConfig) -> list[pd.DataFrame]:
    """Deliveries with what is known of their lists, and the three tables that came back."""
    ledger = Ledger(config.ledger.url, make=False)
    try:
        lists = ledger.lists()
        if config.campaign:
            lists = lists[lists["campaign"] == config.campaign]
        if lists.empty:
            what = f"no list of campaign '{config.campaign}'" if config.campaign else "no list"
            message = f"the ledger holds {what}."
            raise ConfigError.one("ICP754", message, "Deliver one with icp.score campaign=..., or check ledger.url.")
        parts = [ledger.deliveries(name) for name in lists["campaign"].unique()]
        kept = lists[["campaign", "run_id", "delivered_at", "model_version", "as_of"]]
        deliveries = pd.concat(parts, ignore_index=True).merge(kept, on=["campaign", "run_id"])
        returned = [ledger.returned(name) for name in ("activities", "dispositions", "outcomes")]
    finally:
        ledger.close()
    return [_with_teams(deliveries, returned), *returned]


def _end_of(day: pd.Timestamp) -> pd.Timestamp:
    return day.tz_localize("UTC") + pd.Timedelta(days=1)


def _with_teams(deliveries: pd.DataFrame, returned: list[pd.DataFrame]) -> pd.DataFrame:
    """The team of each account's rep, as activities and dispositions name it."""
    known = pd.concat([table[["rep", "team"]] for table in returned[:2]]).dropna()
    teams = known.groupby("rep")["team"].agg(lambda names: names.value_counts().index[0]) if len(known) else {}
    return deliveries.assign(team=deliveries["rep"].map(teams))


def _latest(rows: pd.DataFrame, *tables: pd.DataFrame) -> pd.Timestamp:
    """The last day on which anything happened to the accounts of the lists."""
    listed = [table["at"][table["account_id"].isin(rows["account_id"])] for table in tables]
    days = [rows["delivered_at"].max(), *(at.max() for at in listed if len(at))]
    return pd.Timestamp(max(days)).normalize()


def _ahead(today: pd.Timestamp) -> Iterator[Finding]:
    """A day to come, up to which all windows are taken to be over."""
    if today > pd.Timestamp.now() + pd.Timedelta(days=1):
        message = (
            f"what came back of the listed accounts goes up to {today:%Y-%m-%d}, a day to come, and windows count as "
            "over by then. Set scorecard.until to the day of the export, or load it without plans and typing errors."
        )
        yield Finding("ICP621", "warning", message)


def _measured(
    config: RunConfig,
    rows: pd.DataFrame,
    past: pd.DataFrame,
    goals: Goals | None,
    days: int,
    today: pd.Timestamp,
    proposals: Sequence[Proposal],
) -> tuple[dict[str, pd.DataFrame], int, int, list[Finding]]:
    options = config.scorecard
    parts = [("all", []), ("list", ["run_id"]), ("team", ["team"]), ("week", ["week"])]
    parts += [("rep", ["rep"])] if options.per_person else []
    used = [
        adoption(rows, by, per_person=options.per_person).assign(part=part).rename(columns={"".join(by): "value"})
        for part, by in parts
    ]
    facts, rejected = _facts(options), judged_accounts(rows)
    found, needed = _rejections(rows, rejected, facts)
    signed, kept_off = read_signed(config), standing(rows, today)
    exclude = excluded_accounts(kept_off, signed, facts)
    head = ["part", "value"]
    table = pd.concat(used, ignore_index=True)
    table["value"] = table["value"].fillna("") if "value" in table else ""
    measured = {
        "adoption": table[[*head, *(name for name in table.columns if name not in head)]],
        "tiers": worked_by_tier(rows),
        "precision": tier_precision(rows),
        "marketing": marketing_scorecard(rows, goals, past),
        "sales": sales_scorecard(rows, goals, past),
        "proof": proof(rows, days, today),
        "misfits": found,
        "proposed_exclusions": proposed_sheet(found, proposals, signed, rejected, facts),
        "proposals": pd.DataFrame([one.to_dict() for one in proposals], columns=PROPOSAL_FIELDS),
        "exclude": exclude,
        "disagreements": disagreements(rows),
        "labels": labels_from(rows),
        "standing": kept_off,
        "answers": _answers(rows, options.scores, exclude),
    }
    return measured, needed, len(rejected), sheet_findings(signed, facts)


def _facts(options: ScorecardOptions) -> pd.DataFrame | None:
    """What is known of the accounts; None where no file is named."""
    path = options.accounts
    if path is None:
        return None
    if not Path(path).is_file():
        raise TableError.one("ICP100", f"there is no file '{path}'.", "Check scorecard.accounts.")
    try:
        return read_accounts(AccountOptions(source="csv", path=path, account_id=options.account_id)).frame
    except TableError as error:
        if any(problem.code == "ICP102" for problem in error.problems):
            message = f"'{path}' has no column '{options.account_id}'."
            action = "Name the column with the id: scorecard.account_id=..."
            raise TableError.one("ICP102", message, action) from None
        raise


def _rejections(rows: pd.DataFrame, rejected: pd.Series, facts: pd.DataFrame | None) -> tuple[pd.DataFrame, int]:
    """Kinds of account that sales rejects, and judged accounts it takes to find one.

    By tier and profile where nothing else is known of them.
    """
    if facts is None:
        facts = rows.drop_duplicates("account_id").set_index("account_id")[["tier", "profile_id"]]
    found = misfits(rejected, facts)
    rest = float(rejected.mean()) if len(rejected) else 0.05
    n_groups = int(sum(min(facts[name].nunique(), 60) for name in facts.columns))
    return found, misfit_needed(min(rest, 0.4), 0.1, max(n_groups, 1))


def _answers(rows: pd.DataFrame, path: str | None, exclude: pd.DataFrame) -> pd.DataFrame:
    """What became of what reps said, by the scores of a newer version."""
    before = rows.drop_duplicates("account_id", keep="last").set_index("account_id")["tier"]
    after = None
    if path is not None:
        try:
            scores = pd.read_csv(path, dtype=str, usecols=["account_id", "tier"])
        except (OSError, ValueError) as error:
            message = f"'{path}' cannot be read as scores.csv ({type(error).__name__})."
            raise TableError.one("ICP100", message, "Check scorecard.scores.") from None
        after = scores.drop_duplicates("account_id").set_index("account_id")["tier"]
    return answers(rows, before, after, exclude.set_index("account_id")["reason"])


def disagreements(rows: pd.DataFrame) -> pd.DataFrame:
    """Accounts where model and sales disagree most, with the reasons of both.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`icp.outcomes.follow`.

    Returns
    -------
    DataFrame
        ``account_id, tier, what, propensity, model_says, sales_says, note``: best scores that sales rejected, and low
        ones that were won, ten of each.
    """
    words = {name: code.words for name, code in disposition_codes().items()}
    given = rows[rows["given"]]
    rejected = given[(given["tier"] == "A") & (given["accepted"] == 0)].nlargest(_SHOWN, "propensity")
    won = given[given["tier"].isin(["C", "D"]) & given["won"]].nsmallest(_SHOWN, "propensity")
    parts = []
    for what, part, reason in (("A, rejected", rejected, "reason_1"), ("low tier, won", won, "watch_out")):
        said = part["feedback"].where(part["feedback"] != "", part["code"]).map(words).fillna("")
        parts.append(
            pd.DataFrame({"account_id": part["account_id"], "tier": part["tier"], "what": what,
                          "propensity": part["propensity"], "model_says": part[reason], "sales_says": said,
                          "note": part["note"]})
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def decisions(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Three decisions to take, those with most evidence first; a kind that a person decided on is not asked again.

    Parameters
    ----------
    tables : dict of str to DataFrame
        As in :class:`Meeting`.

    Returns
    -------
    DataFrame
        ``decision, because``; three rows at most.
    """
    found: list[tuple[str, str]] = []
    whole = tables["proof"].iloc[0]
    if whole["verdict"] == "harms":
        because = f"Accounts on it are won less often than those held out ({whole['difference']:+.1%})."
        found.append(("Stop this list?", because))
    decided = decided_kinds(tables.get("proposed_exclusions"))
    asked = [row for row in tables["misfits"].itertuples() if kind_key(row.column, row.value) not in decided]
    found += [
        (f"Leave accounts with {row.column} {row.value} off the next list?", f"{row.words}.") for row in asked[:1]
    ]
    for team in ("sales", "marketing"):
        missed = tables[team][tables[team]["verdict"] == "missed"].head(1)
        found += [(row.change, f"{team}: {row.words} missed its goal.") for row in missed.itertuples()]
    if whole["verdict"] == "not yet":
        when = f" Known on {whole['known_on']} at this pace." if whole["known_on"] else ""
        found.append(("Keep the hold-out, or hold more out?", f"What the list adds is not yet known.{when}"))
    if tables["marketing"]["goal"].isna().all() or tables["sales"]["goal"].isna().all():
        found.append(
            ("Agree on goals for both teams?", "Without goals a team is held to its own past, if there is one.")
        )
    found.append(
        (
            "Train again with what came back?",
            f"{int(tables['labels']['label'].notna().sum()):,} accounts have a new label.",
        )
    )
    return pd.DataFrame(found[:3], columns=["decision", "because"])


def _goal_findings(goals: Goals | None) -> list[Finding]:
    if goals is None or goals.agreed_on:
        return []
    message = "the goals are not agreed by both leads (a name and a date each): they do not count."
    return [Finding("ICP755", "warning", message)]


def _stray(known: set[str], returned: list[pd.DataFrame]) -> list[Finding]:
    """Rows that came back of accounts that no list held."""
    there = [table["account_id"].astype(object).isin(known) for table in returned]  # objects: looked up by hash
    n = {name: int((~one).sum()) for name, one in zip(_NAMES, there, strict=True)}
    n = {name: rows for name, rows in n.items() if rows}
    if not n:
        return []
    message = f"rows came back of accounts on no list: {', '.join(f'{rows:,} {name}' for name, rows in n.items())}."
    return [Finding("ICP756", "note", message, n_rows=sum(n.values()), evidence=n)]


def _all_before(rows: pd.DataFrame, returned: list[pd.DataFrame]) -> list[Finding]:
    """Everything that came back of the accounts on the lists is older than their first list: nothing counts."""
    first = rows.groupby("account_id")["delivered_at"].min()
    came = pd.concat([table[["account_id", "at"]] for table in returned], ignore_index=True)
    since = came["account_id"].astype(object).map(first)
    came, since = came[since.notna()], since.dropna()
    if came.empty or (came["at"] >= pd.to_datetime(since).dt.normalize()).any():
        return []
    message = (
        f"all {len(came):,} rows that came back of accounts on the lists are older than their first list (the latest "
        f"of {came['at'].max():%Y-%m-%d}): none counts. Load what sales did since, or check the dates."
    )
    return [Finding("ICP624", "warning", message, n_rows=len(came))]


def _strange_kinds(outcomes: pd.DataFrame, options: ScorecardOptions) -> list[Finding]:
    """Kinds of outcome that mean neither won nor lost; a warning where none means won."""
    kinds = outcomes["kind"].fillna("").astype(str)
    other = kinds[~kinds.isin([*options.won, *options.lost])].value_counts()
    if other.empty:
        return []
    named = ", ".join(f"'{kind}' ({n:,})" for kind, n in other.head(4).items())
    message = f"outcomes are of kinds that mean neither won nor lost: {named}. Name them in scorecard.won or lost."
    some_won = bool(kinds.isin(options.won).any())
    return [Finding("ICP637", "note" if some_won else "warning", message, n_rows=int(other.sum()))]


_NAMES = ("activities", "dispositions", "outcomes")


def _misfit_findings(found: pd.DataFrame) -> list[Finding]:
    return [
        Finding("ICP757", "warning", f"{row.words}; of the others {row.rest_rate:.0%}.", column=row.column,
                n_rows=row.judged, evidence={"rejected": row.rejected, "judged": row.judged, "q": float(row.q)})
        for row in found.head(5).itertuples()
    ]  # fmt: skip
