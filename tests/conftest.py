"""What every test shares."""

import os
import runpy
from pathlib import Path

import executed
import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

from reanalysis.site.build import kernel_environment

SEARCH = Path(__file__).parent / "synthesis" / "digest.py"
# The files that take longest, the longest first: begun last, one would run on alone.
LONG = (
    "tests/synthesis/test_search.py",
    "tests/page/test_private_text.py",
    "tests/browser/test_widgets.py",
    "tests/browser/test_accessibility.py",
    "tests/browser/test_browser.py",
    "tests/site/test_whole_book.py",
    "tests/browser/test_code.py",
    "tests/site/test_audit.py",
    "tests/browser/test_intake_page.py",
    "tests/browser/test_html.py",
    "tests/analysis/test_simulation.py",
    "tests/cohort/test_bounds.py",
    "tests/cohort/test_any_table.py",
    "tests/site/test_large.py",
    "notebooks/05_evaluation_and_statistics.ipynb",
)
# Of these each test does its own long work: the file need not stay with one worker.
APART = ("tests/page/test_private_text.py", "tests/site/test_whole_book.py")

# A busy machine is no fault of what is tested.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    executed.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Give the kernels that nbval starts the environment in which the outputs were made."""
    if folder := config.getoption(executed.OPTION):
        executed.compare_with(folder)
    # Programs that tests start write UTF-8 into their pipes, on Windows too.
    environment = kernel_environment() | {"PYTHONUTF8": "1"}
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)


class LongestFirst(LoadFileScheduling):
    """Gives a file to one worker, as ``--dist loadfile`` does, and the long ones first."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return nodeid if file in APART else file


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Half as many again as processors: a worker often waits, for a browser or for a kernel."""
    return 3 * (os.cpu_count() or 1) // 2


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LongestFirst | None:
    if config.option.dist != "loadfile":
        return None
    config.option.loadscopereorder = False  # xdist's own order is by the number of tests
    return LongestFirst(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first; within a file, and among the others, nothing changes."""
    place = {file: i for i, file in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.nodeid.split("::")[0], len(place)))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what the marks, which pyproject.toml leaves out, have left out."""
    if config.option.markexpr != "not search and not slow":
        return
    terminalreporter.section("left out")
    terminalreporter.line(
        "The tests of the search for the synthetic cohort, which no reader runs "
        "(`make test-search`), and slow ones that stand beside shorter ones of their kind; "
        "`make test-all` runs every test."
    )
    search = runpy.run_path(str(SEARCH))
    if search["digest"]() != search["passed"]():
        terminalreporter.line(
            "THE SEARCH HAS CHANGED since they last passed: please run `make test-search`, and "
            "commit tests/synthesis/passed.txt."
        )
