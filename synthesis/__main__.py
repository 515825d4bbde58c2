"""``python -m synthesis`` makes the synthetic cohort again."""

from synthesis.generate import main

main()
