"""Where replicates are computed: on this machine, or on a Dask cluster that the reader names."""

import os

SCHEDULER_VARIABLE = "DASK_SCHEDULER_ADDRESS"


def scheduler_address() -> str:
    """Return the address of the scheduler that the environment names, empty if it names none."""
    return os.environ.get(SCHEDULER_VARIABLE, "").strip()
