"""A cohort file that git would commit is refused."""

import json
import os
import subprocess
from pathlib import Path, PureWindowsPath

import pytest

from reanalysis.__main__ import main
from reanalysis.cohort.committable import _move, refusal, warning
from reanalysis.core import paths
from reanalysis.site import build as book

TABLE = "patient_id,follow_up_months,death\nA,12,0\n"


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    private = root / "data" / "private"
    private.mkdir(parents=True)
    for name in (".gitignore", "README.md"):
        (private / name).write_bytes((paths.DATA / "private" / name).read_bytes())
    git(tmp_path, "init", "--quiet", str(root))
    return root


def write(path: Path) -> Path:
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_the_private_folder_is_ignored_and_kept(repository: Path) -> None:
    assert refusal(write(repository / "data" / "private" / "ours.csv"), repository) is None
    git(repository, "add", "--all")
    listed = subprocess.run(
        ["git", "-C", str(repository), "ls-files"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert listed.stdout.split() == ["data/private/.gitignore", "data/private/README.md"]


def test_a_file_that_the_next_commit_could_take_is_refused(repository: Path) -> None:
    why = refusal(write(repository / "our cohort.csv"), repository)
    assert why is not None
    assert "lies in the repository" in why
    mv, end = ("move", "") if os.name == "nt" else ("mv", "/")
    assert f'{mv} "{repository / "our cohort.csv"}" "{repository / "data" / "private"}{end}"' in why


def test_a_file_that_was_added_by_force_is_refused(repository: Path) -> None:
    path = write(repository / "data" / "private" / "ours.csv")
    git(repository, "add", "--force", str(path))
    why = refusal(path, repository)
    assert why is not None
    assert "already in the repository" in why and "git rm --cached" in why


def test_a_link_counts_as_what_it_leads_to(repository: Path, tmp_path: Path) -> None:
    inside = write(repository / "ours.csv")
    try:
        (tmp_path / "outside.csv").symlink_to(inside)
    except OSError:
        pytest.skip("only an administrator may make a link")  # on Windows
    assert refusal(tmp_path / "outside.csv", repository) is not None
    (repository / "link.csv").symlink_to(write(tmp_path / "elsewhere.csv"))
    assert refusal(repository / "link.csv", repository) is None


def test_the_project_of_a_hook_is_not_mistaken(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "another" / ".git"))
    assert refusal(write(repository / "ours.csv"), repository) is not None


def test_without_git_or_a_repository_nothing_is_refused(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert refusal(write(plain / "ours.csv"), plain) is None
    assert refusal(write(tmp_path / "ours.csv"), repository) is None
    monkeypatch.setenv("PATH", "")
    assert refusal(write(repository / "ours.csv"), repository) is None


def test_the_synthetic_cohort_may_be_committed() -> None:
    assert refusal(paths.SYNTHETIC_COHORT) is None


@pytest.mark.skipif(os.name == "nt", reason="no name has a quotation mark or a star in it")
def test_no_name_makes_a_command_of_the_advice(repository: Path) -> None:
    path = write(repository / 'x";touch pwned;".csv')
    why = refusal(path, repository)
    assert why is not None
    line = next(line for line in why.splitlines() if line.startswith("    mv "))
    (repository / "data" / "private").mkdir(exist_ok=True, parents=True)
    subprocess.run(["sh", "-c", line], cwd=repository, check=True)
    assert not (repository / "pwned").exists() and not path.exists()
    for name in ("[ab].csv", "*.csv", ":(top)x.csv"):
        assert refusal(write(repository / name), repository) is not None
        (repository / name).unlink()


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("our cohort.csv", '"C:\\our cohort.csv"'),
        ("$(calc)'s.csv", r"'C:\$(calc)''s.csv'"),
        ("%PATH%.csv", r"'C:\%PATH%.csv'"),
    ],
)
def test_the_advice_for_windows(name: str, quoted: str) -> None:
    path = PureWindowsPath("C:/") / name
    assert _move(path, PureWindowsPath("C:/a"), windows=True) == f'move {quoted} "C:\\a"'


def test_check_warns_of_a_file_in_any_repository_and_says_whether_it_fits(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    path = write(repository / "ours.csv")
    assert main(["check", str(path)]) == 0
    told = capsys.readouterr().out
    assert told.startswith("git would commit this file:\n")
    assert "lies in the repository, and the next commit could take it along" in told
    assert told.count("ours.csv fits: 1 patient, 3 columns.") == 1
    assert main(["check", str(path), "--json"]) == 0
    assert "the repository" in json.loads(capsys.readouterr().out)["git_would_commit_it"]
    git(repository, "add", str(path))
    assert "already in the repository" in (warning(path) or "")
    assert warning(write(tmp_path / "outside.csv")) is None
    assert warning(write(repository / "data" / "private" / "ours.csv")) is None
    assert main(["check", str(tmp_path / "outside.csv")]) == 0
    assert "git" not in capsys.readouterr().out


def test_check_warns_of_a_file_that_does_not_fit(repository: Path, capsys) -> None:
    (repository / "ours.csv").write_text("patient_id\n", encoding="utf-8")
    assert main(["check", str(repository / "ours.csv")]) == 1
    assert "the next commit could take it along" in capsys.readouterr().out


def test_the_book_is_not_built_from_such_a_file(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(repository / "ours.csv")
    with pytest.raises(book.BookError, match="must not get into git"):
        book.build(cohort=path, root=repository, destination=repository)
