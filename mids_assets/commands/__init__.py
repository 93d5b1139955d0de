"""What the commands of `mids` do; one module per command that is more than a call.

Does not belong here: arguments (`cli`), and work that a Dagster run does as well (`assets` and below).
"""
