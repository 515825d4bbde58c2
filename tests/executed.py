"""nbval without a second execution: the book's build has just executed every notebook.

With ``--nbval-executed FOLDER`` nbval compares the committed outputs with those in the notebooks of
that folder, as it would with what a kernel answers. A notebook that is not there is executed.
"""

from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbFile

Message = dict[str, Any]
OPTION = "--nbval-executed"
execute = IPyNbFile.setup


def add_option(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, type=Path, help="folder of notebooks that were just executed")


def compare_with(folder: Path) -> None:
    """Let nbval look for a notebook's new outputs in a folder first."""

    def setup(file: IPyNbFile) -> None:
        executed = folder / file.path.name
        if not executed.exists():
            execute(file)
            return
        file.kernel = Executed(nbformat.read(executed, as_version=4))
        file.setup_sanitize_files()

    IPyNbFile.setup = setup


class Executed:
    """Stands where nbval has a kernel, and answers a cell with the outputs that it got."""

    language = "python"

    def __init__(self, notebook: NotebookNode):
        self.cells = iter([cell for cell in notebook.cells if cell.cell_type == "code"])
        self.messages: Iterator[Message] = iter(())
        self.asked = 0

    def execute_cell_input(self, source: str, allow_stdin: bool | None = None) -> int:
        """Take the next cell, which must be the same."""
        cell = next(self.cells, None)
        if cell is None or cell.source != source:
            raise RuntimeError("another notebook was executed: build the book again")
        self.asked += 1
        self.messages = iter([*map(self._message, cell.outputs), self._idle()])
        return self.asked

    def _message(self, output: NotebookNode) -> Message:
        return self._of(output.output_type, {k: v for k, v in output.items() if k != "output_type"})

    def _idle(self) -> Message:
        return self._of("status", {"execution_state": "idle"})

    def _of(self, kind: str, content: Message) -> Message:
        return {"msg_type": kind, "content": content, "parent_header": {"msg_id": self.asked}}

    def get_message(self, stream: str, timeout: float | None = None) -> Message:
        """Give the next output, and at the end that there are no more."""
        for message in self.messages:
            return message
        raise Empty

    def await_reply(self, asked: int, timeout: float | None = None) -> None:
        """Return at once: the cell was executed."""

    def await_idle(self, asked: int, timeout: float) -> None:
        """Return at once."""

    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return True

    def stop(self) -> None:
        """Do nothing: no process is to be stopped."""
