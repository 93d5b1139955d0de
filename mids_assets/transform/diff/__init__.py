"""What changed between two releases: compared by their logical tables, without a database.

side.py        one release as it is compared; order.py: which of two is the older one
compare.py     the whole comparison; families.py, matching.py, sequences.py: which rows belong together
columns.py     which columns count; lacking.py: which a source does not have at all
renames.py     old keys that go on under new ones
rows.py        the changes as a frame; keys.py: keys as texts
apply.py       the old tables with the changes applied
report.py      counts and a Markdown report; notes.py: patch notes for players
"""
