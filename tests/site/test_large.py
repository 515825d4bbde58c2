"""100,000 patients go from a file to all tables in a minute on one core, within 2 GB."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reanalysis.analysis.simulation import draw_cohort
from reanalysis.core.dictionary import load_dictionary

ONE_CORE = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}


@pytest.fixture(scope="module")
def large_file(tmp_path_factory):
    cohort = draw_cohort(100_000, seed=1)
    path = tmp_path_factory.mktemp("large") / "cohort.csv"
    cohort[[name for name in load_dictionary().columns if name in cohort]].to_csv(path, index=False)
    return path


def test_a_large_cohort_gives_all_tables_in_time(large_file):
    program = Path(__file__).parents[1] / "large_cohort.py"
    run = subprocess.run(
        [sys.executable, program, large_file],
        env=os.environ | ONE_CORE,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    taken = json.loads(run.stdout)
    assert taken["rows"] > 300
    assert taken["seconds"] < 60
    assert taken.get("megabytes", 0) < 2048
