"""Telling people what became of imports: what is worth a notice, its words, its way to the receivers.

Knows nothing of Dagster: `automation.notification_sensor` looks every half minute, `commands.notifying` on demand.
"""
