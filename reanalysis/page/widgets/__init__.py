"""Widgets that run in the browser alone: in JupyterLab, in Binder and on the site."""
