"""The job that lets the guards which block a release pass, for people who have no terminal of the server.

Does not belong here: what it does (`warehouse.accepting`).
"""

import dagster as dg

from mids_assets.graph import keys
from mids_assets.graph.attribution import launcher
from mids_assets.graph.keys import job_name
from mids_assets.graph.runs import RealmGraph
from mids_assets.warehouse.accepting import accept_guards
from mids_assets.warehouse.audit import at_this_terminal

KIND = "accept"


class AcceptConfig(dg.Config):
    """`release`: its id, the beginning of it, or its version. `reason`: why; it stays, with who launched the run.
    `rule`: accept guards of this rule only; empty = all that block."""

    release: str
    reason: str
    rule: str = ""


def accept_job(graph: RealmGraph) -> dg.JobDefinition:
    realm = graph.realm

    @dg.op(name=f"{realm}_accept_guards")
    def accept(context: dg.OpExecutionContext, config: AcceptConfig) -> None:
        accepted = accept_guards(
            graph.settings,
            realm,
            config.release,
            reason=config.reason,
            rule=config.rule or None,
            person=launcher(context) or at_this_terminal(),
            run_id=context.run_id,
        )
        for one in accepted:
            context.log.info(f"accepted: {one.message}")
        context.add_output_metadata(
            {"accepted": dg.MetadataValue.md("\n".join(f"- {one.message}" for one in accepted))}
        )

    @dg.job(
        name=job_name(realm, KIND),
        description=(
            "Lets the guards that block a release pass, as `mids accept` does, and publishes nothing: launch the ingest"
            " with `release` for that. Rules about keys and references cannot be accepted."
        ),
        tags={keys.TAG_REALM: realm},
        executor_def=dg.in_process_executor,
    )
    def accept_release():
        accept()

    return accept_release
