"""``python -m reanalysis.synthetic`` makes the synthetic cohort again."""

from reanalysis.synthetic.generate import main

main()
