"""Corrections: known faults of the source, put right by a person between frames and tables, with a reason.

`reading` takes the YAML files, `ranges` says which hold for a release, `kept` pins those to a build, `fields` and
`payloads` find the place in a record, `applying` changes frames, `template` writes an entry to fill in.
Does not belong here: what is a fault (`transform.frame_rules`), how an outcome is shown.
"""
