"""What makes runs happen and looks after them: jobs, schedules, sensors, dead and failed runs, housekeeping.

Does not belong here: what a run does (`assets`).
"""
