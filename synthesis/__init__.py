"""The synthetic cohort: 302 patients who give back the numbers that the paper prints.

``targets`` and ``implied`` say what the printed numbers ask for; ``start`` draws a cohort with
the right marginals; ``moves`` changes it, ``kernel``, ``models`` and ``screen`` fit it, ``loss``
says how far it is from the paper; ``search`` anneals, and ``effects`` and ``repair`` add up small
changes, until the regression numbers agree; ``assemble`` adds the columns that no regression
sees; ``judge`` counts what agrees, with the book's own libraries; ``generate`` runs all of it
(``python -m synthesis``).

What changes a cohort or fits it needs numba, and nothing of it is imported here.
"""

import hashlib
import os
from pathlib import Path


def _compiled_code() -> Path:
    """Give the folder for compiled code, another one for every version of these modules.

    Compiled code holds the constants of the modules that it imports, which numba's own check
    of one file's date does not see.
    """
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return Path(__file__).parents[1] / "_build" / "numba" / digest.hexdigest()[:12]


os.environ.setdefault("NUMBA_CACHE_DIR", str(_compiled_code()))
