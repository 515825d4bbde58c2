"""Where the project's files are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
NOTEBOOKS = ROOT / "notebooks"

DICTIONARY = DATA / "dictionary.toml"
PRIVACY = DATA / "privacy.toml"
PUBLISHED_NUMBERS = DATA / "published_numbers.csv"
SYNONYMS = DATA / "synonyms.toml"
EXERCISES = DATA / "exercises"
SYNTHETIC_COHORT = DATA / "synthetic_cohort.csv"
# R's values, and the made-up cohorts that they are of.
TRUST = ROOT / "tests" / "data" / "trust"
