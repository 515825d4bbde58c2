"""The site: built from executed notebooks, and searched for patients before it is passed on."""
