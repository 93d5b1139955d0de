"""Revisions, one file each: `make migration` writes them. The name of a file is the revision's id."""
