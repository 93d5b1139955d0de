"""Updates of a database from the servers of the source program: asked for, downloaded, verified.

Knows nothing of Dagster and PostgreSQL: what is known already is told by the caller.
"""
