"""The assets of a realm, one module per kind. Thin: each step finds its build, calls the layers below, reports.

Does not belong here: parsing, rules, SQL.
"""
