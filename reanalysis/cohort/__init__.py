"""A cohort: its file read, mapped, validated and completed; and what may be shown of it."""
