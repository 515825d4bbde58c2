"""Exercises: read from one master, answered on a cohort, graded. Knows nothing of a page."""
