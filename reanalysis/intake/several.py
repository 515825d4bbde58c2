"""Several files, one for each centre: a conversation about each, and one cohort of all of them."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from reanalysis.core.errors import InvalidCohort, Problem
from reanalysis.intake.asking import as_toml
from reanalysis.intake.check import Report, check
from reanalysis.intake.conversation import Conversation, begin
from reanalysis.intake.pooled import write_pooled

POOLED = "all centres.csv"
MOST_FILES = 50


@dataclass
class Several:
    """The files of a sitting.

    Attributes
    ----------
    talks
        Conversations about them by a key that is made of what a file is called and what it holds,
        in the order in which they came.
    """

    talks: dict[str, Conversation] = field(default_factory=dict)

    def add(self, name: str, raw: bytes, sheet: str = "") -> None:
        """Begin a conversation about a further file; the parameters are those of ``begin``.

        Raises
        ------
        InvalidCohort
            If it cannot be read, another one is called the same, or there are too many.
        """
        stems = {Path(talk.name).stem for talk in self.talks.values()}
        if Path(name).stem in stems:
            raise _refusal(
                f"Two files are called {Path(name).stem}; expected a name of its own for each, "
                "which is the name of its centre."
            )
        if len(self.talks) >= MOST_FILES:
            raise _refusal(f"More than {MOST_FILES} files; expected one for each centre.")
        key = hashlib.sha256(name.encode() + b"\0" + raw).hexdigest()[:20]
        self.talks[key] = begin(name, raw, sheet)

    def fits(self) -> bool:
        """Whether each of the files, as it is answered now, can be used."""
        for talk in self.talks.values():
            standing = talk.standing()
            if standing.open or not talk.report(standing.plan).fits:
                return False
        return True

    def report(self) -> Report:
        """Compare the cohort of all files with the data dictionary.

        Raises
        ------
        InvalidCohort
            If a file does not fit.
        """
        with self.pooled() as (path, _):
            return check(path)

    @contextmanager
    def pooled(self) -> Iterator[tuple[Path, Path]]:
        """Lay one cohort of all files down, and take it away after.

        Yields
        ------
        path, note : pathlib.Path
            The cohort and what was done, in a folder that only this user may open.

        Raises
        ------
        InvalidCohort
            If a file does not fit.
        """
        with tempfile.TemporaryDirectory(
            prefix="reanalysis-", ignore_cleanup_errors=True
        ) as folder:
            files, target = Path(folder) / "files", Path(folder) / "all" / POOLED
            files.mkdir()
            target.parent.mkdir()
            for talk in self.talks.values():
                path = files / talk.name
                path.write_bytes(talk.raw)
                plan = as_toml(talk.standing().plan)
                path.with_suffix(".toml").write_text(plan, encoding="utf-8")
            paths = [files / talk.name for talk in self.talks.values()]
            yield target, write_pooled(paths, target)


def _refusal(sentence: str) -> InvalidCohort:
    return InvalidCohort([Problem(None, "", "", sentence)])
