"""What every test shares."""

import os
import runpy
from pathlib import Path

import pytest

from reanalysis.site.build import kernel_environment

SEARCH = Path(__file__).parent / "synthesis" / "digest.py"


def pytest_configure(config: pytest.Config) -> None:
    """Give the kernels that nbval starts the environment in which the outputs were made."""
    environment = kernel_environment()
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what `-m "not search"`, which pyproject.toml asks for, has left out."""
    if config.option.markexpr != "not search":
        return
    terminalreporter.section("left out")
    terminalreporter.line(
        "The tests of the search for the synthetic cohort, which no reader runs. "
        "`make test-search` runs them, `make test-all` runs every test."
    )
    search = runpy.run_path(str(SEARCH))
    if search["digest"]() != search["passed"]():
        terminalreporter.line(
            "THE SEARCH HAS CHANGED since they last passed: please run `make test-search`, and "
            "commit tests/synthesis/passed.txt."
        )
