"""Steps of runs on worker processes of many machines, by Celery: the app, the executor, the worker, its doctor.

docs/distributed.md says what runs where. Nothing else in the code knows whether steps run here or there; who wants
them there sets MIDS_EXECUTOR. Does not belong here: what a step does, which runs there are (`automation`).
"""
