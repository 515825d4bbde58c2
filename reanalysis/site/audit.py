"""Does a built site give away a patient? Every file of it is read and compared with the cohort.

Every text that can be read out of a file (see ``reanalysis.site.decode``) is searched for

- an id of the file, however it is disguised (see ``reanalysis.site.recognition``);
- a free text: a cell that is no level, with at least six characters, in fewer rows than five;
- a row: three or more exact values of one patient in one piece of the site, or an exact value and
  four levels (see ``reanalysis.site.rows`` and ``reanalysis.site.contents``).

Then the site is attacked: what can be computed from it about single patients counts as shown (see
``reanalysis.site.attacks``).

A file that an installed package brings, byte for byte, is passed over, and what the book says in
any case, in its sources, its register of published numbers and the mapping file, is nobody's secret
(see ``reanalysis.site.shipped``).
"""

import html
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pandas as pd

from reanalysis.cohort.loading import load_cohort
from reanalysis.cohort.mapping_file import load_mapping
from reanalysis.cohort.policy import policy_for
from reanalysis.cohort.reading import read_planned
from reanalysis.core.disclosure import Policy
from reanalysis.site import shipped
from reanalysis.site.attacks import leaks
from reanalysis.site.contents import List, Piece, Words, pieces, together
from reanalysis.site.copies import in_copies
from reanalysis.site.decode import Text, Unreadable, texts
from reanalysis.site.exhibits import exhibits
from reanalysis.site.normal import Place
from reanalysis.site.recognition import is_id, is_text
from reanalysis.site.rows import printed, rows
from reanalysis.site.secrets import Said, Secrets, secrets

MARK = "NOT-FIT-TO-PUBLISH.txt"
_SHOWN_FINDINGS = 20
_SHORTEST_COLUMN = 5
_ID, _HASH, _TEXT, _ROW, _UNREAD = "the id", "a hash of the id", "a free text", "values", "unread"
FOLLOWS = "what follows"
_MENDING = {
    _ID: "An id: give the patients other ids in a copy of the file, such as 1, 2, 3, and build "
    "again; or take it off the page.",
    _HASH: "A hash of an id leads back to the patient: take it off the page.",
    _TEXT: "A free text: delete the column from a copy of the file, or the text from the page.",
    _ROW: "Values of one patient: take that row off the page, or show it as a summary; "
    "--round-months makes times coarser.",
    FOLLOWS: "What follows about single patients: this is a fault of the book, not of your file. "
    "Leave out the column, or tell the authors.",
    _UNREAD: "A file that cannot be read: take it out of the site.",
}


@dataclass(frozen=True, order=True)
class Finding:
    """Something in a site that gives a patient away.

    Attributes
    ----------
    file
        Where it stands, relative to the site.
    row
        Row of the cohort file, as a spreadsheet counts it; 0 for a file that cannot be read.
    what
        What it is; never the value itself.
    columns
        The columns of the cohort file that it comes from, as the file names them.
    how
        Where in the file it stands, or what it is packed in.
    title
        The title of the page.
    """

    file: str
    row: int
    what: str
    columns: tuple[str, ...] = ()
    how: str = ""
    title: str = ""

    def __str__(self) -> str:
        page = f"{self.file} ({self.title})" if self.title else self.file
        if not self.row:
            return f"{page}: {self.how}"
        of = f" of {', '.join(self.columns)}" if self.columns else ""
        where = f", {self.how}" if self.how else ""
        return f"{page}: row {self.row}, {self.what}{of}{where}"


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    findings
        Everything that gives a patient away, by file.
    files
        How many files were read.
    notes
        What could not be looked for, and why.
    shipped
        How many of the files come from packages and say nothing.
    """

    findings: tuple[Finding, ...]
    files: int
    notes: tuple[str, ...] = ()
    shipped: int = 0

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def __str__(self) -> str:
        of_them = f", {self.shipped} of them brought by packages" if self.shipped else ""
        lines = [f"Read {self.files} files of the site{of_them}."]
        lines += self.notes
        if self.passed:
            lines.append("No id, no free text and no row's combination of values was found.")
            lines.append("No attack on the numbers, the pictures and the widgets succeeded.")
            return "\n".join(lines)
        lines.append(f"The site gives patients away in {len(self.findings)} places:")
        lines += [f"  {finding}" for finding in self.findings[:_SHOWN_FINDINGS]]
        if (more := len(self.findings) - _SHOWN_FINDINGS) > 0:
            lines.append(f"  and {more} more")
        kinds = Counter(finding.what for finding in self.findings)
        lines += [f"{how}" for kind, how in _MENDING.items() if kinds[kind]]
        return "\n".join(lines)


@dataclass(frozen=True)
class Known:
    """What is known of a cohort, and must not stand in a site.

    Attributes
    ----------
    secrets
        What is looked for.
    cohort
        The cohort as the site shows it.
    policy
        What may be shown of it.
    """

    secrets: Secrets
    cohort: pd.DataFrame
    policy: Policy


def audit(
    site: Path, cohort: Path, mapping: Path | None = None, *, round_months: float = 0.0
) -> Audit:
    """Read every file of a site and compare it with the cohort that it was built from.

    Parameters
    ----------
    site
        Folder of the built site.
    cohort, mapping
        Files of the cohort.
    round_months
        To how many months the times were rounded for the site; 0 for not at all. The exact times
        are looked for as well.

    Returns
    -------
    Audit
        What was found.

    Raises
    ------
    InvalidCohort
        If the cohort does not fit the data dictionary.
    FileNotFoundError
        If there is no such site or file.
    """
    return compare(site, what_is_known(cohort, mapping, round_months=round_months))


def what_is_known(cohort: Path, mapping: Path | None = None, *, round_months: float = 0.0) -> Known:
    """List what must not stand in a site; that takes its time, and needs no site yet.

    Parameters
    ----------
    cohort, mapping, round_months
        As for ``audit``.

    Returns
    -------
    Known
        What ``compare`` looks for.

    Raises
    ------
    InvalidCohort
        If the cohort does not fit the data dictionary.
    FileNotFoundError
        If there is no such file.
    """
    plan = load_mapping(mapping) if mapping else None
    raw = read_planned(cohort, plan).table
    typed = [load_cohort(cohort, mapping)]
    if round_months:
        typed.append(load_cohort(cohort, mapping, round_months=round_months))
    own = mapping.read_text(encoding="utf-8-sig") if mapping else ""
    styles = shipped.templates() + shipped.styles()
    said = Said(f"{shipped.sources()}\n{own}", shipped.words(), shipped.rows(), styles)
    return Known(secrets(raw, typed, plan, said), typed[-1], policy_for(cohort))


def compare(site: Path, known: Known) -> Audit:
    """Read every file of a site and compare it with what must not stand in it.

    Raises
    ------
    FileNotFoundError
        If there is no such site.
    """
    files = sorted(path for path in site.rglob("*") if path.is_file() and path.name != MARK)
    if not files:
        raise FileNotFoundError(f"there is no site in {site}")
    read = in_copies(lambda part: _read(site, part, known.secrets), _parts(files))
    findings = {finding for found, _ in read for finding in found}
    if known.policy.hides:
        findings |= {
            Finding(claim.page, 0, FOLLOWS, (), f"whoever computes finds {claim.what}")
            for claim in leaks(exhibits(site), known.cohort, known.policy)
        }
    brought = sum(of_packages for _, of_packages in read)
    return Audit(tuple(_shortest(findings)), len(files), known.secrets.notes, brought)


def _parts(files: Sequence[Path]) -> list[list[Path]]:
    """Divide files among processors, about the same work for each.

    A page and the notebook that it was made of stay together: they share most of their texts.
    """
    groups: dict[str, list[Path]] = {}
    for path in files:
        groups.setdefault(path.stem, []).append(path)
    sizes = {stem: sum(path.stat().st_size for path in group) for stem, group in groups.items()}
    parts: list[list[Path]] = [[] for _ in range(os.cpu_count() or 1)]
    loads = [0] * len(parts)
    for stem in sorted(groups, key=lambda stem: (-sizes[stem], stem)):
        least = loads.index(min(loads))
        parts[least] += groups[stem]
        loads[least] += sizes[stem]
    return [part for part in parts if part]


def _read(site: Path, files: Iterable[Path], hidden: Secrets) -> tuple[set[Finding], int]:
    """Read files of a site; gives what was found, and how many of them packages bring."""
    findings: set[Finding] = set()
    innocent: set[int] = set()
    brought = 0
    for path in files:
        name = path.relative_to(site).as_posix()
        findings |= {
            Finding(name, f.row, f.what, f.columns, "in the name of the file")
            for f in search(name_of(name).encode(), hidden)
        }
        content = path.read_bytes()
        if shipped.is_shipped(content):
            brought += 1
            continue
        title = _title(content) if path.suffix == ".html" else ""
        try:
            found = list(search(content, hidden, innocent))
        except Unreadable as error:
            findings.add(Finding(name, 0, _UNREAD, (), str(error), title))
            continue
        findings |= {Finding(name, f.row, f.what, f.columns, f.how, title) for f in found}
    return findings, brought


def name_of(path: str) -> str:
    """Return the path of a file as the text that it is read as."""
    return unquote(path) if "%" in path else path


def search(content: bytes, hidden: Secrets, innocent: set[int] | None = None) -> Iterator[Finding]:
    """Look for secrets in the content of a file.

    Parameters
    ----------
    content
        Its bytes.
    hidden
        What must not stand in it.
    innocent
        Texts that gave nothing away in another file; those of this one are added if it gives
        nothing away at all. Pages and notebooks share most of what is large in them.

    Yields
    ------
    Finding
        What was found; without the name of the file.

    Raises
    ------
    Unreadable
        If it cannot be unpacked.
    """
    seen: set[int] = set()
    guilty, holding = False, 0
    lists: list[List] = []
    for text in texts(content, passed=innocent, seen=seen):
        of_text: list[List] = []
        found = [*_words(text, hidden), *_rows(text, hidden, of_text)]
        guilty = guilty or bool(found)
        yield from found
        lists += of_text
        holding += bool(of_text)
    lists = [entry for entry in lists if _is_column(entry[1])]
    if holding > 1:
        # The columns of one table may stand in several scripts or attributes.
        apart = list(_of_pieces(together(lists, hidden.is_name), "in several lists", hidden))
        guilty = guilty or bool(apart)
        yield from apart
    if innocent is not None and not guilty:
        innocent |= seen


def _words(text: Text, hidden: Secrets) -> Iterator[Finding]:
    """Look for ids and free texts."""
    for place in hidden.finder.find(text.fresh):
        for form in hidden.forms[place.what]:
            match form.kind:
                case "id":
                    fits = place.surface not in hidden.spellings and is_id(
                        place,
                        form.own,
                        noise=text.noise,
                        words=hidden.said.words,
                        among=len(hidden.rows),
                    )
                    what = _ID
                case _:
                    fits, what = not text.noise and is_text(place, form.own), _TEXT
            if fits:
                yield Finding("", form.row, what, (form.column,), _where(text, place))
    for row, place in hidden.digests.find(text.fresh):
        yield Finding("", row, _HASH, (hidden.shown["patient_id"],), _where(text, place))


def _rows(text: Text, hidden: Secrets, lists: list[List]) -> Iterator[Finding]:
    if not text.noise:
        yield from _of_pieces(pieces(text, hidden.is_name, lists), _said(text.how), hidden)


def _of_pieces(found: Iterable[Piece], how: str, hidden: Secrets) -> Iterator[Finding]:
    """Look for the values of a row, and for short ids under the name of their column."""
    for piece in found:
        # Pages share much, and most of it is on them more than once.
        key = (isinstance(piece, Words), piece)
        if key in hidden.passed:
            continue
        innocent = True
        for row, columns in rows(piece, hidden):
            shown = tuple(dict.fromkeys(hidden.shown.get(c, c) for c in columns))
            innocent = False
            yield Finding("", hidden.rows[row], _ROW, shown, how)
        for cell in piece:
            row_of_id = hidden.ids.get(cell.value.lower()) if cell.label else None
            if row_of_id and "patient_id" in hidden.columns(cell.label):
                columns = (hidden.shown["patient_id"],)
                innocent = False
                yield Finding("", row_of_id, _ID, columns, how)
        if innocent:
            hidden.passed.add(key)


def _is_column(values: list[str]) -> bool:
    """Whether a list may be a column of a table: arguments and lists of words are none."""
    known = [value for value in values if value not in ("", "null", "None", "nan", "NaN")]
    return len(values) >= _SHORTEST_COLUMN and all(any(printed(value)) for value in known)


def _said(how: tuple[str, ...]) -> str:
    return f"in {' in '.join(reversed(how))}" if how else ""


def _where(text: Text, place: Place) -> str:
    """Say in which part of a page something stands, or what it is packed in."""
    if text.how:
        return _said(text.how)
    if text.kind != "markup":
        return ""
    before = place.text[: place.start][-20_000:]
    if before.rfind("<!--") > before.rfind("-->"):
        return "in a comment"
    if before.rfind("<script") > before.rfind("</script"):
        return "in a script"
    return "in an attribute" if before.rfind("<") > before.rfind(">") else ""


def _title(content: bytes) -> str:
    text = content[:20_000].decode("utf-8", errors="replace")
    match = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
    title = " ".join(html.unescape(match[1]).split()) if match else ""
    return re.split(r" [—–|-] ", title)[0][:60]


def _shortest(findings: set[Finding]) -> list[Finding]:
    """Keep of the findings of one thing in one file the one that says most plainly where."""
    best: dict[tuple[str, int, str], Finding] = {}
    for finding in sorted(findings, key=lambda f: (len(f.how), -len(f.columns), f)):
        best.setdefault((finding.file, finding.row, finding.what), finding)
    return sorted(best.values())


def mark(site: Path, result: Audit) -> None:
    """Mark a site as not fit to publish, on every page and in a file; nothing is deleted.

    Parameters
    ----------
    site
        Folder of the built site.
    result
        The audit that failed.
    """
    (site / MARK).write_text(
        "This site is not fit to publish: it gives patients away.\n\n" + str(result) + "\n",
        encoding="utf-8",
    )
    banner = (
        '<div role="alert" style="position:sticky;top:0;z-index:9999;padding:.75rem 1rem;'
        'background:#8b0000;color:#fff;font-weight:bold;text-align:center">'
        f"Not fit to publish: this site gives patients away. See {html.escape(MARK)}.</div>"
    )
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        marked = re.sub(r"(<body[^>]*>)", lambda m: m[1] + banner, text, count=1)
        page.write_text(marked if marked != text else banner + text, encoding="utf-8")
