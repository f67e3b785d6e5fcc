"""Data Docs: Great Expectations' own page of every table and year, kept as a site in the home.

Pages show counts only (`checks.validation_result` takes out the values that broke a rule), and
everything a page would fetch from elsewhere is taken out: the site opens without a network.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from assets.files import put_file
from assets.judging.tally import YearTally
from checks.contract import TABLES, load_contract
from checks.validation_result import document

_EXTERNAL = re.compile(
    r"<(script|link|img)\b[^>]*https?://[^>]*>(\s*</script>)?|<a\b[^>]*https?://[^>]*>.*?</a>"
    r"|url\([^)]*https?://[^)]*\)",
    re.IGNORECASE | re.DOTALL,
)
_STYLE = (
    "<style>body{font:15px/1.4 system-ui,sans-serif;margin:2rem;max-width:75rem}"
    "table{border-collapse:collapse}td,th{padding:.2rem .6rem;border-bottom:1px solid #ddd;"
    "text-align:left;vertical-align:top}.text-danger{color:#b00020}.text-success{color:#1b7837}"
    "img,svg,.modal,.fa,nav{display:none}</style></head>"
)


def write_page(site: Path, tally: YearTally) -> None:
    """Write the page of a judged table and year, and the site's index."""
    table, year = tally.contract.table, tally.year
    _write(site / table / f"{year}.html", _page(tally))
    _write(site / "index.html", _index(site))


def _page(tally: YearTally) -> str:
    # Imported here: the library takes seconds to load.
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaPageView

    results = tally.results()
    for entry in results.values():
        _name_rule(entry)
    shown = document(tally.contract.table, results, tally.meta)
    rendered = ValidationResultsPageRenderer().render(shown)
    page: str = DefaultJinjaPageView().render(rendered)  # type: ignore[no-untyped-call]
    return _offline(page)


def _name_rule(entry: Any) -> None:
    """The page shows an expectation's description and nothing of its meta: the rule is named there."""
    config = entry.expectation_config
    config.description = f"{config.description} ({config.meta['rule']}: {config.meta['outcome']})"


def _offline(page: str) -> str:
    return _EXTERNAL.sub("", page).replace("</head>", _STYLE, 1)


def _index(site: Path) -> str:
    sections = []
    for table in TABLES:
        contract = load_contract(table)
        years = sorted(path.stem for path in (site / table).glob("*.html"))
        links = " ".join(f'<a href="{table}/{year}.html">{year}</a>' for year in years)
        if years:
            title = html.escape(f"{contract.title} ({contract.title_vi})")
            sections.append(f"<h2>{title}</h2><p><code>{table}</code>: {links}</p>")
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Data Docs</title>{_STYLE}'
    return f"{head}<body><h1>Data Docs</h1>{''.join(sections)}</body></html>"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    put_file(path, text.encode())
