"""Every bad file is refused with the message that its owner needs, and nothing else is printed."""

import time

import pytest
from bad_files import BAD_FILES

from reanalysis.__main__ import main
from reanalysis.cohort import foreign


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("content", "message"), BAD_FILES.values(), ids=list(BAD_FILES))
def test_a_bad_file_is_refused_with_its_message(tmp_path, capfd, monkeypatch, content, message):
    # As where nobody has installed what reads other programs' files; test_foreign.py has both.
    monkeypatch.setattr(foreign, "find_spec", lambda name: None)
    path = tmp_path / "cohort"
    path.write_bytes(content)
    start = time.process_time()
    assert main(["check", str(path)]) == 1
    told, noise = capfd.readouterr()
    assert message in " ".join(told.split())
    assert "Traceback" not in told
    assert noise == ""
    # Refused early, however large it would become.
    assert time.process_time() - start < 5


def test_there_are_enough_of_them():
    assert len(BAD_FILES) >= 40
