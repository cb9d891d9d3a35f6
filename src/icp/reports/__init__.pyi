from ._accounts import AccountList
from ._backtest_page import backtest_figures, backtest_text, build_backtest_report
from ._charts import (
    calibration_figure,
    decile_figure,
    driver_figure,
    gain_figure,
    importance_figure,
    profile_figure,
    tier_figure,
)
from ._definitions import definitions_section
from ._figure import Figure
from ._list import findings_text, list_text
from ._meaning import grid_figure, value_figure
from ._meeting_page import MOST_ANSWERS, build_meeting_page, meeting_figures, meeting_text
from ._page import build_report, figures
from ._parts import Report, ReportPart
from ._release import release_markdown, release_section, release_text
from ._selection import selection_figure
from ._summary import summary_text
from ._swarm import dependence_figure, swarm_figure
from ._versions import VersionComparison

__all__ = [
    "MOST_ANSWERS",
    "AccountList",
    "Figure",
    "Report",
    "ReportPart",
    "VersionComparison",
    "backtest_figures",
    "backtest_text",
    "build_backtest_report",
    "build_meeting_page",
    "build_report",
    "calibration_figure",
    "decile_figure",
    "definitions_section",
    "dependence_figure",
    "driver_figure",
    "figures",
    "findings_text",
    "gain_figure",
    "grid_figure",
    "importance_figure",
    "list_text",
    "meeting_figures",
    "meeting_text",
    "profile_figure",
    "release_markdown",
    "release_section",
    "release_text",
    "selection_figure",
    "summary_text",
    "swarm_figure",
    "tier_figure",
    "value_figure",
]
