"""An IPython shell in the tests' own process, which leaves nothing behind."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@contextmanager
def notebook_shell() -> Iterator[InteractiveShell]:
    """Give the shell that a notebook's cells run in, which is the only one meanwhile.

    IPython tidies up after each shell when the interpreter ends, and keeps a thread for each one's
    history: of the shells of a whole book that takes ten seconds.
    """
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    atexit.unregister(shell.atexit_operations)
    try:
        yield shell
    finally:
        InteractiveShell.clear_instance()
