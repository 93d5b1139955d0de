"""Measurements: speed and memory of the stages of an import, beside yardsticks of the same run.

Does not belong here: tests, and any figure to be reached. docs/performance.md holds what was measured.
"""
