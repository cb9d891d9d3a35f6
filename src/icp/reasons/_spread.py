"""Contributions of a sample of accounts, to be drawn by shap in a notebook."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icp.reasons._explain import load_shap
from icp.tables import TraitTable

if TYPE_CHECKING:
    from icp.reports import Figure

__all__ = ["Contributions"]

_MOST = 2000


@dataclass(frozen=True)
class Contributions:
    """What each trait adds to the score of some accounts; it holds their cells, so it is neither saved nor registered.

    Parameters
    ----------
    traits : TraitTable, shape (n_accounts, n_traits)
        Values of the accounts.
    values : ndarray of float64, shape (n_accounts, n_traits)
        What each adds, in log-odds.
    """

    traits: TraitTable
    values: NDArray[np.float64]

    @classmethod
    def sample(cls, traits: TraitTable, values: NDArray[np.float64], seed: int = 0) -> Contributions:
        """At most 2,000 accounts, drawn at random.

        Parameters
        ----------
        traits : TraitTable
            Of all accounts.
        values : ndarray of float64, shape (n_accounts, n_traits)
            What each trait adds.
        seed : int, default=0
            Of the draw.

        Returns
        -------
        Contributions
            In the order of the table.
        """
        if len(values) <= _MOST:
            return cls(traits, values)
        rows = np.zeros(len(values), dtype=bool)
        rows[np.random.default_rng(seed).choice(len(values), _MOST, replace=False)] = True
        return cls(traits.rows(rows), values[rows])

    def frame(self) -> pd.DataFrame:
        """The contributions.

        Returns
        -------
        DataFrame, shape (n_accounts, n_traits)
            In log-odds, indexed by ``account_id``.
        """
        return pd.DataFrame(self.values, self.traits.account_id, [trait.name for trait in self.traits.traits])

    def plot(self, trait: str | None = None, *, top: int = 10) -> Figure:
        """Shap's beeswarm of the leading traits, or its dependence plot of one.

        Parameters
        ----------
        trait : str, default=None
            Name of a trait; None draws the beeswarm.
        top : int, default=10
            Traits of the beeswarm.

        Returns
        -------
        Figure
            Its ``frame()`` has one row per point.

        Raises
        ------
        KeyError
            No such trait.
        """
        from icp.reports import Figure

        names = [one.name for one in self.traits.traits]
        if trait is not None and trait not in names:
            raise KeyError(f"no trait '{trait}'; the traits are {', '.join(names)}")
        leading = np.argsort(-np.abs(self.values).mean(axis=0), kind="stable")[:top]
        at = leading if trait is None else np.array([names.index(trait)])
        label = "beeswarm by shap" if trait is None else f"{self.traits.traits[at[0]].label}: dependence plot by shap"
        cells = [
            (self.traits.account_id[i], names[j], self.traits.values[i, j], self.values[i, j])
            for j in at.tolist()
            for i in range(len(self.values))
        ]
        columns = ("account_id", "trait", "value", "contribution")
        shown = tuple(tuple(str(cell) for cell in row) for row in cells)
        drawn = self._draw(None if trait is None else int(at[0]), top)
        return Figure(f"contributions_{trait or 'all'}", label, label, columns, tuple(cells), shown, drawn)

    def _repr_html_(self) -> str:
        return self.plot()._repr_html_()

    def _draw(self, at: int | None, top: int) -> str:
        """SVG by shap, which places points of a beeswarm at random; its figure is closed again."""
        shap = load_shap()
        import matplotlib as mpl
        from matplotlib import pyplot as plt

        with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "icp"}), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # shap and matplotlib on one another
            figure = plt.figure(figsize=(8, 0.42 * top + 1.4) if at is None else (7, 4.2))
            try:
                if at is None:
                    self._beeswarm(shap, top)
                else:
                    self._dependence(shap, figure.gca(), at)
                written = io.StringIO()
                figure.savefig(written, format="svg", bbox_inches="tight", metadata={"Date": None})
            finally:
                plt.close(figure)
        return re.sub(r"^.*?(?=<svg)", "", written.getvalue(), count=1, flags=re.DOTALL)

    def _beeswarm(self, shap: Any, top: int) -> None:
        """Codes of categories have no order, so they get no colour."""
        from matplotlib import pyplot as plt

        data = np.array(self.traits.values, dtype=np.float64)
        data[:, [trait.kind == "categorical" for trait in self.traits.traits]] = np.nan
        shap.plots.beeswarm(self._explanation(shap, data), max_display=top, show=False, plot_size=None,
                            group_remaining_features=False)  # fmt: skip
        plt.xlabel("added to the score, in log-odds")

    def _dependence(self, shap: Any, axes: Any, at: int) -> None:
        """Words instead of codes under a category."""
        trait = self.traits.traits[at]
        explanation = self._explanation(shap, np.asarray(self.traits.values, dtype=np.float64))
        shap.plots.scatter(explanation[:, at], show=False, ax=axes, color="#0f6b5f")
        axes.set_ylabel("added to the score, in log-odds")
        if trait.kind == "categorical" and trait.levels:
            axes.set_xticks(range(len(trait.levels)), list(trait.levels), rotation=40, ha="right")

    def _explanation(self, shap: Any, data: NDArray[np.float64]) -> Any:
        names = [trait.label for trait in self.traits.traits]
        return shap.Explanation(values=self.values, base_values=np.zeros(len(data)), data=data, feature_names=names)
