"""``python -m synthesis`` makes the synthetic cohort again, with ``--ensemble`` the ensemble."""

from synthesis.generate import main

main()
