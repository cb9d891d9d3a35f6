"""Splink's probability that a lead is an account: for lists too long for one comparison after the other."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from importlib.util import find_spec
from typing import Any

import numpy as np
import pyarrow as pa

from icp.accounts._names import COMMON, name_words
from icp.errors import ConfigError

__all__ = ["linked_rows", "require_splink"]

_SETTINGS = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET enable_progress_bar = false",
    "SET threads = 1",
)
"""The database lives in memory, reads no file, fetches no extension and reaches no network; sums in one order give the
same odds again."""

_EDITS = (0.06, 0.12, 0.2)
"""Letters to change, as a share of the longer name, that part the levels of a name."""

_NEAR = (
    "(CASE WHEN jaro_similarity({name}_l, {name}_r) >= 0.85 THEN "
    "damerau_levenshtein({name}_l, {name}_r) <= {share} * greatest(length({name}_l), length({name}_r)) ELSE false END)"
)
"""Letters are counted, which takes ten times as long, only where names are alike at all."""

_LEAST_LEADS = 200
"""Fewest leads to learn from."""

_LEAST_SHARE, _LEAST_ODDS = 1e-6, 0.01
"""Least share of a level among pairs of two companies, and odds below which an account is no candidate."""


def require_splink() -> None:
    """Refuse the method where its packages are missing.

    Raises
    ------
    ConfigError
        Splink or DuckDB is not installed (``ICP748``).
    """
    missing = [name for name in ("splink", "duckdb") if find_spec(name) is None]
    if missing:
        message = f"leads.method=splink needs {' and '.join(missing)}, which is not installed."
        raise ConfigError.one("ICP748", message, "Run pip install 'icp[match]', or use leads.method=letters.")


def linked_rows(
    leads: Mapping[str, Sequence[str]], accounts: Mapping[str, Sequence[str]]
) -> list[list[tuple[int, float]]]:
    """Accounts that each lead may be, with their odds.

    A Fellegi-Sunter model of the name (levels of letters to be changed, with words in any order and with or without
    blanks) and of each further column (the same or not), over pairs that share an uncommon word, the beginning or the
    end. How often each level comes by chance is learned from pairs of accounts, which are two companies; how often
    among pairs of one company, and how many pairs are of one, by expectation maximisation over leads and accounts.

    Parameters
    ----------
    leads, accounts : mapping of str to sequence of str
        ``name`` and the further columns, as they are compared; empty for not known.

    Returns
    -------
    list of list of (int, float)
        For each lead, rows of accounts and their odds, the best first.

    Raises
    ------
    ConfigError
        Splink or DuckDB is not installed (``ICP748``), or there are too few leads to learn from (``ICP746``).
    """
    require_splink()
    import duckdb

    n = len(leads["name"])
    if n < _LEAST_LEADS:
        message = f"only {n:,} leads have no account by domain or name, and Splink learns from {_LEAST_LEADS} or more."
        raise ConfigError.one("ICP746", message, "Use leads.method=letters, which needs none to learn from.")
    logging.getLogger("splink").setLevel(logging.ERROR)
    found: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    with closing(duckdb.connect(":memory:")) as database:
        for setting in _SETTINGS:
            database.execute(setting)
        for lead, account, odds in _pairs(database, leads, accounts):
            found[lead].append((account, odds))
    return [sorted(rows, key=lambda one: (-one[1], one[0])) for rows in found]


def _pairs(
    database: Any, leads: Mapping[str, Sequence[str]], accounts: Mapping[str, Sequence[str]]
) -> Iterator[tuple[int, int, float]]:
    from splink import DuckDBAPI, Linker, block_on

    api = DuckDBAPI(database)
    known = api.register(_table(accounts, accounts), dataset_display_name="b_accounts")
    asked = api.register(_table(leads, accounts), dataset_display_name="a_leads")
    chance = Linker(known, _model("dedupe_only", len(accounts) - 1), log_level=None)
    chance.training.estimate_parameters_using_expectation_maximisation(
        block_on("head"), fix_u_probabilities=False, fix_m_probabilities=True,
        fix_probability_two_random_records_match=True,
    )  # fmt: skip
    model = {**_floored(chance.misc.save_model_to_json()), "link_type": "link_only"}
    learner = Linker([asked, known], {**model, "probability_two_random_records_match": 0.01}, log_level=None)
    learned = learner.training.estimate_parameters_using_expectation_maximisation(block_on("head"))
    share = learned.core_model_settings.probability_two_random_records_match
    model = {**learner.misc.save_model_to_json(), "probability_two_random_records_match": share}
    made = Linker([asked, known], model, log_level=None).inference.predict(
        threshold_match_weight=math.log2(_LEAST_ODDS)
    )
    table = made.as_pyarrow_table()
    odds = np.exp2(np.clip(table.column("match_weight").to_numpy(), -60.0, 60.0))
    yield from zip(table.column("row_l").to_pylist(), table.column("row_r").to_pylist(), odds.tolist(), strict=True)


def _model(link_type: str, n_further: int) -> Any:
    """What is compared, before anything is learned."""
    from splink import SettingsCreator, block_on
    from splink import comparison_level_library as level
    from splink import comparison_library as compared

    levels = [level.NullLevel("together")]
    for share in _EDITS:
        near = (_NEAR.format(name=name, share=share) for name in ("together", "sorted"))
        levels.append(level.CustomLevel(" OR ".join(near), f"at most {share} of the letters"))
    names = compared.CustomComparison([*levels, level.ElseLevel()], "name")
    return SettingsCreator(
        link_type=link_type,
        comparisons=[names, *(compared.ExactMatch(f"more_{i}") for i in range(n_further))],
        blocking_rules_to_generate_predictions=[block_on("word", arrays_to_explode=["word"])],
        unique_id_column_name="row",
        retain_matching_columns=False,
        probability_two_random_records_match=1e-9,
    )


def _floored(model: dict[str, Any]) -> dict[str, Any]:
    """A level that no two accounts are on is rare, and not impossible."""
    for comparison in model["comparisons"]:
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                level["u_probability"] = max(level.get("u_probability") or 0.0, _LEAST_SHARE)
    return model


def _table(cells: Mapping[str, Sequence[str]], accounts: Mapping[str, Sequence[str]]) -> pa.Table:
    """What is compared, and the words that bring pairs together unless too many accounts have them."""
    names = list(cells["name"])
    counts = Counter(word for name in accounts["name"] for word in name_words(name))
    words = [[word for word in name_words(name) if counts[word] <= COMMON] for name in names]
    together = [name.replace(" ", "") for name in names]
    texts = {
        "together": together,
        "sorted": [" ".join(sorted(name.split())) for name in names],
        "head": [next((word for word in some if word[0] == "^"), "") for some in words],
        **{f"more_{i}": column for i, column in enumerate(column for name, column in cells.items() if name != "name")},
    }
    columns = {name: pa.array([text or None for text in column], pa.string()) for name, column in texts.items()}
    return pa.table(
        {"row": pa.array(range(len(names)), pa.int64()), "word": pa.array(words, pa.list_(pa.string())), **columns}
    )
