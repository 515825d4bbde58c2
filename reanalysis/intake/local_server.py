"""The conversation in a browser: a server on this computer alone, for one person and some files.

Its address holds a secret, so that no other page and no other user can guess it. It answers under
the names of this computer only, and takes nothing that another page sends: a name that is bound
anew to 127.0.0.1, or a form on a stranger's page, gets nowhere. What is sent is held in memory and
never logged. The pages have no script, and a browser is told to load nothing for them.
"""

import functools
import html
import io
import re
import secrets
import sys
import threading
import traceback
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from reanalysis.cohort.reading import MAX_FILE_BYTES
from reanalysis.core.dictionary import load_dictionary
from reanalysis.core.errors import InvalidCohort
from reanalysis.intake.asking import LEAVE, NUMBERED, as_toml
from reanalysis.intake.check import Report
from reanalysis.intake.conversation import Conversation, Mend, laid_down
from reanalysis.intake.deidentified import write_copy
from reanalysis.intake.local_page import (
    STYLE_HASH,
    document,
    key_of,
    several_page,
    start_page,
    talk_page,
)
from reanalysis.intake.report_page import as_html, as_page
from reanalysis.intake.several import Several

HOST = "127.0.0.1"
# Runs the build on a file and its mapping, if it needs one, and yields its lines; the last is
# whether it went well.
Builder = Callable[[Path, Path | None], Iterator[str | bool]]

_MAX_FORM = 2 * 2**20
_MOST_FIELDS = 10_000
_AROUND = 64 * 2**10  # what stands around the file in a request that sends one
_SECONDS = 120
_LONGEST_NAME = 100
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class Refused(Exception):
    """A request that is not answered; why is said to whoever sent it."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class LocalServer(ThreadingHTTPServer):
    """Serves the conversations about the files of one sitting.

    Parameters
    ----------
    port
        Of this computer; 0 for any that is free.
    build
        Builds the book.
    site
        The folder of the built book.
    """

    daemon_threads = True

    def __init__(self, port: int, build: Builder, site: Path) -> None:
        self.token = secrets.token_urlsafe(24)
        self.build, self.site = build, site
        self.several = Several()
        self.refusal: tuple[str, ...] = ()
        self.sheet = ""
        self.lock = threading.RLock()
        self.building = threading.Lock()
        self._book: ThreadingHTTPServer | None = None
        super().__init__((HOST, port), _Handler)

    @property
    def address(self) -> str:
        """Where its first page is."""
        return f"http://{HOST}:{self.server_port}/{self.token}/"

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be called in a request."""
        return tuple(f"{name}:{self.server_port}" for name in (HOST, "localhost"))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that broke off."""

    def book_address(self) -> str:
        """Serve the built book beside this, from an address of its own, and say where."""
        if self._book is None:
            handler = functools.partial(_Book, directory=str(self.site))
            self._book = ThreadingHTTPServer((HOST, 0), handler)
            self._book.daemon_threads = True
            threading.Thread(target=self._book.serve_forever, daemon=True).start()
        return f"http://{HOST}:{self._book.server_port}/index.html"

    def server_close(self) -> None:
        """End, with the book that is served."""
        if self._book is not None:
            self._book.shutdown()
            self._book.server_close()
        super().server_close()


class _Book(SimpleHTTPRequestHandler):
    """Serves the built book under the names of this computer only."""

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing down."""

    def send_head(self) -> Any:
        """Answer, if it is this computer that is asked."""
        name = self.headers.get("Host", "").rpartition(":")[0]
        if name not in (HOST, "localhost"):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return None
        return super().send_head()


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: LocalServer
    timeout = _SECONDS
    server_version, sys_version = "reanalysis", ""

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing down: an address holds the secret."""

    def do_GET(self) -> None:
        """Show a page, or give a file to save."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """Take what was said."""
        self._answer(self._post)

    def _answer(self, how: Callable[[str], None]) -> None:
        try:
            how(self._place())
        except Refused as refusal:
            self._send_page(
                document(
                    "Not answered",
                    [f"<main><h1>Not answered</h1><p>{html.escape(str(refusal))}</p></main>"],
                ),
                refusal.status,
            )
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except Exception as error:
            # Where it happened and not what it says: that may be a cell of the file.
            at = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__} in {Path(at.filename).name}, line {at.lineno}"
            print(f"A mistake of this program: {where}.", file=sys.stderr)
            said = (
                f"That is a mistake of this program ({where}). Your file and your answers are "
                "still here: go back. Please tell those who keep the book."
            )
            page = document("A mistake", [f"<main><h1>A mistake</h1><p>{said}</p></main>"])
            self._send_page(page, HTTPStatus.INTERNAL_SERVER_ERROR)

    def _place(self) -> str:
        """Say what is asked for, if the right page of this computer asks."""
        name = self.headers.get("Host", "")
        if name not in self.server.names:
            raise Refused(
                HTTPStatus.MISDIRECTED_REQUEST, "This program answers this computer only."
            )
        origin = self.headers.get("Origin")
        from_here = origin is None or origin in {f"http://{n}" for n in self.server.names}
        if not from_here or self.headers.get("Sec-Fetch-Site", "none") not in (
            "none",
            "same-origin",
        ):
            raise Refused(HTTPStatus.FORBIDDEN, "Another page asked for this; it is not answered.")
        _, token, *rest = urlsplit(self.path).path.split("/")
        if not secrets.compare_digest(token.encode(), self.server.token.encode()) or not rest:
            raise Refused(
                HTTPStatus.NOT_FOUND,
                "Nothing is here. The address that `make intake` has printed holds a secret that "
                "is new each time; copy the whole of it.",
            )
        return "/".join(rest)

    # --- what is shown ----------------------------------------------------------------------------

    def _get(self, place: str) -> None:
        with self.server.lock:
            if place == "":
                self._send_page(self._page())
                return
            if place == "pooled.zip":
                self._send_file(_pooled(self.server.several), "all centres.zip", "application/zip")
                return
            if place not in ("mapping.toml", "report.html", "copy.zip"):
                raise Refused(HTTPStatus.NOT_FOUND, "There is no such page.")
            talk = self._talk(self._asked_for())
            plan = talk.standing().plan
            stem = Path(talk.name).stem
            if place == "mapping.toml":
                self._send_file(as_toml(plan).encode(), f"{stem}.toml", "application/toml")
            elif place == "report.html":
                page = as_page(talk.report(plan)).encode()
                self._send_file(page, f"{stem} report.html", "text/html; charset=utf-8")
            else:
                self._send_file(_copy(talk, as_toml(plan)), f"{stem} copy.zip", "application/zip")

    def _asked_for(self) -> str:
        """Give the key of the file that an address names; empty where it names none."""
        return parse_qs(urlsplit(self.path).query).get("of", [""])[-1]

    def _talk(self, key: str) -> Conversation:
        """Give the conversation that is meant: by its key, or the only one."""
        talks = self.server.several.talks
        if not talks:
            raise Refused(HTTPStatus.CONFLICT, "There is no file yet: go back and choose one.")
        if key in talks:
            return talks[key]
        if not key and len(talks) == 1:
            return next(iter(talks.values()))
        raise Refused(
            HTTPStatus.CONFLICT,
            "That page is about a file that is not here any more: begin anew at the first page.",
        )

    def _page(self) -> str:
        server = self.server
        refusal, server.refusal = server.refusal, ()
        several, key = server.several, self._asked_for()
        if not several.talks:
            return start_page(refusal, server.sheet)
        if len(several.talks) > 1 and key not in several.talks:
            return several_page(several, refusal)
        talk = self._talk(key if key in several.talks else "")
        standing = talk.standing()
        report: Report | None = None
        if not standing.open:
            report = talk.report(standing.plan)
        obstacles = talk.obstacles(report, standing.plan) if report else ()
        key, others = _key_in(several, talk), len(several.talks) > 1
        return talk_page(talk, standing, report, obstacles, refusal, key, others=others)

    # --- what is said -----------------------------------------------------------------------------

    def _post(self, place: str) -> None:
        if self.headers.get("Origin") is None and "Sec-Fetch-Site" in self.headers:
            raise Refused(HTTPStatus.FORBIDDEN, "It is not said which page sends this.")
        if place == "file":
            self._take_files()
            return
        fields = self._form()
        if place == "stop":
            end = "<main><h1>Closed</h1><p>The files and your answers are forgotten.</p></main>"
            self._send_page(document("Closed", [end]))
            threading.Thread(target=self.server.shutdown, daemon=True).start()
            return
        several = self.server.several
        if place == "build-all":
            with self.server.lock:
                laid = several.pooled() if len(several.talks) > 1 and several.fits() else None
            if laid is None:
                raise Refused(HTTPStatus.CONFLICT, "A file does not fit yet: go back to the files.")
            self._build(laid, mapped=False)
            return
        with self.server.lock:
            talk = self._talk(fields.get("of", ""))
            take = {"answers": _answers, "sources": _sources, "mend": _mend, "back": _back}
            if place in take:
                take[place](talk, fields)
            elif place == "again" and fields.get("column") in load_dictionary().columns:
                talk.ask_again(fields["column"])
            elif place == "leave":
                del several.talks[_key_in(several, talk)]
                self._go_on("")
                return
            elif place != "build":
                raise Refused(HTTPStatus.NOT_FOUND, "There is no such page.")
            standing = talk.standing()
        if place == "build":
            if standing.open:
                raise Refused(HTTPStatus.CONFLICT, "Questions are open still: go back to them.")
            self._build(laid_down(talk.name, talk.raw, as_toml(standing.plan)))
            return
        self._go_on("questions" if standing.open else "verdict", _key_in(several, talk))

    def _body(self, most: int) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "It is not said how much is sent.")
        if int(length) > most:
            self.close_connection = True
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"That is {int(length) / 2**20:,.0f} MB; expected a cohort, at most "
                f"{most // 2**20} MB. Go back and choose another file.",
            )
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise Refused(HTTPStatus.BAD_REQUEST, "Less came than was said; send it again.")
        return body

    def _form(self) -> dict[str, str]:
        body = self._body(_MAX_FORM).decode("utf-8", "replace")
        try:
            fields = parse_qs(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError as error:
            raise Refused(HTTPStatus.BAD_REQUEST, "That is no form of this page.") from error
        return {name: values[-1] for name, values in fields.items()}

    def _take_files(self) -> None:
        sent = _parts(self.headers.get("Content-Type", ""), self._body(MAX_FILE_BYTES + _AROUND))
        files = [(_safe(name), raw) for field, name, raw in sent if field == "file" and name]
        said = {field: raw.decode("utf-8", "replace") for field, name, raw in sent if not name}
        sheet = said.get("sheet", "").strip()[:_LONGEST_NAME]
        server = self.server
        with server.lock:
            server.sheet = sheet
            # What is there stays until something else could be read.
            taken = Several(dict(server.several.talks) if said.get("how") == "add" else {})
            before, refused = len(taken.talks), [] if files else ["no file was chosen."]
            for name, raw in files:
                try:
                    taken.add(name, raw, sheet)
                except InvalidCohort as refusal:
                    of = f"{name}: " if len(files) > 1 else ""
                    refused += [f"{of}{problem}" for problem in refusal.problems[:50]]
            server.refusal = tuple(refused)
            if len(taken.talks) > before:
                server.several = taken
        self._go_on("read" if len(server.several.talks) == 1 and not refused else "")

    def _build(
        self, laid: AbstractContextManager[tuple[Path, Path]], *, mapped: bool = True
    ) -> None:
        """Build the book, and write its lines into the page while they come."""
        if not self.server.building.acquire(blocking=False):
            raise Refused(HTTPStatus.CONFLICT, "The book is being built already: wait for that.")
        try:
            self._start(HTTPStatus.OK, {"Content-Type": "text/html; charset=utf-8"})
            before, after = document(
                "Building the book",
                ["<main><h1>Building the book</h1><p>Leave this page open.</p>", "\0", "</main>"],
            ).split("\0")
            self._write(before + "<div role=log><ul>")
            done = False
            with laid as (path, plan):
                for line in self.server.build(path, plan if mapped else None):
                    if isinstance(line, bool):
                        done = line
                    elif line.strip():
                        self._write(f"<li>{as_html(line)}</li>")
            self._write("</ul></div>")
            if done:
                self._write(
                    "<p class=verdict>The book is built, in the folder _build/html.</p>"
                    f'<p><a class="button main" href="{self.server.book_address()}" '
                    'target="_blank" rel="noopener">Open the book</a></p>'
                )
            else:
                self._write(
                    "<p class=notice role=alert>The book was not built; the last lines above say "
                    "why.</p>"
                )
            self._write(f'<p><a class="button" href="./#verdict">Back to the report</a></p>{after}')
        finally:
            self.server.building.release()

    # --- what is sent -----------------------------------------------------------------------------

    def _go_on(self, where: str, key: str = "") -> None:
        of = f"?of={key}" if key and len(self.server.several.talks) > 1 else ""
        self._start(HTTPStatus.SEE_OTHER, {"Location": f"./{of}" + (f"#{where}" if where else "")})

    def _send_page(self, page: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        body = page.encode()
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))}
        self._start(status, headers)
        self.wfile.write(body)

    def _send_file(self, body: bytes, name: str, kind: str) -> None:
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        }
        if kind.startswith("text/html"):
            headers["Content-Security-Policy"] = _REPORT_POLICY
        self._start(HTTPStatus.OK, headers)
        self.wfile.write(body)

    def _start(self, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in (_HEADERS | dict(headers)).items():
            self.send_header(name, value)
        self.end_headers()

    def _write(self, text: str) -> None:
        self.wfile.write(text.encode())
        self.wfile.flush()


# --- what a form changes --------------------------------------------------------------------------


def _answers(talk: Conversation, fields: Mapping[str, str]) -> None:
    for question in talk.standing().open:
        given = fields.get(key_of(question.place), "")
        if given.isdecimal() and int(given) < len(question.options):
            talk.answers[question.place] = question.options[int(given)]


def _sources(talk: Conversation, fields: Mapping[str, str]) -> None:
    columns = [str(name) for name in talk.table.columns]
    words = {"leave": LEAVE, "numbered": NUMBERED}
    for name in load_dictionary().columns:
        given = fields.get(f"c-{name}", "")
        if given in words:
            talk.take_from(name, words[given])
        elif given.isdecimal() and int(given) < len(columns):
            talk.take_from(name, columns[int(given)])


def _mend(talk: Conversation, fields: Mapping[str, str]) -> None:
    plan = talk.standing().plan
    way, why = fields.get("way", ""), fields.get("why", "").strip()[:300]
    for obstacle in talk.obstacles(talk.report(plan), plan):
        problem = obstacle.problem
        if key_of((problem.column, problem.expected)) != fields.get("obstacle"):
            continue
        if way.isdecimal() and int(way) < len(obstacle.ways) and why and why != "?":
            talk.mends.append(Mend(problem, obstacle.rows, obstacle.ways[int(way)], why))
        return


def _back(talk: Conversation, fields: Mapping[str, str]) -> None:
    for place in list(talk.answers):
        if key_of(place) == fields.get("answer"):
            del talk.answers[place]
    number = fields.get("mend", "")
    if number.isdecimal() and int(number) < len(talk.mends):
        del talk.mends[int(number)]
    if (name := fields.get("source", "")) in talk.sources:
        del talk.sources[name]
        talk.forget(name)


# --- files in and out -----------------------------------------------------------------------------


def _parts(kind: str, body: bytes) -> list[tuple[str, str, bytes]]:
    """Take apart what a form with files sends: field, a file's name and what it holds, in order."""
    match = re.match(r'multipart/form-data;.*boundary="?([^";]{1,200})', kind, re.IGNORECASE)
    if not match:
        raise Refused(HTTPStatus.BAD_REQUEST, "That is no form of this page.")
    parts = []
    for part in (b"\r\n" + body).split(b"\r\n--" + match[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        text = head.decode("utf-8", "replace")
        name = re.search(r'[; ]name="([^"]*)"', text)
        file_name = re.search(r'filename="([^"]*)"', text)
        if name:
            parts.append((name[1], file_name[1] if file_name else "", content))
    return parts


def _safe(name: str) -> str:
    """Give a name that is one file in any folder of any system."""
    name = re.split(r"[\\/]", name)[-1]
    name = re.sub(r"[^\w .()+,-]", "_", name).strip(" .")
    if len(name) > _LONGEST_NAME:
        stem, dot, end = name.rpartition(".")
        name = stem[: _LONGEST_NAME - 12] + dot + end[:10]
    return name or "cohort"


def _copy(talk: Conversation, mapping: str) -> bytes:
    """Give the copy without names and what was changed, in one archive."""
    with laid_down(talk.name, talk.raw, mapping) as (path, plan):
        target = plan.parent / f"{Path(talk.name).stem} copy.csv"
        try:
            note = write_copy(path, target, plan)
        except InvalidCohort as error:
            raise Refused(
                HTTPStatus.CONFLICT, "The file does not fit yet: go back to the report."
            ) from error
        return _packed(target, note)


def _pooled(several: Several) -> bytes:
    """Give the cohort of all files and what was done to each, in one archive."""
    if len(several.talks) < 2 or not several.fits():
        raise Refused(HTTPStatus.CONFLICT, "A file does not fit yet: go back to the files.")
    with several.pooled() as (path, note):
        return _packed(path, note)


def _packed(*files: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return packed.getvalue()


def _key_in(several: Several, talk: Conversation) -> str:
    return next(key for key, one in several.talks.items() if one is talk)
