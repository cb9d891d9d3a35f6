"""The contenders, each set as a competent user would without tuning, and the environment that each needs.

A peer gets the training traits, the labels, the test traits and the seconds that a search may take, and returns the
probability of each test row. ``icp`` is run by its commands instead.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.quality.tasks import facts

THREADS = 2
SEED = 0


@dataclass(frozen=True)
class Peer:
    """One contender.

    Parameters
    ----------
    run : callable
        ``run(X_train, y_train, X_test, seconds)``, or ``run(task)`` where ``by_command``; returns probabilities.
    packages : tuple of str
        The packages whose versions are reported.
    requires : tuple of str
        What pip installs into the peer's own environment; empty: it runs where icp runs.
    settings : str
        How it is set, for the reader of the table.
    searches : bool
        Whether it takes the budget of seconds.
    by_command : bool
        Whether it reads the task folder itself.
    """

    run: Callable[..., np.ndarray]
    packages: tuple[str, ...]
    settings: str
    requires: tuple[str, ...] = ()
    searches: bool = False
    by_command: bool = False


def icp(task: Path) -> np.ndarray:
    """``icp.train`` and ``icp.score`` as typed by a user; only facts about the data are said."""
    told = facts(task)
    with tempfile.TemporaryDirectory() as place:
        label = told["label"]
        pd.read_csv(task / "test.csv", dtype=str, keep_default_na=False).drop(columns=label).to_csv(
            Path(place, "new.csv"), index=False
        )
        source = ["accounts=csv", f"accounts.missing_values={json.dumps(told.get('missing') or [])}"]
        for option, column in (("account_id", told.get("id")), ("observed_at", told.get("observed_at"))):
            source += [f"accounts.{option}={json.dumps(column)}"] if column else []
        learn = [f"accounts.path={task}/train.csv", "labels=flag", f"labels.column={json.dumps(label)}"]
        learn += [f"labels.positive={json.dumps(told['positive'])}", "output=train"]
        by_rows = told["split"]["kind"] == "forward" and not told["split"].get("by")
        learn += ["backtest.order=rows"] if by_rows else []
        _command("icp.train", [*source, *learn], place)
        _command("icp.score", [*source, "accounts.path=new.csv", "model=train/bundle", "output=score"], place)
        scores = pd.read_csv(Path(place, "score", "scores.csv"))
    return scores["propensity"].to_numpy()


def _command(module: str, overrides: list[str], place: str) -> None:
    command = [sys.executable, "-m", module, "tracking=none", *overrides]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):  # 3: done, but look at the findings
        raise RuntimeError(f"{module} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")


def logistic(X_train: pd.DataFrame, y_train: pd.Series, X_test: pd.DataFrame, seconds: float) -> np.ndarray:
    """Median or 'missing', scaled or one-hot; L2, C = 1."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    words = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"), OneHotEncoder(handle_unknown="ignore")
    )
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include=float)), (words, make_column_selector(dtype_exclude=float))
    )
    model = LogisticRegression(max_iter=2000)
    return make_pipeline(columns, model).fit(X_train, y_train).predict_proba(X_test)[:, 1]


def hist_gradient_boosting(
    X_train: pd.DataFrame, y_train: pd.Series, X_test: pd.DataFrame, seconds: float
) -> np.ndarray:
    """Defaults; native categories, of which the rarest share one level above 254, its limit."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder

    words = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan, max_categories=254
    )
    where = make_column_selector(dtype_exclude=float)
    columns = make_column_transformer((words, where), remainder="passthrough")
    model = HistGradientBoostingClassifier(categorical_features=list(range(len(where(X_train)))), random_state=SEED)
    return make_pipeline(columns, model).fit(X_train, y_train).predict_proba(X_test)[:, 1]


def lightgbm(X_train: pd.DataFrame, y_train: pd.Series, X_test: pd.DataFrame, seconds: float) -> np.ndarray:
    """Defaults; native categories."""
    from lightgbm import LGBMClassifier

    train, test = _categories(X_train, X_test)
    plain = [f"f{i}" for i in range(train.shape[1])]  # lightgbm refuses some characters in names
    model = LGBMClassifier(random_state=SEED, n_jobs=THREADS, verbose=-1)
    return model.fit(train.set_axis(plain, axis=1), y_train).predict_proba(test.set_axis(plain, axis=1))[:, 1]


def catboost(X_train: pd.DataFrame, y_train: pd.Series, X_test: pd.DataFrame, seconds: float) -> np.ndarray:
    """Defaults; native categories."""
    from catboost import CatBoostClassifier

    words = _words(X_train)
    train, test = (rows.assign(**{name: rows[name].fillna("missing") for name in words}) for rows in (X_train, X_test))
    model = CatBoostClassifier(
        cat_features=words, random_seed=SEED, thread_count=THREADS, verbose=False, allow_writing_files=False
    )
    return model.fit(train, y_train).predict_proba(test)[:, 1]


def ebm(X_train: pd.DataFrame, y_train: pd.Series, X_test: pd.DataFrame, seconds: float) -> np.ndarray:
    """Defaults; interactions as it finds them."""
    from interpret.glassbox import ExplainableBoostingClassifier

    model = ExplainableBoostingClassifier(random_state=SEED, n_jobs=THREADS)
    return model.fit(X_train, y_train).predict_proba(X_test)[:, 1]


def flaml(X_train: pd.DataFrame, y_train: pd.Series, X_test: pd.DataFrame, seconds: float) -> np.ndarray:
    """Search by log loss over its default learners."""
    from flaml import AutoML

    search = AutoML()
    train, test = _categories(X_train, X_test)
    search.fit(
        train,
        y_train,
        task="classification",
        metric="log_loss",
        time_budget=seconds,
        n_jobs=THREADS,
        seed=SEED,
        verbose=0,
    )
    return search.predict_proba(test)[:, 1]


def autogluon(X_train: pd.DataFrame, y_train: pd.Series, X_test: pd.DataFrame, seconds: float) -> np.ndarray:
    """Preset best_quality: bagged and stacked models, judged by log loss."""
    from autogluon.tabular import TabularPredictor

    label = "label of this task"
    with tempfile.TemporaryDirectory() as place:
        predictor = TabularPredictor(label=label, path=place, eval_metric="log_loss", verbosity=2)
        predictor.fit(
            X_train.assign(**{label: y_train}),
            time_limit=seconds,
            presets="best_quality",
            num_cpus=THREADS,
            num_gpus=0,
            # no ray: starting its workers costs a minute on a small machine
            ag_args_ensemble={"fold_fitting_strategy": "sequential_local"},
            ds_args={"memory_safe_fits": False},
        )
        print(predictor.leaderboard(silent=True).to_string())
        return predictor.predict_proba(X_test)[1].to_numpy()


def h2o(X_train: pd.DataFrame, y_train: pd.Series, X_test: pd.DataFrame, seconds: float) -> np.ndarray:
    """Search by log loss; its leader, usually a stack."""
    import h2o as server
    from h2o.automl import H2OAutoML

    label = "label of this task"
    kinds = {name: "enum" if name in _words(X_train) else "real" for name in X_train}
    server.init(nthreads=THREADS, max_mem_size="6g", port=54400 + os.getpid() % 500 * 2)
    try:
        server.no_progress()
        train = server.H2OFrame(X_train.assign(**{label: y_train.astype(str)}), column_types={**kinds, label: "enum"})
        test = server.H2OFrame(X_test, column_types=kinds)
        search = H2OAutoML(max_runtime_secs=int(seconds), seed=SEED, sort_metric="logloss", verbosity=None)
        search.train(y=label, training_frame=train)
        print(search.leaderboard.head(10).as_data_frame().to_string())
        return search.leader.predict(test).as_data_frame()["p1"].to_numpy()
    finally:
        server.cluster().shutdown()
        with contextlib.suppress(ChildProcessError):
            os.wait()  # for the server, so that its processor time is counted


def _words(rows: pd.DataFrame) -> list[str]:
    return [name for name in rows.columns if rows[name].dtype != float]


def _categories(X_train: pd.DataFrame, X_test: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Words as pandas categories, the levels those of the training rows."""
    train, test = X_train.copy(), X_test.copy()
    for name in _words(train):
        levels = pd.CategoricalDtype(sorted(train[name].dropna().unique()))
        known = test[name].where(test[name].isin(set(levels.categories)))
        train[name], test[name] = train[name].astype(levels), known.astype(levels)
    return train, test


PEERS: dict[str, Peer] = {
    "icp": Peer(
        icp, ("scikit-learn", "lightgbm"), "defaults: `icp.train`, then `icp.score` on the test rows", by_command=True
    ),
    "logistic": Peer(
        logistic,
        ("scikit-learn",),
        "median or 'missing', scaled, one-hot, `LogisticRegression` (L2, C = 1)",
    ),
    "HistGB": Peer(hist_gradient_boosting, ("scikit-learn",), "`HistGradientBoostingClassifier`, defaults"),
    "LightGBM": Peer(lightgbm, ("lightgbm",), "`LGBMClassifier`, defaults"),
    "CatBoost": Peer(
        catboost, ("catboost",), "`CatBoostClassifier`, defaults", requires=("catboost", "scikit-learn", "pandas")
    ),
    "EBM": Peer(
        ebm,
        ("interpret-core",),
        "`ExplainableBoostingClassifier`, defaults",
        requires=("interpret-core", "scikit-learn", "pandas"),
    ),
    "FLAML": Peer(flaml, ("flaml",), "`AutoML`, by log loss", requires=("flaml[automl]", "pandas"), searches=True),
    "AutoGluon": Peer(
        autogluon,
        ("autogluon.tabular",),
        "`TabularPredictor`, preset `best_quality`, by log loss, folds one after the other (no ray)",
        requires=("torch==2.13.0", "autogluon.tabular[all]"),
        searches=True,
    ),
    "H2O": Peer(
        h2o, ("h2o",), "`H2OAutoML`, its leader by log loss (needs Java)", requires=("h2o", "pandas"), searches=True
    ),
}
