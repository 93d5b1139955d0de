"""Telling people what became of imports: what is worth a notice, its words, its way to the receivers.

Knows nothing of Dagster: `automation.notification_sensor` looks every 15 s, `commands.notify_cli` shows what was told.
"""
