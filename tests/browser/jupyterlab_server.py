"""A JupyterLab of a folder, and a notebook that runs in a tab of it."""

import secrets
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from webdriver import free_port

PATIENCE = 120.0  # seconds for JupyterLab to start, and for a notebook to run


@contextmanager
def jupyterlab(
    python: str | Path, folder: Path, home: Path, environment: dict[str, str]
) -> Iterator[str]:
    """Start one on a free port, with nothing of the tester's own: neither settings nor notebooks.

    What it yields is the address of a notebook, with ``{}`` in the place of its path in the folder.
    """
    port = free_port()
    token = secrets.token_hex(16)
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": token,
        "LabApp.expose_app_in_browser": True,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.news_url": None,
    }
    own = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
    }
    log = (home / "log.txt").open("w+", encoding="utf-8")
    command = [str(python), "-m", "jupyterlab", *(f"--{k}={v}" for k, v in options.items())]
    environment = environment | {name: str(path) for name, path in own.items()}
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api/status?token={token}", server, log)
        # Without what was open before: the notebook that runs is the one that was asked for.
        yield f"{address}/lab/tree/{{}}?reset&token={token}"
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Any) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    log.seek(0)
    pytest.fail(f"JupyterLab did not start:\n{log.read()}")


def run_all(page: Page, url: str) -> None:
    """Open a notebook and run its cells, to the last."""
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(url)
    page.wait_for_function(
        "window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel"
        "?.status === 'idle'"
    )
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
