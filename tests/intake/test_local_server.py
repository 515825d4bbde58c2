"""The page for a file answers one person on this computer, and keeps nothing."""

import http.client
import io
import os
import socket
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from reanalysis import __main__ as command
from reanalysis.intake import conversation, local_server
from reanalysis.intake.check import Report, check
from reanalysis.intake.local_page import key_of
from reanalysis.intake.local_server import LocalServer, _parts, _safe

FITS = "patient_id,follow_up_months,death\nk-1,12,1\nk-2,13,0\nk-3,14,0\n"


def build(path: Path, mapping: Path) -> Iterator[str | bool]:
    yield "no"
    yield False


@pytest.fixture
def server(tmp_path: Path, monkeypatch) -> Iterator[LocalServer]:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with LocalServer(0, build, tmp_path) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        served.shutdown()
        thread.join()
    assert not list((tmp_path / "temporary").iterdir())  # nothing lies about


def ask(
    server: LocalServer,
    method: str = "GET",
    place: str = "",
    body: bytes | None = None,
    token: str | None = None,
    **headers: str,
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(
        method, f"/{server.token if token is None else token}/{place}", body, headers=sent
    )
    answer = connection.getresponse()
    result = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return result


def give(server: LocalServer, text: str = FITS, name: str = "theirs.csv", **headers: str):
    return give_all(server, {name: text}, **headers)


def give_all(server: LocalServer, files: dict[str, str], how: str = "", **headers: str):
    edge = "----edge"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: text/csv\r\n\r\n{text}\r\n"
        for name, text in files.items()
    ]
    parts += [
        f'--{edge}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in {"sheet": "", "how": how}.items()
    ]
    body = f"{''.join(parts)}--{edge}--\r\n".encode()
    kind = f"multipart/form-data; boundary={edge}"
    return ask(server, "POST", "file", body, Content_Type=kind, **headers)


def test_it_listens_on_this_computer_only(server):
    assert server.server_address[0] == "127.0.0.1"
    assert server.address.startswith("http://127.0.0.1:")
    assert len(server.token) >= 32


def test_every_answer_forbids_what_the_page_does_not_need(server):
    status, headers, body = ask(server)
    assert status == 200
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert b"<script" not in body and b"http" not in body.replace(b"http-equiv", b"")


@pytest.mark.parametrize(
    ("headers", "token", "status"),
    [
        ({"Host": "evil.example:80"}, None, 421),  # a name that is bound anew to this computer
        ({"Host": "127.0.0.1"}, None, 421),
        ({"Origin": "https://evil.example"}, None, 403),
        ({"Origin": "null"}, None, 403),
        ({"Sec-Fetch-Site": "cross-site"}, None, 403),
        ({"Sec-Fetch-Site": "same-site"}, None, 403),  # another port of this computer
        ({}, "", 404),
        ({}, "x" * 32, 404),
        ({}, "%C3%A9", 404),
    ],
)
def test_no_other_page_is_answered(server, headers, token, status):
    give(server)
    for method, place in (("GET", ""), ("GET", "mapping.toml"), ("POST", "again")):
        got, _, body = ask(
            server, method, place, b"" if method == "POST" else None, token, **headers
        )
        assert got == status
        assert b"theirs" not in body and b"patient_id" not in body
    assert server.several.talks


def test_a_file_is_read_and_the_mapping_and_a_copy_are_given(server):
    origin = f"http://127.0.0.1:{server.server_port}"
    status, headers, _ = give(server, Origin=origin, Sec_Fetch_Site="same-origin")
    assert (status, headers["Location"]) == (303, "./#read")
    assert b"fits: 3 patients" in ask(server)[2]
    status, headers, mapping = ask(server, place="mapping.toml")
    assert "attachment" in headers["Content-Disposition"]
    assert b"[columns.patient_id]" in mapping and b"k-1" not in mapping
    _, headers, report = ask(server, place="report.html")
    assert b"k-1" not in report
    _, _, packed = ask(server, place="copy.zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert sorted(archive.namelist()) == ["theirs copy.csv", "theirs copy.txt"]
        assert b"k-1" not in archive.read("theirs copy.csv")


def test_files_of_several_centres_are_answered_one_by_one_and_pooled(server):
    north, south = FITS, "id,FU months,dead,Sex\n1,12,1,1\n2,13,0,2\n"
    status, headers, _ = give_all(server, {"north.csv": north, "south.csv": south})
    assert (status, headers["Location"]) == (303, "./")
    page = ask(server)[2].decode()
    assert "2 files, one for each centre" in page and "2 questions are open" in page
    assert "All centres" not in page
    assert ask(server, place="pooled.zip")[0] == ask(server, "POST", "build-all", b"")[0] == 409
    first, second = server.several.talks
    # Without saying which file is meant nothing is taken, nor of one that is not here.
    for of in ("", "x"):
        assert ask(server, "POST", "answers", f"of={of}".encode())[0] == 409
    questions = server.several.talks[second].standing().open
    answers = "&".join(f"{key_of(question.place)}=0" for question in questions[:1])
    answers += f"&{key_of(questions[1].place)}=1&of={second}"
    _, headers, _ = ask(server, "POST", "answers", answers.encode())
    assert headers["Location"] == f"./?of={second}#verdict"
    assert b"south.csv fits: 2 patients" in ask(server, place=f"?of={second}")[2]
    page = ask(server)[2].decode()
    assert "5 patients" in page
    assert "north: 3 patients, 1 death" in page and "south: 2 patients, 1 death" in page
    with zipfile.ZipFile(io.BytesIO(ask(server, place="pooled.zip")[2])) as archive:
        assert archive.namelist() == ["all centres.csv", "all centres.txt"]
        table = archive.read("all centres.csv").decode()
    assert table.count("north") == 3 and "k-1" not in table
    assert b"The book was not built" in ask(server, "POST", "build-all", b"")[2]
    assert ask(server, "POST", "leave", f"of={first}".encode())[0] == 303
    assert b"south.csv fits" in ask(server)[2]


def test_further_files_join_or_take_the_place_of_those_that_are_here(server):
    give(server, name="north.csv")
    give_all(server, {"south.csv": FITS, "scan.csv": "%PDF-1.7", "north.xlsx": FITS}, how="add")
    assert [talk.name for talk in server.several.talks.values()] == ["north.csv", "south.csv"]
    page = ask(server)[2].decode()
    assert "scan.csv: The file scan.csv is a PDF document" in page
    assert "north.xlsx: Two files are called north" in page
    give_all(server, {"scan.csv": "%PDF-1.7"})
    assert len(server.several.talks) == 2  # what cannot be read takes nobody's place
    give(server, name="east.csv")
    assert [talk.name for talk in server.several.talks.values()] == ["east.csv"]


def test_a_report_is_made_once_for_each_mapping(server, monkeypatch):
    made = []

    def counted(*arguments: object) -> Report:
        made.append(arguments)
        return check(*arguments)

    monkeypatch.setattr(conversation, "check", counted)
    give(server)
    for place in ("", "", "report.html"):
        assert ask(server, place=place)[0] == 200
    assert len(made) == 1
    ask(server, "POST", "again", b"column=death")
    talk = next(iter(server.several.talks.values()))
    codes = [(key_of(q.place), q.place[-1]) for q in talk.standing().open]
    ask(server, "POST", "answers", "&".join(f"{k}={code}" for k, code in codes).encode())
    ask(server)
    assert len(made) == 2


def test_what_looks_like_a_mistake_stands_before_the_button_that_builds(server):
    rows = "".join(f"k-{i},{300 + i},{i % 2}\n" for i in range(20))
    give(server, f"patient_id,follow_up_months,death\n{rows}")
    page = ask(server)[2].decode()
    assert page.count("Worth a second look") == 1
    assert page.index("in days it would be") < page.index("Build the book")


def test_nothing_is_logged(server, capfd):
    give(server)
    ask(server)
    ask(server, place="nowhere")
    assert capfd.readouterr() == ("", "")


def test_a_mistake_of_the_program_says_nothing_of_the_file(server, monkeypatch, capfd):
    def fail(*_: object, **__: object) -> None:
        raise KeyError("k-1")

    give(server)
    monkeypatch.setattr(local_server, "talk_page", fail)
    status, _, body = ask(server)
    assert status == 500 and b"a mistake of this program (KeyError in" in body
    told = capfd.readouterr()
    assert "k-1" not in told.err and "k-1" not in told.out and b"k-1" not in body


def test_what_is_too_large_or_no_form_is_refused(server):
    assert ask(server, "POST", "file", b"", Content_Length=str(10**12))[0] == 413
    assert ask(server, "POST", "file", b"x", Content_Type="text/plain")[0] == 400
    assert ask(server, "POST", "answers", b"q=1")[0] == 409
    give(server)
    assert ask(server, "POST", "answers", b"&".join(b"a%d=1" % i for i in range(20_000)))[0] == 400
    assert ask(server, "POST", "mend", b"way=99999999999&why=x&obstacle=")[0] == 303
    assert ask(server, "POST", "back", "mend=²&answer=&source=x".encode())[0] == 303
    assert ask(server, "POST", "nowhere", b"")[0] == 404


def test_a_line_that_is_no_request_ends_in_silence(server, capfd):
    with socket.create_connection(("127.0.0.1", server.server_port)) as connection:
        connection.sendall(b"\x16\x03\x01 no HTTP\r\n\r\n")
        connection.recv(4096)
    assert capfd.readouterr() == ("", "")
    assert ask(server)[0] == 200


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("theirs.csv", "theirs.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\theirs.xlsx", "theirs.xlsx"),
        ("..", "cohort"),
        ("", "cohort"),
        ("코호트 2.csv", "코호트 2.csv"),
        ("a\r\nb<c>.csv", "a__b_c_.csv"),
        ("x" * 300 + ".csv", "x" * 88 + ".csv"),
    ],
)
def test_a_name_is_one_file_in_any_folder(given, safe):
    assert _safe(given) == safe


def test_a_file_comes_as_it_was_sent():
    raw = bytes(range(256)) + b"\r\n--other\r\n\n\r"
    body = b'--e\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n' + raw
    assert _parts("multipart/form-data; boundary=e", body + b"\r\n--e--\r\n") == [
        ("file", "a.bin", raw)
    ]


def test_a_build_tells_its_lines_and_how_it_ended(server):
    give(server)
    _, _, body = ask(server, "POST", "build", b"")
    assert b"<li>no</li>" in body and b"The book was not built" in body
    assert server.building.acquire(blocking=False)


@pytest.mark.skipif(os.name == "nt", reason="the stub is a shell's script")
@pytest.mark.parametrize("status", [0, 1])
def test_the_build_is_a_process_of_its_own(tmp_path, monkeypatch, status):
    stub = tmp_path / "python"
    stub.write_text(f'#!/bin/sh\necho "$@"\nexit {status}\n', encoding="utf-8")
    stub.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(stub))
    lines = list(command._built(Path("a b.csv"), Path("m.toml")))
    assert lines == ["-m reanalysis book --cohort=a b.csv --mapping=m.toml\n", status == 0]
    assert next(command._built(Path("all.csv"), None)) == "-m reanalysis book --cohort=all.csv\n"
