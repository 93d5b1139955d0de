"""MidsReborn's tables held against those of City of Data: which values of the planner differ from the game's.

check.py       the whole cross-check; schema.py: what it answers
fields.py      which fields are compared, and what is no difference, with the reasons; verdicts.py: how it is told
pairing.py     which keys belong together; coverage.py: which stand on one side only, with likely renames
values.py      the fields of entities; effects.py: the effects of powers; modifiers.py: the modifier tables
suspicion.py   how suspicious a difference is; causes.py: which differences have one cause
report.py      a Markdown report

"Ours" is MidsReborn's side, "theirs" is City of Data's. Nothing here knows Dagster or PostgreSQL.
"""
