"""The same widget in JupyterLab: its traits and its controls move each other."""

import csv
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client import BlockingKernelClient
from jupyterlab_server import PATIENCE, jupyterlab, run_all
from playwright.sync_api import Browser, Page, expect

from reanalysis.core.paths import ROOT
from reanalysis.site.lab import SETTINGS

NOTEBOOK = "explorer.ipynb"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Address of a JupyterLab that has only the explorer's notebook, and its runtime folder."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "notebooks"
    folder.mkdir()
    shutil.copy(ROOT / "notebooks" / NOTEBOOK, folder)
    environment = os.environ | {"JUPYTER_CONFIG_PATH": str(SETTINGS), "PYTHONPATH": str(ROOT)}
    with jupyterlab(sys.executable, folder, home, environment) as address:
        yield address.format(NOTEBOOK), home / "runtime"


@pytest.fixture
def page(browser: Browser, lab: tuple[str, Path]) -> Iterator[Page]:
    """The notebook in JupyterLab after all its cells have run."""
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    page = context.new_page()
    run_all(page, lab[0])
    page.wait_for_selector(".rx")
    yield page
    context.close()


@pytest.fixture
def kernel(page: Page, lab: tuple[str, Path]) -> Iterator[BlockingKernelClient]:
    """A second client of the kernel that runs the notebook."""
    (connection,) = lab[1].glob("kernel-*.json")
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    yield client
    client.stop_channels()


def evaluate(kernel: BlockingKernelClient, expression: str) -> str:
    """Value of an expression in the notebook, as text."""
    reply = kernel.execute("", user_expressions={"value": expression}, reply=True, timeout=PATIENCE)
    answer = reply["content"]["user_expressions"]["value"]
    assert answer["status"] == "ok", answer
    return str(answer["data"]["text/plain"])


def run(kernel: BlockingKernelClient, code: str) -> None:
    reply = kernel.execute(code, reply=True, timeout=PATIENCE)
    assert reply["content"]["status"] == "ok", reply["content"]


@pytest.mark.slow
def test_controls_and_traits_move_each_other(page: Page, kernel: BlockingKernelClient) -> None:
    widget = page.locator(".rx")
    assert widget.count() == 1
    assert page.locator(".rx-still:visible").count() == 0
    slider = widget.get_by_label("Tumour size")

    # Nobody is asked whether to get news.
    assert page.get_by_text("Jupyter news").count() == 0

    # From the keyboard: JupyterLab leaves the arrow keys to the slider.
    slider.focus()
    slider.press("ArrowRight")
    slider.press("ArrowUp")
    expect(slider).to_have_attribute("aria-valuetext", "3.2 cm")
    expect(slider).to_be_focused()
    end = time.monotonic() + PATIENCE
    while evaluate(kernel, "explorer.tumor_size_cm") != "3.2" and time.monotonic() < end:
        time.sleep(0.1)
    assert evaluate(kernel, "explorer.tumor_size_cm") == "3.2"
    assert evaluate(kernel, "explorer.settings == explorer._initial | {'tumor_size_cm': 3.2}") == (
        "True"
    )

    # From Python: several traits at once
    run(
        kernel,
        "explorer.tumor_size_cm = 5.0; explorer.regimen = '60/4'; explorer.outcome = 'death'",
    )
    expect(slider).to_have_attribute("aria-valuetext", "5.0 cm")
    expect(widget.get_by_label("BED", exact=True)).to_have_attribute(
        "aria-valuetext", "150 Gy (60 Gy in 4)"
    )
    expect(widget.get_by_label("Death")).to_be_checked()
    card = widget.get_by_role("group", name="Local control").locator("strong")
    expected = evaluate(kernel, "f\"{explorer.hazard_ratio('local_failure')[0]:.2f}\"")
    expect(card).to_have_text(f"× {expected.strip(chr(39))}")

    # What is saved is what is shown; a notebook has no address that could keep the settings.
    with page.expect_download() as download:
        widget.get_by_role("button", name="Save the numbers as CSV").click()
    rows = list(
        csv.DictReader(Path(download.value.path()).read_text(encoding="utf-8").splitlines())
    )
    size = next(row for row in rows if row["quantity"] == "setting: tumor_size_cm")
    assert (size["patient"], size["estimate"]) == ("this", "5")
    assert widget.get_by_role("link").count() == 0

    widget.get_by_role("button", name="Reset").press("Enter")
    expect(slider).to_have_attribute("aria-valuetext", "3.0 cm")
