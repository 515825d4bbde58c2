"""Firefox and WebKit, as far as the tests need them, spoken to in the protocols that they have.

Debian's packages have no driver for Firefox, which understands WebDriver BiDi by itself (a socket);
its WebKit has one that understands WebDriver (requests).
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import websocket

PATIENCE = 60  # seconds
KEYS = {"ArrowRight": "\ue014", "Tab": "\ue004", "Enter": "\ue007"}
Answer = TypeVar("Answer")
MINI_BROWSER = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"


class Tab(Protocol):
    """What a test does with a browser."""

    errors: list[str]  # that scripts and policies have reported, as far as the protocol tells them

    def open(self, address: str) -> None:
        """Open an address, and wait until the page is loaded."""

    def run(self, script: str) -> Any:
        """Give what an expression of JavaScript is in the page."""

    def press(self, key: str) -> None:
        """Press a key where the focus is."""

    def resize(self, width: int, height: int) -> None:
        """Give the page another size, in pixels."""


def wait_until(tab: Tab, condition: str) -> None:
    """Wait until an expression of JavaScript is true."""
    end = time.monotonic() + PATIENCE
    while not tab.run(f"Boolean({condition})"):
        assert time.monotonic() < end, f"never true: {condition}"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], **environment: str) -> Iterator[None]:
    """Run a program, with nothing of the tester's own, until the block ends."""
    with tempfile.TemporaryDirectory() as home:
        env = os.environ | {"HOME": home, **environment}
        with subprocess.Popen(
            command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                yield
            finally:
                process.terminate()
                process.wait(timeout=30)


def patiently(attempt: Callable[[], Answer]) -> Answer:
    """Try again what needs a program that is still starting."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return attempt()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


class Firefox:
    """A tab of Firefox, by WebDriver BiDi (W3C)."""

    def __init__(self, port: int) -> None:
        address = f"ws://127.0.0.1:{port}/session"
        self._socket = patiently(
            # It answers programs, and no page: those say where they are from.
            lambda: websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        )
        self._number, self.errors = 0, list[str]()
        self._send("session.new", capabilities={})
        self._send("session.subscribe", events=["log.entryAdded"])
        # The window that it starts with is never in front, where Enter presses a button.
        self._tab = self._send("browsingContext.create", type="window")["context"]

    def _send(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))
        while (answer := json.loads(self._socket.recv())).get("id") != self._number:
            if answer.get("params", {}).get("level") == "error":
                self.errors.append(answer["params"]["text"])
        assert answer["type"] == "success", answer
        return answer["result"]

    def open(self, address: str) -> None:
        self._send("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def run(self, script: str) -> Any:
        answer = self._send(
            "script.evaluate",
            expression=f"JSON.stringify({script})",
            target={"context": self._tab},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer
        return json.loads(answer["result"].get("value", "null"))

    def press(self, key: str) -> None:
        strokes = [{"type": kind, "value": KEYS[key]} for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keyboard", "actions": strokes}]
        self._send("input.performActions", context=self._tab, actions=actions)

    def resize(self, width: int, height: int) -> None:
        viewport = {"width": width, "height": height}
        self._send("browsingContext.setViewport", context=self._tab, viewport=viewport)


class WebKit:
    """A window of WebKit's small browser, by WebDriver (W3C)."""

    def __init__(self, port: int, browser: str) -> None:
        self._address, self.errors = f"http://127.0.0.1:{port}", list[str]()
        options = {"binary": browser, "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        session = patiently(lambda: self._post("/session", capabilities=wanted))
        self._session = f"/session/{session['sessionId']}"

    def _post(self, path: str, **body: Any) -> Any:
        request = urllib.request.Request(
            self._address + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def open(self, address: str) -> None:
        self._post(f"{self._session}/url", url=address)

    def run(self, script: str) -> Any:
        return self._post(f"{self._session}/execute/sync", script=f"return {script}", args=[])

    def press(self, key: str) -> None:
        strokes = [{"type": kind, "value": KEYS[key]} for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keyboard", "actions": strokes}]
        self._post(f"{self._session}/actions", actions=actions)

    def resize(self, width: int, height: int) -> None:
        self._post(f"{self._session}/window/rect", width=width, height=height)


@contextmanager
def firefox() -> Iterator[Tab | None]:
    """Start Firefox, without a window; None where there is none."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        yield None
        return
    port = free_port()
    with tempfile.TemporaryDirectory() as profile:
        options = ["--headless", "--no-remote", "--profile", profile]
        with running([program, *options, f"--remote-debugging-port={port}"]):
            yield Firefox(port)


@contextmanager
def webkit() -> Iterator[Tab | None]:
    """Start WebKit's small browser, on a screen that nobody sees; None where there is none."""
    driver = shutil.which("WebKitWebDriver")
    browser = next(Path("/").glob(MINI_BROWSER.removeprefix("/")), None)
    if driver is None or browser is None or not shutil.which("xvfb-run"):
        yield None
        return
    port = free_port()
    command = ["xvfb-run", "-a", driver, f"--port={port}"]
    # Its sandbox needs more rights than a container gives.
    with running(command, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS="1"):
        yield WebKit(port, str(browser))
