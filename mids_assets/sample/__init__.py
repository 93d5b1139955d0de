"""A made-up release with the real structure: for first steps, tests and measurements without anybody's data.

`generate` describes a release of any size, `write_release` writes it as files that the readers take for real ones.
Every name and number is invented; only structure (identifiers of classes, members of enumerations) is real.
Does not belong here: the `mids sample` command, and anything that reads a release.
"""

from mids_assets.sample.files import write_release, write_sample
from mids_assets.sample.release import SampleRelease, generate

__all__ = ["SampleRelease", "generate", "write_release", "write_sample"]
