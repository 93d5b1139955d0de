"""What is broken now, and how the surroundings fare: facts from PostgreSQL and the data folder, judged without Dagster.

`mids status`, `mids doctor`, the asset `health` and notifications all read these. Does not belong here: how it is
shown, and what mends it.
"""
