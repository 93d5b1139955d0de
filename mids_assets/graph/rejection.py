"""A release whose files cannot be read is rejected, with the reason, while the step that found it fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from mids_assets.errors import FormatError, SourceError
from mids_assets.graph.runs import RealmGraph
from mids_assets.transform.store import BuildPaths
from mids_assets.warehouse.outcome import note_failure, note_state


@contextmanager
def rejected_if_broken(graph: RealmGraph, paths: BuildPaths, run_id: str) -> Iterator[None]:
    """Note in register and import log that the release of this build was rejected where the block finds it broken."""
    try:
        yield
    except (FormatError, SourceError) as error:
        release = paths.release_dir.name
        note_state(graph.settings, graph.realm, release, paths.build, "rejected", str(error))
        note_failure(graph.settings, graph.realm, release, paths.build, run_id, [], error)
        raise
