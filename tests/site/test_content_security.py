"""The policy of a page allows what the page was built with, and nothing else."""

import base64
import hashlib
from pathlib import Path

import pytest

from reanalysis.site.content_security import policy, protect, protect_site

PAGE = (
    '<html><head lang="en"><meta charset="utf-8"><script>go()</script>'
    '<script type="application/json">{"a": 1}</script><script src="x.js"></script></head>'
    '<body><button onclick="window.print()">Print</button></body></html>'
)


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_is_the_first_thing_of_the_head() -> None:
    assert protect(PAGE).startswith(
        '<html><head lang="en">\n<meta http-equiv="Content-Security-Policy"'
    )


def test_scripts_of_the_page_are_named_and_no_other_runs() -> None:
    (scripts,) = [part for part in policy(PAGE).split("; ") if part.startswith("script-src")]
    assert scripts.split()[1:] == [
        "'self'",
        "blob:",
        digest("go()"),
        "'unsafe-hashes'",
        digest("window.print()"),
    ]
    assert "'unsafe-inline'" not in scripts and "'unsafe-eval'" not in scripts


def test_a_handler_within_a_script_is_no_handler_of_the_page() -> None:
    page = "<head></head><script>a = '<b onclick=\"steal()\">'</script>"
    assert digest("steal()") not in policy(page) and "'unsafe-hashes'" not in policy(page)


@pytest.mark.parametrize(
    "directive", ["default-src 'none'", "connect-src 'self'", "base-uri 'none'"]
)
def test_no_other_site_is_asked(directive: str) -> None:
    assert directive in policy(PAGE)
    assert "http:" not in policy(PAGE) and "*" not in policy(PAGE)


def test_every_page_of_a_site_is_protected(tmp_path: Path) -> None:
    for name in ("index.html", "deep/page.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(PAGE, encoding="utf-8")
    assert protect_site(tmp_path) == 2
    assert all(
        "Content-Security-Policy" in p.read_text(encoding="utf-8") for p in tmp_path.rglob("*.html")
    )
