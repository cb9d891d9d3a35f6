"""Each delivered account with what sales did about it: the one table that everything else is counted from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from icp.outcomes._codes import disposition_codes

__all__ = ["HELD_OUT", "FollowRules", "follow"]

HELD_OUT = "held_out"
"""Arm that sales was not given."""

_TEXTS = (
    "run_id",
    "campaign",
    "tier",
    "profile_id",
    "message",
    "message_id",
    "arm",
    "rep",
    "team",
    "week",
    "model_version",
    "as_of",
)
_REASONS = ("reason_1", "reason_2", "reason_3", "watch_out")


@dataclass(frozen=True)
class FollowRules:
    """What counts as worked in time, as won, and as over.

    Parameters
    ----------
    agreed_days : int, default=5
        Days from delivery to first touch that both leads agreed on.
    window_days : int, default=180
        Prediction window: later deals are not of this list.
    won : tuple of str, default=("Won",)
        Kinds of outcome that mean won.
    lost : tuple of str, default=("Lost",)
        Kinds that mean lost.
    until : Timestamp, default=None
        Last day that is known; None takes the latest day of any table.
    """

    agreed_days: int = 5
    window_days: int = 180
    won: tuple[str, ...] = ("Won",)
    lost: tuple[str, ...] = ("Lost",)
    until: pd.Timestamp | None = None


def follow(
    deliveries: pd.DataFrame,
    activities: pd.DataFrame,
    dispositions: pd.DataFrame,
    outcomes: pd.DataFrame,
    rules: FollowRules | None = None,
) -> pd.DataFrame:
    """What became of each delivered account.

    What sales did belongs to the last list, at or before that day, that held the account.

    Parameters
    ----------
    deliveries : DataFrame
        Of the ledger, with ``delivered_at``; ``position`` (place in the queue) is worked out where missing.
    activities, dispositions, outcomes : DataFrame
        Tidy tables of the ledger.
    rules : FollowRules, default=None
        None takes the defaults.

    Returns
    -------
    DataFrame, one row per list and account
        The texts and numbers of the delivery, and: ``given`` (neither held out, nor left out for another reason),
        ``worked``, ``first_at``, ``days_to_first``, ``due`` (the agreed time is over), ``in_time``, ``code`` (last
        disposition) and ``code_at``, ``accepted`` (1, 0 or NaN), ``feedback``, ``note``, ``record_id`` (of what was
        said), ``message_used``, ``won``, ``lost``, ``amount``, ``over`` (the window is over), ``days_left`` of it
        (below 0 since).
    """
    rules = rules or FollowRules()
    rows = _delivered(deliveries)
    until = rules.until if rules.until is not None else _latest(rows, activities, dispositions, outcomes)
    touched, judged = _attribute(rows, activities), _attribute(rows, dispositions)
    _add_work(rows, touched, judged)
    _add_words(rows, judged)
    age = (until - rows["delivered_at"]).dt.days
    rows["days_to_first"] = (rows["first_at"].dt.normalize() - rows["delivered_at"]).dt.days.astype(float)
    rows["due"] = (age >= rules.agreed_days).to_numpy()
    rows["in_time"] = rows["worked"] & (rows["days_to_first"] <= rules.agreed_days)
    rows["days_left"] = (rules.window_days - age).to_numpy(dtype=np.float64)
    rows["over"] = (age >= rules.window_days).to_numpy()
    _add_outcomes(rows, _attribute(rows, outcomes), rules)
    return rows


def _delivered(deliveries: pd.DataFrame) -> pd.DataFrame:
    rows = deliveries.reset_index(drop=True)
    found: dict[str, object] = {"account_id": rows["account_id"].astype("str")}
    day = pd.to_datetime(rows["delivered_at"], utc=True).dt.tz_localize(None).dt.normalize()
    found["delivered_at"] = day.astype("datetime64[us]")
    for name in (*_TEXTS, *_REASONS):
        found[name] = _text(rows, name)
    for name in ("propensity", "expected_value"):
        found[name] = rows[name].astype(float) if name in rows else np.full(len(rows), np.nan)
    found["band"] = rows["band"].fillna(0).astype(int) if "band" in rows else np.zeros(len(rows), dtype=int)
    made = pd.DataFrame(found)
    made["message"] = made["message"].where(made["message"] != "", _text(rows, "talking_point"))
    _add_weeks(made)
    if "position" in rows:
        made["position"] = rows["position"].astype(float)
    else:
        made["position"] = made.groupby(["run_id", "rep", "week"])["propensity"].rank(ascending=False, method="first")
    made["given"] = (made["arm"] != HELD_OUT) & (_text(rows, "left_out") == "")
    has_slot = (made["rep"] != "").astype(bool)
    called = has_slot.groupby(made["run_id"]).transform("any").astype(bool)
    made["given"] &= ~called | has_slot  # of a call list, what has a slot
    return made


def _add_weeks(made: pd.DataFrame) -> None:
    """Accounts of a later week of a call list are given on its Monday; without one, the week is that of delivery."""
    monday = pd.to_datetime(made["week"], format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    number = pd.to_numeric(made["week"], errors="coerce").fillna(1.0)
    later = made["delivered_at"] + pd.to_timedelta(7 * (number - 1), unit="D")
    made["delivered_at"] = later.where(monday.isna() | (monday < later), monday).astype("datetime64[us]")
    made["week"] = made["week"].where(made["week"] != "", made["delivered_at"].dt.strftime("%G-W%V"))


def _text(rows: pd.DataFrame, name: str) -> pd.Series:
    if name not in rows:
        return pd.Series([""] * len(rows), dtype="str", index=rows.index)
    return rows[name].astype(object).where(rows[name].notna(), "").astype("str")


def _latest(rows: pd.DataFrame, *tables: pd.DataFrame) -> pd.Timestamp:
    days = [rows["delivered_at"].max(), *(pd.to_datetime(table["at"]).max() for table in tables if len(table))]
    return pd.Timestamp(max(day for day in days if not pd.isna(day))).normalize() if len(rows) else pd.Timestamp(0)


def _attribute(rows: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table with the number of the delivery they belong to; others are left out."""
    late = table.assign(at=pd.to_datetime(table["at"]).astype("datetime64[us]"))
    late = late.assign(account_id=late["account_id"].astype("str")).sort_values("at", kind="stable")
    keys = rows[["account_id", "delivered_at"]].assign(row=np.arange(len(rows)))
    keys = keys.sort_values("delivered_at", kind="stable")
    if late.empty or keys.empty:
        return late.iloc[:0].assign(row=np.array([], dtype=np.int64))
    found = pd.merge_asof(late, keys, left_on="at", right_on="delivered_at", by="account_id")
    found = found[found["row"].notna()]
    return found.assign(row=found["row"].astype(np.int64))


def _add_work(rows: pd.DataFrame, touched: pd.DataFrame, judged: pd.DataFrame) -> None:
    """First touch: an attempt that was logged, or a disposition that says there was one."""
    codes = disposition_codes()
    tried = {name for name, code in codes.items() if not (code.untouched or code.feedback)}
    said = judged[judged["code"].isin(tried)] if len(judged) else judged
    first = pd.concat([touched[["row", "at"]], said[["row", "at"]]]).groupby("row")["at"].min()
    rows["first_at"] = first.reindex(range(len(rows))).to_numpy(dtype="datetime64[us]")
    rows["worked"] = rows["first_at"].notna() & rows["given"]
    used = np.zeros(len(rows), dtype=bool)
    for table in (touched, judged):
        if len(table):
            back = table[table["message"].fillna("").astype(str) != ""]
            used[back["row"].to_numpy()[_same_message(back["message"].astype(str), rows, back["row"])]] = True
    rows["message_used"] = used & (rows["message"] != "").to_numpy()


def _same_message(named: pd.Series, rows: pd.DataFrame, at: pd.Series) -> np.ndarray:
    """Whether what came back names the message of its delivery: by its id, or by any text that it had."""
    texts = rows[["message", "message_id"]].drop_duplicates()
    ids = texts["message_id"].tolist()
    known = {*zip(texts["message"].tolist(), ids, strict=True), *zip(ids, ids, strict=True)}
    given = rows[["message", "message_id"]].iloc[at.to_numpy()]
    pairs = zip(named.tolist(), given["message"].tolist(), given["message_id"].tolist(), strict=True)
    return np.array([name == text or (one != "" and (name, one) in known) for name, text, one in pairs], dtype=bool)


def _add_words(rows: pd.DataFrame, judged: pd.DataFrame) -> None:
    """What sales said last, and what it clicked."""
    codes = disposition_codes()
    rows["code"], rows["feedback"], rows["note"], rows["record_id"] = "", "", "", ""
    rows["code_at"] = np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[us]")
    if len(judged):
        click = judged["code"].isin([name for name, code in codes.items() if code.feedback])
        for name, part in (("code", judged[~click]), ("feedback", judged[click])):
            last = part.drop_duplicates("row", keep="last")
            rows.loc[last["row"].to_numpy(), name] = last["code"].to_numpy()
            if name == "code":
                rows.loc[last["row"].to_numpy(), "code_at"] = last["at"].to_numpy()
            if "record_id" in last:
                rows.loc[last["row"].to_numpy(), "record_id"] = last["record_id"].astype(str).to_numpy()
        noted = judged[judged["note"].fillna("").astype(str) != ""].drop_duplicates("row", keep="last")
        rows.loc[noted["row"].to_numpy(), "note"] = noted["note"].astype(str).to_numpy()
    accepts = {name: code.accepts for name, code in codes.items() if code.accepts is not None}
    took = rows["code"].map(accepts).astype(float)
    refused = rows["feedback"].map(accepts).astype(float)
    rows["accepted"] = refused.where(refused.notna(), took)


def _add_outcomes(rows: pd.DataFrame, found: pd.DataFrame, rules: FollowRules) -> None:
    rows["won"], rows["lost"], rows["amount"] = False, False, 0.0
    if not len(found):
        return
    day = rows["delivered_at"].to_numpy()[found["row"].to_numpy()]
    found = found[((found["at"].dt.normalize() - day).dt.days <= rules.window_days).to_numpy()]
    wins = found[found["kind"].isin(rules.won)]
    rows.loc[wins["row"].unique(), "won"] = True
    rows.loc[found.loc[found["kind"].isin(rules.lost), "row"].unique(), "lost"] = True
    rows["lost"] &= ~rows["won"]
    money = wins["amount"].astype(float).groupby(wins["row"]).sum()
    rows.loc[money.index, "amount"] = money.to_numpy()
