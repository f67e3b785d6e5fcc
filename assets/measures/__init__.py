"""The poverty measures over any table: Alkire-Foster and monetary, with the errors of a sample.

The SQL stands once, as dbt macros (`dbt_project/macros/measures`): the province's marts and the command
`thoatngheo measure` render the same ones. Here: what a standard is (`standard`), which conditions it may
hold (`conditions`), how a table is read (`table`), what is refused (`refusals`), and the order of the
passes (`engine`). Does not belong here: a formula of a measure.
"""

from __future__ import annotations

from assets.measures.engine import Measured, measure
from assets.measures.options import Options
from assets.measures.problems import MeasureRefused
from assets.measures.standard import Standard, read_standard

__all__ = ["MeasureRefused", "Measured", "Options", "Standard", "measure", "read_standard"]
