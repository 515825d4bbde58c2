"""Estimators: a cohort in, a table or a small result out."""
