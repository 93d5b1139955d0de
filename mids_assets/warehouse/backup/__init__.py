"""Backups: dumps of a realm, or of Dagster's database, in a folder or an object store, and bringing them back.

What a backup holds, and why, is in docs/decisions/0007-backups.md. Does not belong here: when a backup is made
(automation), what a person sees (commands).
"""
