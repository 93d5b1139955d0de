"""The export of City of Data: files of the game's client as JSON, one object a file.

    export        the files of an export, in the game's order
    raw           an export to raw JSON, a wrapper of file name and content a record
    decode        wrapped records to frames, or to failures with their place
    powers, effects, attributes     a power file as the canonical power record with its effects
    words         vocabularies

Names, units and sentinels are those of formats city_of_data.md; what leaves here has the canonical ones.
"""
