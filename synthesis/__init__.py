"""The synthetic cohort, and the ensemble: patients who give back what the paper prints.

``state`` says what a cohort is and what no cohort may do; ``start`` draws one that is believable;
``moves`` changes it; ``numbers`` gives everything published of it; ``rounds`` puts many small
changes together by linear programming; ``search`` is the list of steps from a seed to the last
digit; ``images`` and ``assemble`` add the columns that no regression sees; ``generate`` makes the
files (``python -m synthesis``, with ``--ensemble`` the ensemble).

What changes a cohort or fits it needs numba.
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
