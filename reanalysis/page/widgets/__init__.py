"""Widgets that run in the browser alone: in JupyterLab, in Binder and on the site."""

from reanalysis.page.widgets.bed_calculator import BedCalculator
from reanalysis.page.widgets.cutpoint_explorer import CutpointExplorer
from reanalysis.page.widgets.response_timeline import ResponseTimeline
from reanalysis.page.widgets.widget import HazardExplorer

__all__ = ["BedCalculator", "CutpointExplorer", "HazardExplorer", "ResponseTimeline"]
