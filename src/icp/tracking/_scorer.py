"""The script MLflow's own tools run to serve a logged model (``mlflow models serve``); ``icp`` never runs it."""

from __future__ import annotations

from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

COLUMNS = ["propensity", "percentile", "tier", "profile", "reason_1", "reason_2", "reason_3"]


class Scorer(PythonModel):  # type: ignore[misc]
    """Scores a table of raw cells with the bundle logged beside this script."""

    def load_context(self, context: Any) -> None:
        """Read the bundle.

        Parameters
        ----------
        context : PythonModelContext
            Knows where the bundle is.
        """
        from icp.bundle import read

        self.bundle = read(context.artifacts["bundle"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """Score accounts.

        Parameters
        ----------
        context : PythonModelContext
            Not used.
        model_input : DataFrame, shape (n_accounts, n_columns)
            Raw cells; a missing column counts as not known.
        params : Any, default=None
            Not used.

        Returns
        -------
        DataFrame, shape (n_accounts, 7)
            Propensity, percentile, tier, profile and reasons, in input order; where there is none its text is empty,
            as ``spark_udf`` would write a missing one as ``nan``.
        """
        from icp.engines import score_frame

        frame = model_input.copy()
        for column in self.bundle.columns:
            if column.name not in frame.columns:
                frame[column.name] = pd.Series([None] * len(frame), index=frame.index, dtype="str")
        scores = score_frame(self.bundle, frame)[COLUMNS].reset_index(drop=True)
        texts = COLUMNS[2:]
        return scores.assign(**{name: scores[name].fillna("") for name in texts})


set_model(Scorer())
