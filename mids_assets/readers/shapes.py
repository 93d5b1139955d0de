"""The shapes that a JSON source can have: how each spells the fields of the canonical records.

A shape is data. For every record it says under which key a field lies, which keys are known and carry nothing of
their own, and whether a key may be absent. The decoder (`readers.json_records`), the writer of archives
(`readers.mids_zip`) and the documentation read the same tables; a new source is a new table here.
Does not belong here: decoding, and the canonical records themselves (`readers.layouts`).
"""

from __future__ import annotations

from collections.abc import Mapping

from mids_assets.readers.shape_types import (
    FORMULA_SEPARATOR,
    Formula,
    FullName,
    Key,
    Named,
    Pairs,
    Parallel,
    Place,
    RecordShape,
    Shape,
)
from mids_assets.readers.shapes_data_exporter import DATA_EXPORTER, DATA_EXPORTER_I12
from mids_assets.readers.shapes_mids_zip import MIDS_ZIP, MIDS_ZIP_ENTRIES, MIDS_ZIP_HEADER

__all__ = [
    "CANONICAL",
    "CITY_OF_DATA",
    "DATA_EXPORTER",
    "DATA_EXPORTER_I12",
    "FORMULA_SEPARATOR",
    "MIDS_ZIP",
    "MIDS_ZIP_ENTRIES",
    "MIDS_ZIP_HEADER",
    "SHAPES",
    "Formula",
    "FullName",
    "Key",
    "Named",
    "Pairs",
    "Parallel",
    "Place",
    "RecordShape",
    "Shape",
]

CANONICAL = Shape("canonical", defaults=False)
"""Keys are the field names of formats i12.yaml and items.yaml, and all of them must be there."""

CITY_OF_DATA = Shape("city_of_data", defaults=False, partial=True)
"""Files of City of Data, each in a wrapper: `readers.city_of_data` reads them, since no renaming of keys could."""

SHAPES: Mapping[str, Shape] = {
    shape.name: shape for shape in (CANONICAL, MIDS_ZIP, DATA_EXPORTER, DATA_EXPORTER_I12, CITY_OF_DATA)
}
