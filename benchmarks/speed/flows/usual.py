"""The usual way: read_csv, a pipeline with one-hot columns, TreeExplainer, a loop over the rows, to_csv.

Usage: python usual.py fit TRAIN MODEL | python usual.py score MODEL NEW OUT
"""

import sys

import joblib
import numpy as np
import pandas as pd

SKIP = ["account_id", "company"]
DATES = ["created", "renewed"]


def columns(frame):
    for name in DATES:
        frame[name] = (pd.Timestamp("2024-07-01") - pd.to_datetime(frame[name])).dt.days
    return frame.drop(columns=SKIP)


def fit(train, model):
    from lightgbm import LGBMClassifier
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    frame = pd.read_csv(train)
    y = frame.pop("won") == "yes"
    numbers = SimpleImputer(strategy="median", add_indicator=True)
    words = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"), OneHotEncoder(handle_unknown="ignore")
    )
    prepare = make_column_transformer(
        (numbers, make_column_selector(dtype_include=np.number)), (words, make_column_selector(dtype_exclude=np.number))
    )
    trees = LGBMClassifier(n_estimators=300, num_leaves=31, min_child_samples=50, random_state=1, n_jobs=1, verbose=-1)
    joblib.dump(make_pipeline(prepare, trees).fit(columns(frame), y), model)


def score(model, new, out):
    import shap

    pipeline = joblib.load(model)
    frame = pd.read_csv(new)
    ids = frame["account_id"]
    rows = columns(frame)
    prepared = pipeline[:-1].transform(rows)
    names = pipeline[:-1].get_feature_names_out()
    probability = pipeline[-1].predict_proba(prepared)[:, 1]
    explained = shap.TreeExplainer(pipeline[-1]).shap_values(prepared.toarray())
    explained = explained[-1] if isinstance(explained, list) else explained
    listed = []
    for i in range(len(rows)):
        largest = np.argsort(-explained[i])[:3]
        reasons = [f"{names[j]} ({explained[i][j]:+.2f})" for j in largest]
        listed.append([ids.iloc[i], probability[i], *reasons])
    pd.DataFrame(listed, columns=["account_id", "propensity", "reason_1", "reason_2", "reason_3"]).to_csv(
        out, index=False
    )


if __name__ == "__main__":
    {"fit": fit, "score": score}[sys.argv[1]](*sys.argv[2:])
