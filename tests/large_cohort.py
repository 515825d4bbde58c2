"""Make all tables of the book from a large file, and print what it took.

Run as a program, so that the memory measured is that of this alone:
``python tests/large_cohort.py cohort.csv``.
"""

import json
import sys
import time
from pathlib import Path

from reanalysis.analysis.survival import rates_table
from reanalysis.cohort.loading import load_cohort
from reanalysis.compare.recomputation import Recomputation
from reanalysis.compare.scorecard import scorecard
from reanalysis.compare.side_by_side import compare_logistic, compare_regression
from reanalysis.paper.study import ENDPOINTS, LOCAL_CONTROL, OVERALL_SURVIVAL


def all_tables(path: Path) -> int:
    """Make them, and return the number of their rows."""
    here = Recomputation(load_cohort(path))
    tables = [scorecard(here), compare_logistic(here)]
    for endpoint in (LOCAL_CONTROL, OVERALL_SURVIVAL):
        tables += [
            compare_regression(here, endpoint, model) for model in ("univariable", "multivariable")
        ]
    tables += [rates_table(here.curve(endpoint)) for endpoint in ENDPOINTS]
    return sum(len(table) for table in tables)


if __name__ == "__main__":
    start = time.process_time()
    rows = all_tables(Path(sys.argv[1]))
    taken = {"rows": rows, "seconds": time.process_time() - start}
    try:
        import resource
    except ImportError:  # on Windows memory is not measured
        pass
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        taken["megabytes"] = peak / (2**20 if sys.platform == "darwin" else 2**10)
    print(json.dumps(taken))
