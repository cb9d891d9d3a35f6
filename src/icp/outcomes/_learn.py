"""What comes back as labels for the next training: with censoring, and nothing said of accounts nobody contacted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from icp.outcomes._codes import disposition_codes

__all__ = ["answers", "labels_from", "standing"]


def labels_from(rows: pd.DataFrame) -> pd.DataFrame:
    """Labels from what came back.

    Only lists whose window is over are learned from: of the others, deals that ended early would be known and the
    rest not. Won inside the window is best. Not best is what was worked and rejected, lost, or not won; also where
    nobody was reached, for leaving such accounts out would teach too high a rate. Nothing is said of accounts nobody
    tried to reach (some may have bought all the same), of those that are out of question or whose record is wrong, and
    of snoozed ones until their days are over too. There is no switch that makes an untouched account "not best".

    Parameters
    ----------
    rows : DataFrame
        Of :func:`icp.outcomes.follow`.

    Returns
    -------
    DataFrame, one row per account
        ``account_id, label`` (1, 0 or NaN), ``worked, why``, by its last list.
    """
    codes = disposition_codes()
    code = rows["code"]
    no = code.map({name: one.label == 0 for name, one in codes.items()}).eq(True)
    no |= rows["feedback"] == "not_our_customer"
    silent = code.map({name: one.effect in ("fix", "exclude") for name, one in codes.items()})
    silent = silent.eq(True)
    days = code.map({name: one.days for name, one in codes.items() if one.effect == "snooze"}).astype(float)
    choices = [
        (~rows["worked"], np.nan, "nobody contacted it"),
        (~rows["over"], np.nan, "its window is not over"),
        (rows["won"], 1.0, "won"),
        (silent, np.nan, "out of question, or its record is wrong"),
        (days.notna() & (rows["days_left"] + days > 0), np.nan, "kept for later"),
        (no, 0.0, "rejected, or not wanted"),
        (rows["lost"], 0.0, "lost"),
    ]
    conditions = [condition.to_numpy(dtype=bool) for condition, _, _ in choices]
    found = pd.DataFrame(
        {
            "account_id": rows["account_id"],
            "label": np.select(conditions, [value for _, value, _ in choices], 0.0),
            "worked": rows["worked"],
            "why": np.select(conditions, [why for _, _, why in choices], "worked, not won in its window"),
        }
    )
    order = rows["delivered_at"].argsort(kind="stable")
    return found.iloc[order].drop_duplicates("account_id", keep="last").sort_index().reset_index(drop=True)


def standing(rows: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """Accounts that lists are to leave out, or records to mend, by what sales said last.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`icp.outcomes.follow`.
    today : Timestamp
        Snoozed accounts come back after their days, counted from the day on which it was said.

    Returns
    -------
    DataFrame
        ``account_id, effect`` (``exclude``, ``snooze`` or ``fix``), ``code, until`` (of snoozed ones).
    """
    codes = disposition_codes()
    effect = rows["code"].map({name: code.effect for name, code in codes.items()}).fillna("")
    kept = rows[effect.isin(["exclude", "snooze", "fix"])].assign(effect=effect)
    days = kept["code"].map({name: code.days for name, code in codes.items()}).astype(float)
    kept = kept.assign(
        until=(kept["code_at"].dt.normalize() + pd.to_timedelta(days, unit="D")).where(kept["effect"] == "snooze")
    )
    kept = kept[(kept["effect"] != "snooze") | (kept["until"] >= today)]
    kept = kept.drop_duplicates("account_id", keep="last")
    return kept[["account_id", "effect", "code", "until"]].reset_index(drop=True)


def answers(
    rows: pd.DataFrame, before: pd.Series, after: pd.Series | None, excluded: pd.Series | None = None
) -> pd.DataFrame:
    """Everything reps said against an account, and what was done: "you said, we did".

    Parameters
    ----------
    rows : DataFrame
        Of :func:`icp.outcomes.follow`.
    before, after : Series of str
        Tiers in the earlier and the newer version, indexed by ``account_id``; None where there is no newer one yet.
    excluded : Series of str, default=None
        Which accepted exclusion holds an account, indexed by ``account_id``.

    Returns
    -------
    DataFrame
        ``account_id, said, note, tier_before, tier_after, did``, what it rests on (``run_id, record_id, reason_1``) and
        the ``code``: a row for each account sales rejected or clicked on.
    """
    codes = disposition_codes()
    refused = rows["code"].map({name: code.accepts is False for name, code in codes.items()}).eq(True)
    said = rows[refused | (rows["feedback"] != "")].drop_duplicates("account_id", keep="last")
    effect = said["code"].where(said["feedback"] == "", said["feedback"])
    held = (excluded if excluded is not None else pd.Series(dtype=object)).reindex(said["account_id"]).to_numpy()
    old, new = before.reindex(said["account_id"]).to_numpy(), np.full(len(said), "", dtype=object)
    if after is not None:
        new = after.reindex(said["account_id"]).fillna("").to_numpy()
    did = []
    for one, kept_off, was, now in zip(effect, held, old, new, strict=True):
        if not pd.isna(kept_off):
            did.append(f"left out: {kept_off}")
        elif codes[one].effect in ("exclude", "fix", "review"):
            did.append(codes[one].words if codes[one].effect == "review" else EFFECT_DONE[codes[one].effect])
        elif not now:
            did.append("waits for the next version")
        else:
            did.append("learned from; its tier changed" if was != now else "learned from; its tier is the same")
    words = effect.map({name: code.words for name, code in codes.items()})
    return pd.DataFrame(
        {
            "account_id": said["account_id"].to_numpy(),
            "said": words.to_numpy(),
            "note": said["note"].to_numpy(),
            "tier_before": old,
            "tier_after": new,
            "did": did,
            **{name: said[name].to_numpy() for name in _TRACE if name in said},
            "code": effect.to_numpy(),
        }
    )


_TRACE = ("run_id", "record_id", "reason_1")
EFFECT_DONE = {"exclude": "kept off later lists", "fix": "its record is listed to be mended"}
"""What was done, by effect."""
