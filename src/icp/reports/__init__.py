"""What the model found, for people: one HTML page, a few lines for the terminal, figures that can give their table.

A report is drawn from a *card*: plain JSON values that training stored with the model. Nothing is computed here that
the card does not hold, so every number on the page resolves to a stored statistic, and the page of a registered version
can be drawn again at any time, on any machine, to the same bytes. The page is one file: no font, script or picture is
fetched, and a content security policy forbids that any could be. Text from the user's data is escaped wherever it
stands. Missing evidence is shown as missing, and a model without signal says so before anything else.
"""

from icp.reports._backtest_page import backtest_figures, backtest_text, build_backtest_report
from icp.reports._charts import (
    calibration_figure,
    decile_figure,
    driver_figure,
    gain_figure,
    importance_figure,
    profile_figure,
    tier_figure,
)
from icp.reports._definitions import definitions_section
from icp.reports._figure import Figure
from icp.reports._list import findings_text, list_lines, list_text
from icp.reports._meaning import grid_figure, value_figure
from icp.reports._page import build_report, figures
from icp.reports._selection import selection_figure
from icp.reports._summary import summary_text

__all__ = [
    "Figure",
    "backtest_figures",
    "backtest_text",
    "build_backtest_report",
    "build_report",
    "calibration_figure",
    "decile_figure",
    "definitions_section",
    "driver_figure",
    "figures",
    "findings_text",
    "gain_figure",
    "grid_figure",
    "importance_figure",
    "list_lines",
    "list_text",
    "profile_figure",
    "selection_figure",
    "summary_text",
    "tier_figure",
    "value_figure",
]
