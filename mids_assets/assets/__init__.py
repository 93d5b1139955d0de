"""The assets of a realm, one module per kind. Thin: each step finds its build, calls the layers below, reports.

Does not belong here: parsing, rules, SQL. The modules evaluate their annotations (no `from __future__ import
annotations`), because Dagster reads the types of context and config from them.
"""
