"""What makes runs happen: jobs, the sensor from ingest to publish, the nightly schedule, dead runs.

Does not belong here: what a run does (`assets`).
"""
