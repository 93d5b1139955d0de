"""MidsReborn's tables held against those of City of Data: which values of the planner differ from the game's.

check.py        the whole cross-check; schema.py: what it answers; findings.py: what its parts find
declared.py     what it takes to declare a field, with what is no difference and why; documented.py: all of it as text
fields.py       the fields of powers, classes and sets; list_fields.py: their lists; effect_fields.py: effects
pairing.py      which keys belong together; coverage.py: which stand on one side only, with likely renames
apart.py        which powers cannot be compared
values.py       fields compared; verdicts.py: when values are equal; lists.py: lists as values
effects.py      which effects belong together; effect_kinds.py: what they are; strengths.py: what comes out at level 50
modifiers.py    the modifier tables
suspicion.py    how suspicious a difference is; causes.py: which differences have one cause, and their order
report.py       a Markdown report; realms.py: which two realms are compared

"Ours" is MidsReborn's side, "theirs" is City of Data's. Nothing here knows Dagster or PostgreSQL.
"""
