"""Widgets that run in the browser alone: in JupyterLab, in Binder and on the site."""

from reanalysis.explorer.widget import HazardExplorer

__all__ = ["HazardExplorer"]
