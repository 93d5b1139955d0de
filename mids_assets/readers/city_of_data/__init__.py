"""The export of City of Data: files of the game's client as JSON, one object a file.

    entries       which files an export has, and how each kind is known
    files, pack   from a folder to the one file that is stored
    export        that file: its entries by kind, in the game's order
    raw, wrapper  an export to raw JSON, a wrapper of file name and content a record
    decode        wrapped records to frames, or to failures with their place
    powers, effects, attributes     a power file as the canonical power record with its effects
    archetypes, powersets, boost_sets     the files of the other entities
    expressions, members, boost_traits, modifiers, reference     the small tables
    words         vocabularies

Names, units and sentinels are those of formats city_of_data.md; what leaves here has the canonical ones.
"""
