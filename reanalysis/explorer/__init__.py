"""Widgets that run in the browser alone: in JupyterLab, in Binder and on the site."""

from reanalysis.explorer.bed_calculator import BedCalculator
from reanalysis.explorer.cutpoint_explorer import CutpointExplorer
from reanalysis.explorer.response_timeline import ResponseTimeline
from reanalysis.explorer.widget import HazardExplorer

__all__ = ["BedCalculator", "CutpointExplorer", "HazardExplorer", "ResponseTimeline"]
