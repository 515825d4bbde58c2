"""100,000 patients go from a file to all tables in a minute on one core, within 2 GB.

On each landing a tenth of them, in a quarter of the time, most of which is to begin; at night all.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reanalysis.analysis.simulation import draw_cohort
from reanalysis.core.dictionary import load_dictionary

ONE_CORE = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}


@pytest.mark.parametrize(
    ("patients", "seconds"), [(10_000, 15), pytest.param(100_000, 60, marks=pytest.mark.slow)]
)
def test_a_large_cohort_gives_all_tables_in_time(tmp_path, patients, seconds):
    cohort = draw_cohort(patients, seed=1)
    path = tmp_path / "cohort.csv"
    cohort[load_dictionary().among(cohort)].to_csv(path, index=False)
    program = Path(__file__).parents[1] / "large_cohort.py"
    run = subprocess.run(
        [sys.executable, program, path],
        env=os.environ | ONE_CORE,
        capture_output=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stderr
    taken = json.loads(run.stdout)
    assert taken["rows"] > 300
    assert taken["seconds"] < seconds
    assert taken.get("megabytes", 0) < 2048
