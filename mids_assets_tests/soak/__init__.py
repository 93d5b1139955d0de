"""`make soak`: a bounded load test of a whole installation, and a verdict.

Publishes follow one another while readers query, backups are made and the sensors tick. Does not belong here: seconds
of stages (bench), single faults (integration/faults).
"""
