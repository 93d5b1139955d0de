"""The job that hashes an entry of the landing folder, so that the landing sensor knows a content that was tried before.

It is a run of its own because reading every byte takes longer than a tick may. The hash stays on its run as a tag. It
observes no asset: an observation of `release` says that a source was read and is unchanged, which nobody knows here.
Does not belong here: what follows from the hash (`landing_sensor`).
"""

import dagster as dg

from mids_assets.graph import keys
from mids_assets.graph.keys import job_name
from mids_assets.graph.runs import RealmGraph
from mids_assets.transform.landing import entry_content

KIND = "check_landing"


def check_landing_job(graph: RealmGraph) -> dg.JobDefinition:
    realm = graph.realm
    folder = graph.settings.landing_dir / realm

    @dg.op(name=op_name(realm), config_schema={"entry": str})
    def hash_entry(context: dg.OpExecutionContext) -> None:
        path = folder / context.op_config["entry"]
        content = entry_content(path)
        context.instance.add_run_tags(context.run_id, {keys.TAG_HASHED: content})
        context.log.info(f"{path}: content {content}.")

    @dg.job(
        name=job_name(realm, KIND),
        description="Hashes an entry of the landing folder. An ingest follows if that content was not tried before.",
        tags={keys.TAG_REALM: realm},
        executor_def=dg.in_process_executor,
    )
    def check_landing():
        hash_entry()

    return check_landing


def op_name(realm: str) -> str:
    return f"{realm}_hash_landing_entry"
