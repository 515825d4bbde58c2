"""What a page shows: tables, figures, counts, widgets, and what a notebook needs to show them."""
