"""The commands that README.md tells a reader to type, from its own text.

Above each block of commands stands a comment with its name. ``python tests/readme.py windows``
writes those of a block as a batch file that stops at the first failure, which is how continuous
integration runs them on Windows.
"""

import re
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
_BLOCK = re.compile(
    r"^<!-- commands: (?P<name>[a-z-]+) -->\n```(?:console|bat)\n(?P<lines>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_ANY_BLOCK = re.compile(r"^```(?:console|bat)$", re.MULTILINE)


def commands() -> dict[str, list[str]]:
    """Give the commands of each block, by its name."""
    text = README.read_text(encoding="utf-8")
    blocks = {
        block["name"]: [line.removeprefix("$ ") for line in block["lines"].splitlines()]
        for block in _BLOCK.finditer(text)
    }
    assert len(blocks) == len(_ANY_BLOCK.findall(text)), "a block of commands has no name"
    return blocks


def batch(names: list[str]) -> str:
    """Write blocks as a batch file."""
    lines = [line for name in names for line in commands()[name]]
    # The launcher knows the Pythons that were installed, not the one that a workflow sets up.
    plain = [line.replace("py -3.12 ", "python ") for line in lines]
    return "".join(f"{line} || exit /b 1\n" for line in plain)


if __name__ == "__main__":
    print(batch(sys.argv[1:]), end="")
