"""Files in a folder or in an object store, behind one small interface.

Does not belong here: what the files are, and when one goes there or is fetched.
"""
