"""The same site without Jupyter Book 1, which is only maintained: by Sphinx, MyST-NB and the theme.

``_config.yml`` stays the one configuration; what Jupyter Book 1 makes of it is made here.
CONTRIBUTING.md says what is different in the result.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reanalysis.core.paths import ROOT
from reanalysis.site.build import (
    STRICT,
    BookError,
    Progress,
    configuration,
    execute,
    kernel_environment,
    say,
    settings,
    stage,
)

# Part of Jupyter Book, or there because it sets their options.
LEFT_OUT = ("jupyter_book", "sphinx_comments")


def sphinx_configuration(config: Mapping[str, Any]) -> dict[str, Any]:
    """Say to Sphinx what ``_config.yml`` says to Jupyter Book.

    Parameters
    ----------
    config
        What ``_config.yml`` says, completed by ``build.configuration``.

    Returns
    -------
    dict
        The names and values of a ``conf.py``.
    """
    inner = dict(config["sphinx"]["config"])
    html, repository = config["html"], config.get("repository", {})
    theme = {
        "home_page_in_toc": html.get("home_page_in_navbar", False),
        "launch_buttons": config.get("launch_buttons", {}),
        "repository_branch": repository.get("branch", "main"),
        "repository_url": repository.get("url", ""),
        "use_repository_button": html.get("use_repository_button", False),
        **({"announcement": html["announcement"]} if "announcement" in html else {}),
        **inner.pop("html_theme_options"),
    }
    return {
        **inner,
        "extensions": [name for name in inner["extensions"] if name not in LEFT_OUT],
        "project": config["title"],
        "author": config["author"],
        "copyright": config["copyright"],
        "html_title": config["title"],
        "html_theme": "sphinx_book_theme",
        "html_theme_options": theme,
        "html_logo": config["logo"],
        "html_favicon": html["favicon"],
        "html_baseurl": html.get("baseurl", ""),
        "external_toc_path": "_toc.yml",
        "external_toc_exclude_missing": config["only_build_toc_files"],
        "myst_enable_extensions": config["parse"]["myst_enable_extensions"],
        "nb_execution_mode": config["execute"]["execute_notebooks"],
        "nb_output_stderr": config["execute"]["stderr_output"],
    }


def build_plain(root: Path = ROOT, progress: Progress = say) -> Path:
    """Execute the notebooks and build the site by Sphinx alone, of the synthetic cohort.

    Parameters
    ----------
    root
        Folder of the project.
    progress
        Is given lines that tell how far the work is.

    Returns
    -------
    pathlib.Path
        The folder of the site.

    Raises
    ------
    BookError
        If a cell fails, or Sphinx finds anything to warn of.
    """
    source, site = root / "_build" / "plain" / "book", root / "_build" / "plain" / "html"
    config = configuration(settings(root))
    execute(stage(root, source, config), env=kernel_environment(), progress=progress)
    values = json.dumps(sphinx_configuration(config), indent=2)
    (source / "conf.py").write_text(
        f"import json\n\nglobals().update(json.loads(r'''{values}'''))\n", encoding="utf-8"
    )
    progress("Building the site by Sphinx alone.")
    options = (*STRICT, "--fresh-env", "--builder", "html")
    result = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(source), str(site)],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        check=False,
    )
    if result.returncode:
        raise BookError("Sphinx found errors or warnings, printed above.")
    progress(f"Done: {site / 'index.html'}")
    return site
