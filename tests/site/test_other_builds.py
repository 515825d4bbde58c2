"""The site by Sphinx alone, dead links, a release's files, and what is not deployed."""

import functools
import hashlib
import json
import runpy
import shutil
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from reanalysis.core.paths import ROOT
from reanalysis.site import build as book
from reanalysis.site import extension, links, plain, release

CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
WHOLE_SITE = runpy.run_path(str(ROOT / ".ci" / "whole_site.py"))


# --- plain Sphinx -----------------------------------------------------------------------------


def test_sphinx_alone_is_told_all_that_the_configuration_says() -> None:
    settings = plain.sphinx_configuration(CONFIG)
    inner = CONFIG["sphinx"]["config"]
    changed = {"extensions", "html_theme_options"}
    assert {k: v for k, v in settings.items() if k in inner.keys() - changed} == {
        k: v for k, v in inner.items() if k not in changed
    }
    assert set(inner["extensions"]) - set(settings["extensions"]) == set(plain.LEFT_OUT)
    assert settings["html_theme_options"].items() >= inner["html_theme_options"].items()
    json.dumps(settings)  # stands in conf.py as JSON


def test_no_entry_of_the_configuration_is_forgotten() -> None:
    # A new section of _config.yml has to be said to Sphinx, too.
    assert set(CONFIG) == {
        *("title", "author", "copyright", "logo", "only_build_toc_files"),
        *("execute", "parse", "repository", "html", "latex", "sphinx"),
    }
    known = {"favicon", "home_page_in_navbar", "use_multitoc_numbering", "baseurl"}
    assert set(CONFIG["html"]) <= known


# --- links ------------------------------------------------------------------------------------


def test_dead_links_are_named_with_their_places(tmp_path: Path) -> None:
    folder = tmp_path / "_build" / "html"
    folder.mkdir(parents=True)
    found = [
        {"filename": "a.md", "lineno": 3, "uri": "u:1", "status": "working", "info": ""},
        {"filename": "b.md", "lineno": 7, "uri": "u:2", "status": "broken", "info": "404"},
    ]
    (folder / "output.json").write_text("\n".join(map(json.dumps, found)), encoding="utf-8")
    assert links.broken(tmp_path) == ["b.md:7: u:2 (404)"]


@pytest.mark.slow  # the one above is its shorter sibling
def test_the_builder_finds_a_page_that_is_gone(tmp_path: Path) -> None:
    root, others = tmp_path / "project", tmp_path / "others"
    for folder in (root / "book", others):
        folder.mkdir(parents=True)
    shutil.copytree(ROOT / "book" / "_assets", root / "book" / "_assets")
    shutil.copytree(ROOT / "book" / "_templates", root / "book" / "_templates")
    (root / "_config.yml").write_text(
        (ROOT / "_config.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (root / "_toc.yml").write_text("format: jb-book\nroot: book/page\n", encoding="utf-8")
    (others / "there.html").write_text("<p>there</p>", encoding="utf-8")
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(others))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        page = root / "book" / "page.md"
        page.write_text(f"# Page\n\n[one]({address}/there.html)\n", encoding="utf-8")
        links.check_links(root)
        page.write_text(f"# Page\n\n[one]({address}/gone.html)\n", encoding="utf-8")
        with pytest.raises(book.BookError, match=r"^book/page\.md:3: \S+/gone\.html \(404 .*\)$"):
            links.check_links(root)
        server.shutdown()


# --- release ----------------------------------------------------------------------------------


def test_the_same_site_gives_the_same_zip_file(tmp_path: Path) -> None:
    site = tmp_path / "html"
    (site / "book").mkdir(parents=True)
    (site / "index.html").write_text("<p>one</p>", encoding="utf-8")
    (site / "book" / "page.html").write_text("<p>two</p>", encoding="utf-8")
    digests = []
    for name in ("first", "second"):
        target = tmp_path / name / "site.zip"
        target.parent.mkdir()
        release.zip_folder(site, target)
        digests.append(hashlib.sha256(target.read_bytes()).hexdigest())
        site.joinpath("index.html").touch()
    assert digests[0] == digests[1]
    with zipfile.ZipFile(tmp_path / "first" / "site.zip") as archive:
        assert archive.namelist() == ["site/book/page.html", "site/index.html"]
        assert archive.testzip() is None


def test_checksums_are_those_that_a_reader_checks(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"x")
    expected = hashlib.sha256(b"x").hexdigest()
    assert release.checksums(tmp_path) == f"{expected}  a.pdf\n"


# --- a whole site -----------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in [*(page.with_suffix(".html") for page in book.pages()), *WHOLE_SITE["BESIDE"]]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("<html></html>\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("harm", ["gone", "empty", "cut short"])
def test_a_site_that_lacks_a_page_is_not_deployed(site: Path, harm: str) -> None:
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert WHOLE_SITE["missing"](site, toc) == []
    page = site / "notebooks" / "scorecard.html"
    if harm == "gone":
        page.unlink()
    else:
        page.write_text("" if harm == "empty" else "<html><p>The first half", encoding="utf-8")
    assert WHOLE_SITE["missing"](site, toc) == ["notebooks/scorecard.html"]


# --- launch buttons ---------------------------------------------------------------------------


class Config(dict[str, Any]):
    """Sphinx' configuration, as far as a launch button asks it."""

    root_doc = "index"


@pytest.mark.parametrize(("page", "path"), [("book/a", "notebooks/b.ipynb"), ("notebooks/b", None)])
def test_a_page_of_prose_launches_the_first_notebook(page: str, path: str | None) -> None:
    files = {"index": "index.md", "book/a": "book/a.md", "notebooks/b": "notebooks/b.ipynb"}
    launch = {"binderhub_url": "https://hub.example", "notebook_interface": "jupyterlab"}
    config = Config(html_theme_options={"launch_buttons": launch, "repository_branch": "main"})
    environment = SimpleNamespace(
        toctree_includes={"index": ["book/a", "notebooks/b"]},
        doc2path=files.get,
        metadata={name: {} for name in files},
    )
    app = SimpleNamespace(env=environment, config=config)
    repository = {"url": "https://github.com", "user": "centre", "repo": "book"}
    context = {"pagename": page, "header_buttons": []}
    context |= {f"github_{key}": value for key, value in repository.items()}
    extension.launch_first_notebook(app, page, "page.html", context)
    groups = context["header_buttons"]
    addresses = [button["url"] for group in groups for button in group["buttons"]]
    expected = f"https://hub.example/v2/gh/centre/book/main?urlpath=lab/tree/{path}"
    assert addresses == ([expected] if path else [])
