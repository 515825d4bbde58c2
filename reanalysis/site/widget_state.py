"""The widgets of a page and their state, which stand in it as JSON."""

import re

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
# In the JSON of a script element these begin a tag or a comment, as the browser reads it; MyST-NB
# escapes "</script>" alone, in this one spelling.
_TAG_IN_JSON = re.compile(r"<(?=[A-Za-z/!])")


def without_tags(state: str) -> str:
    """Write JSON so that no string in it can end the script element that holds it.

    Parameters
    ----------
    state
        JSON; ``<`` stands in nothing of it but strings.

    Returns
    -------
    str
        JSON of the same values.
    """
    return _TAG_IN_JSON.sub(r"\\u003c", state)
