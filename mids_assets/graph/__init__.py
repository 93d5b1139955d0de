"""What assets, checks and automation share: names, the build that a run works on, metadata.

Does not belong here: a definition (asset, check, job, sensor).
"""
