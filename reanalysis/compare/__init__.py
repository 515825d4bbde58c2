"""Published numbers recomputed from a cohort, and both side by side."""
