"""The child of `old_workbook`: opens one .xls under a bound and writes its cells to standard output.

Run by its path, so that it loads nothing but the library. Arguments: file, bytes of address space,
most cells, most columns, most seconds of processor time.
"""

from __future__ import annotations

import pickle
import resource
import sys
from pathlib import Path


def main(path: str, memory: int, most_cells: int, most_columns: int, seconds: int) -> None:
    """Write ("sheet", name, rows, merged ranges) for each sheet and ("end",), or what is wrong."""
    _bound(resource.RLIMIT_AS, memory)
    _bound(resource.RLIMIT_CPU, seconds)
    _bound(resource.RLIMIT_CORE, 0)
    from python_calamine import CalamineError, CalamineWorkbook

    out = sys.stdout.buffer
    cells = 0
    try:
        with Path(path).open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            cells += sheet.total_height * sheet.total_width
            if cells > most_cells or sheet.total_width > most_columns:
                pickle.dump(("too_large",), out)
                return
            rows = sheet.to_python(skip_empty_area=False)
            pickle.dump(("sheet", name, rows, sheet.merged_cell_ranges or []), out)
        pickle.dump(("end",), out)
    except MemoryError:
        pickle.dump(("too_large",), out)
    except CalamineError as error:
        pickle.dump(("locked" if "assword" in str(error) else "damaged",), out)
    except BaseException:  # the library's panic is no Exception
        pickle.dump(("damaged",), out)


def _bound(kind: int, value: int) -> None:
    """Lower a limit; one that is lower already stays."""
    _, standing = resource.getrlimit(kind)
    lowest = value if standing == resource.RLIM_INFINITY else min(value, standing)
    resource.setrlimit(kind, (lowest, lowest))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:6]))
