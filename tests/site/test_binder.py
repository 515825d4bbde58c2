"""What Binder and a container install. What runs there: tests/browser/test_binder_lab.py."""

import re
import tomllib

from reanalysis.core.paths import ROOT


def test_what_binder_installs_says_nothing_of_the_project() -> None:
    """Only then are the packages a layer that a change of text leaves alone."""
    lock = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8")
    pins = [line.split(" ")[0] for line in lock.splitlines() if line[:1].isalnum()]
    assert len(pins) > 20 and all("==" in pin for pin in pins) and "-r " not in lock
    # These come with Binder, or only the site needs them.
    names = {pin.split("==")[0] for pin in pins}
    assert not names & {"jupyterlab", "jupyter-book", "sphinx", "notebook"}


def test_all_locks_agree() -> None:
    def pinned(path: str) -> dict[str, str]:
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        pins = (line.split(" ")[0] for line in lines if line[:1].isalnum())
        return dict(pin.split("==", 1) for pin in pins)

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.match(r"[\w-]+", line)[0] for line in project["dependencies"]}  # type: ignore[index]
    whole = pinned("requirements.txt")
    for path in ("binder", "docker"):
        ours = pinned(f"{path}/requirements.txt")
        assert needed - ours.keys() == set(), path
        assert {n: v for n, v in ours.items() if whole.get(n, v) != v} == {}, path
    for path in ("requirements-dev.txt", "requirements-formats.txt"):
        assert pinned(path).items() >= whole.items(), path
