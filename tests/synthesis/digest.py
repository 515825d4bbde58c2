"""Print a digest of the search and of its tests, to tell whether they have changed.

``make test-search`` keeps it in ``passed.txt``, beside this file, once those tests have passed.
Where the two differ, continuous integration runs the tests of the search too (``.ci/run``), and
``make test`` says that they are to be run.

It needs nothing but Python, because ``.ci/run`` asks before anything is installed.
"""

import hashlib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PASSED = Path(__file__).with_name("passed.txt")
# The search, the goals that it is given, and its tests.
FILES = (
    "synthesis/*.py",
    "reanalysis/paper/*.py",
    "tests/synthesis/*.py",
    "tests/data/synthetic_*.npz",
)


def digest(root: Path = ROOT) -> str:
    """Give one digest of the names and the contents of all files, the same on every system."""
    whole = hashlib.sha256()
    for path in sorted(path for pattern in FILES for path in root.glob(pattern)):
        # git may have given the lines of a text the endings of the system.
        content = path.read_bytes().replace(b"\r\n", b"\n")
        name = path.relative_to(root).as_posix()
        whole.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()


def passed() -> str:
    """Give the digest with which the tests last passed."""
    return PASSED.read_text(encoding="utf-8").strip() if PASSED.exists() else ""


if __name__ == "__main__":
    print(digest())
