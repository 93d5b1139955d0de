"""Every file layout, declared as data: one module per file. No code that reads or writes."""

from mids_assets.readers.layout import Family
from mids_assets.readers.layouts.enhdb import ENHDB
from mids_assets.readers.layouts.i12 import I12
from mids_assets.readers.layouts.recipe import RECIPE
from mids_assets.readers.layouts.small import ATTRIBMOD, COMPARE, GLOBALMODS, SALVAGE, SDATA, UDDATA

FAMILIES: dict[str, Family] = {
    family.kind: family for family in (I12, ENHDB, RECIPE, SALVAGE, GLOBALMODS, SDATA, COMPARE, ATTRIBMOD, UDDATA)
}
"""Every binary kind by its name."""

__all__ = ["ATTRIBMOD", "COMPARE", "ENHDB", "FAMILIES", "GLOBALMODS", "I12", "RECIPE", "SALVAGE", "SDATA", "UDDATA"]
