"""On somebody's own cohort JupyterLab works on copies of the notebooks, which git ignores."""

import json
import os
import subprocess
from pathlib import Path

import nbformat
import pytest
from jupyter_server.services.config import ConfigManager

from reanalysis.__main__ import main
from reanalysis.core.paths import NOTEBOOKS, ROOT
from reanalysis.site import lab as module
from reanalysis.site.build import BookError

TABLE = "patient_id,follow_up_months,death\nA,12,0\nB,7,1\n"


class Server:
    """JupyterLab, as far as it is started."""

    started: list[tuple[list[str], dict[str, str]]]

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.started.append((command, env))
        self.interrupted = False

    def wait(self) -> int:
        if not self.interrupted:
            self.interrupted = True
            raise KeyboardInterrupt
        return 0


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    Server.started = []
    monkeypatch.setattr(module, "Popen", Server)
    monkeypatch.setenv("REANALYSIS_COHORT", "/somewhere/else.csv")
    return Server.started


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "notebooks").mkdir(parents=True)
    for name in ("explorer.ipynb", "09_overall_survival.ipynb"):
        (root / "notebooks" / name).write_bytes((NOTEBOOKS / name).read_bytes())
    return root


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    path = tmp_path / "our cohort.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def folder_of(command: list[str]) -> Path:
    (option,) = [word for word in command if word.startswith("--ServerApp.root_dir=")]
    return Path(option.partition("=")[2])


def test_without_a_cohort_the_notebooks_themselves_are_opened(started, project) -> None:
    assert module.lab(root=project) == 0
    (command, environment) = started[0]
    assert folder_of(command) == project / "notebooks"
    assert "REANALYSIS_COHORT" not in environment
    assert not (project / "_build").exists()
    assert "--ServerApp.ip=127.0.0.1" in command and "--LabApp.news_url=None" in command


def test_with_a_cohort_copies_without_outputs_are_opened(started, project, cohort) -> None:
    told: list[str] = []
    before = {p: p.read_bytes() for p in (project / "notebooks").iterdir()}
    assert module.lab(cohort=cohort, round_months=1, root=project, progress=told.append) == 0
    (command, environment) = started[0]
    folder = folder_of(command)
    assert folder.is_relative_to(project / "_build" / "lab")
    assert environment["REANALYSIS_COHORT"] == str(cohort)
    assert environment["REANALYSIS_ROUND_MONTHS"] == "1"
    assert str(folder) in told[0]
    assert sorted(p.name for p in folder.glob("*.ipynb")) == sorted(p.name for p in before)
    for path, content in before.items():
        assert path.read_bytes() == content
        copy, original = (nbformat.read(p, as_version=4) for p in (folder / path.name, path))
        assert [c.source for c in copy.cells] == [c.source for c in original.cells]
        assert not any(c.get("outputs") or c.get("execution_count") for c in copy.cells)


def test_what_somebody_changed_is_kept_and_the_rest_is_fresh(started, project, cohort) -> None:
    module.lab(cohort=cohort, root=project, progress=lambda _: None)
    folder = folder_of(started[0][0])
    edited, other = folder / "explorer.ipynb", folder / "09_overall_survival.ipynb"
    content = json.loads(edited.read_text(encoding="utf-8"))
    content["cells"][0]["source"] = "my own work"
    edited.write_text(json.dumps(content), encoding="utf-8")
    mine = edited.read_bytes()
    changed = json.loads((project / "notebooks" / other.name).read_text(encoding="utf-8"))
    changed["cells"][0]["source"] = "a new edition"
    (project / "notebooks" / other.name).write_text(json.dumps(changed), encoding="utf-8")
    told: list[str] = []
    module.lab(cohort=cohort, root=project, progress=told.append)
    assert edited.read_bytes() == mine
    assert "a new edition" in other.read_text(encoding="utf-8")
    assert "You have changed explorer.ipynb: kept" in told[1]
    # Where it cannot be told any more what was copied, everything is somebody's.
    (folder / ".copied.json").write_text("[", encoding="utf-8")
    other.write_text(
        other.read_text(encoding="utf-8").replace("a new edition", "mine, too"), encoding="utf-8"
    )
    module.lab(cohort=cohort, root=project, progress=told.append)
    assert edited.read_bytes() == mine and "mine, too" in other.read_text(encoding="utf-8")


def test_two_cohorts_of_one_name_do_not_share_their_copies(started, project, cohort) -> None:
    other = cohort.parent / "other" / cohort.name
    other.parent.mkdir()
    other.write_text(TABLE, encoding="utf-8")
    for path in (cohort, other):
        module.lab(cohort=path, root=project, progress=lambda _: None)
    assert folder_of(started[0][0]) != folder_of(started[-1][0])


def test_a_file_that_git_would_commit_is_not_opened(started, project) -> None:
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    path = project / "ours.csv"
    path.write_text(TABLE, encoding="utf-8")
    with pytest.raises(BookError, match="must not get into git"):
        module.lab(cohort=path, root=project)
    assert not started


def test_a_file_that_does_not_fit_is_told_before_anything_is_opened(
    started, cohort, capsys
) -> None:
    cohort.write_text(TABLE.replace("12", "twelve"), encoding="utf-8")
    assert main(["lab", "--cohort", str(cohort)]) == 1
    assert "follow_up_months is 'twelve'" in capsys.readouterr().err
    assert main(["lab", "--cohort", str(cohort.with_name("nothing.csv"))]) == 2
    assert main(["lab", "--round-months", "1"]) == 2
    assert not started


def test_what_the_copies_go_to_is_ignored_by_git() -> None:
    ignored = subprocess.run(
        ["git", "-C", str(ROOT), "check-ignore", "--quiet", "_build/lab/x/explorer.ipynb"],
        check=False,
    )
    if ignored.returncode == 128:
        pytest.skip("there is no repository")
    assert ignored.returncode == 0


def test_jupyterlab_asks_for_no_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own reading of the settings, which come before those of the machine."""
    environment = module.with_settings({"JUPYTER_CONFIG_PATH": "/theirs"})
    assert environment["JUPYTER_CONFIG_PATH"].endswith(os.pathsep + "/theirs")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", environment["JUPYTER_CONFIG_PATH"])
    overrides = ConfigManager(config_dir_name="labconfig").get("default_setting_overrides")
    (settings,) = overrides.values()
    assert settings == {"checkForUpdates": False, "fetchNews": "false"}


def test_binder_and_the_image_take_the_same_settings() -> None:
    folder = module.SETTINGS.relative_to(ROOT).as_posix()
    assert f"{folder}/labconfig" in (ROOT / "binder" / "postBuild").read_text(encoding="utf-8")
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"JUPYTER_CONFIG_PATH=/opt/book/{folder}\n" in dockerfile
