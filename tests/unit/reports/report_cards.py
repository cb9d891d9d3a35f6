# ruff: noqa: E501 (rows of example values read better unbroken)
"""Cards such as training stores, for the report's tests: a good model, no signal, no profiles, hardly any data."""

from __future__ import annotations

import copy
from typing import Any

BASE_RATE = 0.0842


def _trait(trait: str, label: str, group: str, share: float, base: float, width: float = 0.15) -> dict[str, Any]:
    index = 100 * share / base
    return {
        "trait": trait, "label": label, "group": group, "n": round(412 * 0.4 * share), "share": share,
        "base_n": round(4890 * base), "base_share": base, "index": index, "low": index * (1 - width),
        "high": index * (1 + width * 1.2), "q": 0.0004,
    }  # fmt: skip


def _profile(
    number: int, name: str, n: int, value: float | None, rate: float, traits: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "id": f"P{number}", "name": name, "n": n, "share": n / 412,
        "rule": {"text": f"{traits[0]['label']} is {traits[0]['group']} and Employees is 50 to 999",
                 "coverage": 0.71 - number * 0.05, "precision": 0.32 - number * 0.03, "n": n * 3},
        "traits": traits, "stability": 0.94 - 0.04 * number, "value": value, "rate": rate,
        "base": {"name": "all eligible accounts", "n": 4890},
    }  # fmt: skip


PROFILES = [
    _profile(1, "Industry Software and Cloud provider AWS", 181, 48_200.0, 0.214, [
        _trait("industry", "Industry", "Software", 0.62, 0.18), _trait("cloud", "Cloud provider", "AWS", 0.58, 0.24),
        _trait("employees", "Employees", "200 to 999", 0.44, 0.21), _trait("data_team", "Has data team", "yes", 0.71, 0.41),
        _trait("founded", "Years since founded on", "5 to 14", 0.39, 0.29, 0.3),
        _trait("country", "Country", "Germany", 0.18, 0.33), _trait("locations", "Locations", "1", 0.2, 0.44),
    ]),
    _profile(2, "Industry Wholesale and E-commerce platform Shopify", 139, 21_900.0, 0.171, [
        _trait("industry", "Industry", "Wholesale and distribution of machinery parts", 0.51, 0.12),
        _trait("shop", "E-commerce platform", "Shopify", 0.66, 0.19), _trait("growth", "Growth %", "20 or more", 0.33, 0.14),
        _trait("visits", "visits in the last 90 days", "5 or more", 0.41, 0.16, 0.25),
        _trait("cloud", "Cloud provider", "not known", 0.12, 0.31),
    ]),
    _profile(3, "Annual revenue 50 million or more and CRM system Dynamics", 92, 96_400.0, 0.138, [
        _trait("revenue", "Annual revenue EUR", "50 million or more", 0.74, 0.22), _trait("crm", "CRM system", "Dynamics", 0.49, 0.2),
        _trait("legal", "Legal form", "AG", 0.31, 0.09, 0.3), _trait("demo", "demos, half-life 45 days", "1 or more", 0.28, 0.11, 0.35),
    ]),
]  # fmt: skip


def _claim(profile: dict[str, Any], trait: dict[str, Any], words: str) -> dict[str, Any]:
    base = {"base": "all eligible accounts", "n_base": 4890, "as_of": "2026-03-31"}
    statistic = {**trait, **base, "profile_id": profile["id"], "profile": profile["name"], "n_best": profile["n"]}
    return {
        "text": f"{words}{trait['label']}: {trait['group']}. True of {trait['n']} of {profile['n']}.",
        "statistic": statistic,
    }


def _brief(profile: dict[str, Any]) -> dict[str, Any]:
    first, second, *_, last = (_claim(profile, trait, "") for trait in profile["traits"])
    return {
        "profile_id": profile["id"], "profile": profile["name"], "n": profile["n"], "share": profile["share"],
        "value": profile["value"], "rate": profile["rate"], "rule": profile["rule"]["text"], "base": profile["base"],
        "as_of": "2026-03-31", "definition": {"text": "", "version": "1", "sha256": "0" * 64}, "facts": [first, second],
        "seldom": [_claim(profile, profile["traits"][-1], "Seldom ")],
        "messages": [
            {"id": "one", "text": "Ask for the data team.", "status": "delivered", "why": "", "statistic": first["statistic"], "needs": [second["statistic"]]},
            {"id": "two", "text": "They may fear lock-in.", "status": "hypothesis", "why": "no field stands behind it", "statistic": None, "needs": []},
            {"id": "three", "text": "Their size.", "status": "evidence gone", "why": "Size: index 104 is not clearly above 100", "statistic": last["statistic"], "needs": []},
        ],
        "drivers": [{"trait": "visits", "label": "visits in the last 90 days", "mean_contribution": 0.413}],
        "more": {"name": "accounts that nobody worked", "n": 214, "by": [{"trait": "industry", "label": "Industry", "groups": [{"group": "Software", "n": 120}]}]},
    }  # fmt: skip


BRIEFS = [_brief(PROFILES[0] | {"id": "", "name": "all best customers", "n": 412}), *map(_brief, PROFILES)]

_DRIVERS = [
    ("visits", "visits in the last 90 days", "engagement", ["none", "1", "2 to 4", "5 or more"], [0.4, 0.9, 1.6, 3.1]),
    ("industry", "Industry", "fit", ["Software", "Wholesale", "Logistics", "Health", "other values"], [2.4, 1.9, 0.8, 0.6, 0.5]),
    ("employees", "Employees", "fit", ["fewer than 50", "50 to 199", "200 to 999", "1,000 or more", "not known"], [0.4, 1.1, 2.1, 1.3, 0.7]),
    ("cloud", "Cloud provider", "fit", ["AWS", "Azure", "none", "not known"], [1.9, 1.2, 0.6, 0.7]),
    ("revenue", "Annual revenue EUR", "fit", ["under 1 million", "1 to 10 million", "10 to 50 million", "50 million or more"], [0.5, 0.8, 1.2, 2.0]),
    ("shop", "E-commerce platform", "fit", ["Shopify", "Magento", "none"], [2.2, 1.3, 0.8]),
    ("demo", "days since last demo", "engagement", ["under 30", "30 to 89", "90 or more", "never"], [2.9, 1.7, 1.1, 0.8]),
    ("data_team", "Has data team", "fit", ["yes", "no"], [1.5, 0.6]),
    ("crm", "CRM system", "fit", ["Dynamics", "Salesforce", "none"], [1.6, 1.1, 0.7]),
    ("growth", "Growth %", "fit", ["below 0", "0 to 19", "20 or more"], [0.7, 0.9, 1.7]),
    ("founded", "Years since founded on", "fit", ["under 5", "5 to 14", "15 or more"], [0.8, 1.3, 0.9]),
    ("legal", "Legal form", "fit", ["AG", "GmbH", "other values"], [1.8, 1.0, 0.8]),
]  # fmt: skip


def _driver(rank: int, entry: tuple[Any, ...]) -> dict[str, Any]:
    trait, label, side, groups, lifts = entry
    share = 0.19 * 0.84**rank
    sizes = [round(4890 / len(groups) * (0.7 + 0.2 * i)) for i in range(len(groups))]
    return {
        "trait": trait, "label": label, "sources": [trait], "side": side, "importance": share * 2.7, "share": share,
        "ordered": trait in ("visits", "employees", "revenue", "demo", "growth", "founded"),
        "groups": [
            {"group": group, "n": n, "best": round(n * lift * BASE_RATE), "rate": lift * BASE_RATE, "index": 100 * lift,
             "low": 0.85 * lift * BASE_RATE, "high": 1.18 * lift * BASE_RATE,
             "index_low": 85 * lift, "index_high": 118 * lift, "mean_contribution": (lift - 1) * 0.6,
             "points": [round((lift - 1) * 0.6 + (j - 10) * 0.02, 3) for j in range(20)]}
            for group, lift, n in zip(groups, lifts, sizes, strict=True)
        ],
    }  # fmt: skip


_LIFTS = [4.1, 2.0, 1.2, 0.8, 0.6, 0.45, 0.35, 0.25, 0.15, 0.1]
_COLUMNS = [
    ("account_id", "id", "identifier", "Named as accounts.account_id.", False),
    ("name", "name", "text", "Named as accounts.name_column.", False),
    ("website", "text", "identifier", "4,871 different texts in 4,902 filled cells.", False),
    *((f"{entry[1]}", "trait", "numeric" if i % 2 else "categorical", "98 % of 4,102 filled cells read as a number with comma decimals.", True)
      for i, entry in enumerate(_DRIVERS) if entry[2] == "fit"),
    ("city", "trait", "categorical", "212 different texts.", True), ("locations", "trait", "numeric", "All filled cells read as a number.", True),
    ("source", "trait", "categorical", "6 different texts.", True), ("territory", "ignored", "categorical", "Listed in accounts.ignore.", False),
    ("contract_signed", "known_after", "date", "Filled for best customers only.", False),
    ("old_score", "current_score", "numeric", "Named as accounts.current_score.", False),
    ("fax", "trait", "empty", "No filled cell.", False), ("currency", "trait", "constant", "Every cell is EUR.", False),
    ("created_on", "trait", "date", "ISO dates.", True),
]  # fmt: skip

FULL: dict[str, Any] = {
    "name": "leads", "package_version": "0.1.0", "as_of": "2026-03-31",
    "definition": {
        "recipe": "won", "version": "1", "text": "first has an outcome Won in the 180 days after 2026-03-31",
        "parameters": {"positive": ["Won"], "window": "180d"}, "as_of": "2026-03-31", "window_days": 180,
        "n_eligible": 4890, "n_attained": 412, "n_attrited": 4478, "n_unlabelled": 110,
    },
    "data": {
        "n_accounts": 5000, "n_labelled": 4890, "n_best": 412, "base_rate": BASE_RATE, "source": "leads.csv",
        "columns": [dict(zip(("name", "role", "kind", "reason", "used"), column, strict=True)) for column in _COLUMNS],
    },
    "metrics": {
        "auc": 0.842, "auc_low": 0.812, "auc_high": 0.871, "average_precision": 0.41, "log_loss": 0.232, "brier": 0.064,
        "calibration_slope": 0.97, "calibration_slope_low": 0.82, "calibration_slope_high": 1.13, "calibration_intercept": -0.03,
        "base_rate": BASE_RATE, "n_test": 1222, "lift_at_10": 4.1, "lift_at_10_low": 3.5, "lift_at_10_high": 4.8,
        "capture_at_10": 0.41, "precision_at_10": 0.345, "n_train": 3668, "n_best": 412,
        "split": "split by time on column 'created_on': the newest quarter was held back", "estimand": "accounts created later than those learned from",
    },
    "deciles": [
        {"decile": i + 1, "n": 122, "best": round(122 * lift * BASE_RATE), "rate": lift * BASE_RATE, "lift": lift, "lift_low": lift * 0.8,
         "lift_high": lift * 1.2, "capture": min(1.0, sum(_LIFTS[: i + 1]) / 10), "mean_propensity": lift * BASE_RATE * 0.97}
        for i, lift in enumerate(_LIFTS)
    ],
    "calibration": [
        {"n": 153, "mean_propensity": p, "observed": p * f, "low": p * f * 0.7, "high": p * f * 1.35}
        for p, f in [(0.008, 1.2), (0.019, 0.9), (0.032, 1.1), (0.051, 0.95), (0.078, 1.0), (0.12, 1.1), (0.19, 0.92), (0.37, 0.98)]
    ],
    "gain": [[i / 20, min(1.0, 1 - (1 - i / 20) ** 3.6)] for i in range(21)],
    "tiers": [
        {"tier": "A", "n": 121, "best": 42, "rate": 0.347, "low": 0.268, "high": 0.435},
        {"tier": "B", "n": 246, "best": 33, "rate": 0.134, "low": 0.097, "high": 0.183},
        {"tier": "C", "n": 364, "best": 19, "rate": 0.052, "low": 0.034, "high": 0.08},
        {"tier": "D", "n": 491, "best": 9, "rate": 0.018, "low": 0.01, "high": 0.034},
    ],
    "grid": [
        {"fit_tier": tier, "engagement_level": level, "n": n, "best": best, "rate": best / n if n else None,
         "low": best / n * 0.7 if n else None, "high": best / n * 1.4 if n else None}
        for tier, level, n, best in [
            ("A", "1", 40, 20), ("A", "2", 41, 12), ("A", "3", 40, 9), ("B", "1", 80, 16), ("B", "2", 90, 10), ("B", "3", 76, 7),
            ("C", "1", 120, 9), ("C", "2", 122, 6), ("C", "3", 122, 5), ("D", "1", 0, 0), ("D", "2", 245, 5), ("D", "3", 246, 4)]
    ],
    "value": {
        "kind": "means", "n": 412, "n_positive": 412,
        "compared": {"n": 412, "difference": -0.009, "low": -0.025, "high": 0.007},
        "captured": {
            "n": 1222, "by_propensity": 0.33, "by_propensity_low": 0.28, "by_propensity_high": 0.39, "by_value": 0.46,
            "by_value_low": 0.39, "by_value_high": 0.52, "difference": 0.13, "difference_low": 0.06, "difference_high": 0.2},
    },
    "confidence": {
        "unusual": 7.7, "far": 13.8,
        "levels": [
            {"confidence": "high", "n": 1100, "best": 92, "rate": 0.0836, "low": 0.069, "high": 0.101, "mean_propensity": 0.081},
            {"confidence": "medium", "n": 122, "best": 11, "rate": 0.09, "low": 0.051, "high": 0.154, "mean_propensity": 0.088},
            {"confidence": "low", "n": 0, "best": 0}],
    },
    "drivers": [_driver(rank, entry) for rank, entry in enumerate(_DRIVERS)],
    "profiles": PROFILES, "briefs": BRIEFS, "base": {"name": "all eligible accounts", "n": 4890},
    "stability": [
        {"k": 2, "stability": 0.93, "null": 0.71, "stable": True}, {"k": 3, "stability": 0.9, "null": 0.66, "stable": True},
        {"k": 4, "stability": 0.61, "null": 0.63, "n_smallest": 35, "stable": False, "refused_by": "stability"},
    ],
    "model": {"mode": "blend", "linear_weight": 0.42, "forest_weight": 0.61, "n_trees": 240, "n_traits": 31},
    "verdict": {"signal": True, "text": "The list ranks accounts better than chance: AUC 0.84 (0.81 to 0.87)."},
}  # fmt: skip


def _finding(code: str, severity: str, column: str | None, n: int | None, message: str, action: str) -> dict[str, Any]:
    return {
        "code": code,
        "severity": severity,
        "column": column,
        "n_rows": n,
        "message": message,
        "evidence": {"auc": 0.97},
        "action": action,
    }


FINDINGS = [
    _finding("ICP301", "issue", "contract_signed", 412, "'contract_signed' is filled for best customers only: it was written after the sale.", "quarantined"),
    _finding("ICP104", "warning", "account_id", 6, "Six rows share an account id; the first of each was kept.", "repaired"),
    _finding("ICP121", "warning", "created_on", 12, "'created_on' lies after the as-of date; such cells count as not known.", "repaired"),
    _finding("ICP111", "note", "Growth %", 31, "31 cells do not read as a number and count as not known.", "noted"),
    _finding("ICP112", "note", "fax", None, "'fax' is empty and was left out.", "noted"),
    _finding("ICP205", "note", None, 110, "110 accounts are unlabelled: their opportunities are still open.", "noted"),
]  # fmt: skip


def no_signal() -> dict[str, Any]:
    card = copy.deepcopy(FULL)
    card["metrics"] |= {
        "auc": 0.512, "auc_low": 0.465, "auc_high": 0.559, "lift_at_10": 1.1, "lift_at_10_low": 0.6, "lift_at_10_high": 1.7,
        "capture_at_10": 0.11, "precision_at_10": 0.09,
    }  # fmt: skip
    card["verdict"] = {"signal": False, "text": "AUC 0.51 (0.47 to 0.56) reaches 0.5 and the lift interval reaches 1."}
    card["profiles"] = []
    card["gain"] = [[i / 20, i / 20] for i in range(21)]
    for row in card["deciles"]:
        row |= {"rate": BASE_RATE, "lift": 1.0, "lift_low": 0.5, "lift_high": 1.6, "capture": row["decile"] / 10}
    for row in card["tiers"]:
        row |= {"rate": BASE_RATE, "low": 0.05, "high": 0.13, "best": round(row["n"] * BASE_RATE)}
    return card


def no_profiles() -> dict[str, Any]:
    card = copy.deepcopy(FULL)
    card["profiles"] = []
    for row, rule in zip(card["stability"], ("chance", "size", "stability"), strict=True):
        row |= {"stable": False, "refused_by": rule}
    return card


def tiny() -> dict[str, Any]:
    card = copy.deepcopy(FULL)
    card["metrics"] = dict.fromkeys(card["metrics"]) | {"n_best": 17, "n_train": 140, "split": None}
    card["data"] |= {"n_accounts": 150, "n_labelled": 140, "n_best": 17, "base_rate": 17 / 140}
    card["definition"] |= {"n_eligible": 150, "n_attained": 17, "n_attrited": 123, "n_unlabelled": 10}
    card["model"] = {"mode": "rates", "linear_weight": None, "forest_weight": None, "n_trees": 0, "n_traits": 9}
    card["profiles"] = [
        PROFILES[0] | {"n": 17, "share": 1.0, "value": None, "rate": None, "rule": None, "stability": None}
    ]
    for key in ("deciles", "calibration", "gain", "tiers", "grid", "drivers", "stability"):
        card[key] = []
    card["verdict"] = {"signal": True, "text": "17 best customers: rates only."}
    return card


def hostile() -> dict[str, Any]:
    """The full card with every text replaced by markup."""

    def poison(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: poison(item) for key, item in value.items()}
        if isinstance(value, list):
            return [poison(item) for item in value]
        return (
            "</style></title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x1b[31m\ud800"
            if isinstance(value, str)
            else value
        )

    return poison(copy.deepcopy(FULL))


def empty() -> dict[str, Any]:
    return {"name": "leads"}


def release_note(text: str = "A-1") -> dict[str, Any]:
    """What a version answered, with the same text wherever a user's may stand."""
    proposal = {"id": text, "kind": "trait", "column": text, "value": "", "what": text, "team": text, "on": "2026-04-02",
                "status": "used", "answer": text, "share": 0.1, "group": text, "index": 120, "low": 101, "high": 140}  # fmt: skip
    waits = {"id": "p2", "kind": "exclusion", "column": text, "value": text, "status": "waits for a person",
             "answer": text}  # fmt: skip
    return {
        "model_version": "leads-2", "before": "leads-1", "proposals": [proposal, waits],
        "meeting": {"as_of": "2026-06-01", "campaign": text, "lists": ["a", "b"]},
        "exclusions": [{"column": text, "value": text, "team": text, "status": "accepted", "n_left_off": 7,
                        "answer": text}],
        "findings": [{"words": text, "did": text}],
        "reasons": [{"reason": text, "n": 3, "share": 0.1, "share_before": 0.2, "examples": [text]}],
        "said": [{"said": text, "n": 9, "n_learned": 4, "n_left_off": 2, "lower": 3, "same": 1, "higher": 0}],
        "labels": [{"why": text, "label": 1, "n": 4, "n_learned": 4}, {"why": text, "label": None, "n": 1, "n_learned": 0}],
        "moves": [{"before": "A", "A": 1, "B": 2, "C": 3, "D": 4}],
    }  # fmt: skip


CARDS = {
    "full": lambda: copy.deepcopy(FULL), "no_signal": no_signal, "no_profiles": no_profiles, "tiny": tiny,
    "hostile": hostile, "empty": empty,
}  # fmt: skip
