"""The read API over published tables, and the page that it serves."""
