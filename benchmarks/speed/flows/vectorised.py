"""A careful way: codes for words, LightGBM's own contributions for the whole table, no loop over rows.

Usage: python vectorised.py fit TRAIN MODEL | python vectorised.py score MODEL NEW OUT
"""

import json
import sys
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd

SKIP = ["account_id", "company"]
DATES = ["created", "renewed"]


def encode(frame, levels):
    for name in DATES:
        frame[name] = (pd.Timestamp("2024-07-01") - pd.to_datetime(frame[name])).dt.days
    for name, known in levels.items():
        codes = pd.Categorical(frame[name], categories=known).codes
        frame[name] = np.where(codes < 0, np.nan, codes)
    return frame.to_numpy(dtype=np.float64)


def fit(train, model):
    frame = pd.read_csv(train)
    y = frame.pop("won") == "yes"
    frame = frame.drop(columns=SKIP)
    words = [name for name in frame.columns if frame[name].dtype == object or str(frame[name].dtype) == "str"]
    levels = {name: sorted(frame[name].dropna().unique()) for name in words if name not in DATES}
    X = encode(frame, levels)
    which = [frame.columns.get_loc(name) for name in levels]
    settings = {
        "objective": "binary",
        "num_leaves": 31,
        "min_data_in_leaf": 50,
        "seed": 1,
        "num_threads": 1,
        "verbosity": -1,
    }
    booster = lightgbm.train(
        {**settings, "learning_rate": 0.05}, lightgbm.Dataset(X, y, categorical_feature=which), 300
    )
    told = {"levels": levels, "names": list(frame.columns), "booster": booster.model_to_string()}
    Path(model).write_text(json.dumps(told))


def score(model, new, out):
    told = json.loads(Path(model).read_text())
    booster, names = lightgbm.Booster(model_str=told["booster"]), np.array(told["names"], dtype=object)
    frame = pd.read_csv(new)
    ids = frame["account_id"]
    X = encode(frame.drop(columns=SKIP), told["levels"])
    explained = booster.predict(X, pred_contrib=True, num_threads=1)
    margin = explained.sum(axis=1)
    largest = np.argpartition(-explained[:, :-1], 3, axis=1)[:, :3]
    order = np.argsort(-np.take_along_axis(explained, largest, axis=1), axis=1)
    largest = np.take_along_axis(largest, order, axis=1)
    reasons = {f"reason_{k + 1}": names[largest[:, k]] for k in range(3)}
    pd.DataFrame({"account_id": ids, "propensity": 1 / (1 + np.exp(-margin)), **reasons}).to_csv(out, index=False)


if __name__ == "__main__":
    {"fit": fit, "score": score}[sys.argv[1]](*sys.argv[2:])
