"""Somebody's own file: the report on it, drafted mappings, templates to collect one with."""
