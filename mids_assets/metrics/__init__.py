"""Figures for Prometheus: what there is (families.py), where it is read (reading.py), how it is served (serving.py).

Knows nothing of Dagster.
"""
