"""Rows that were set aside, as a person reads of them."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lakeloop.client.quarantine import Rejected, broken_rules


def show(out: Console, rejected: Sequence[Rejected], uri: str) -> None:
    out.print(f"{len(rejected)} rows quarantined at {uri}", markup=False, soft_wrap=True)
    view = Table("column", "rule", "rows", "first row", "value there")
    for broken in broken_rules(rejected):
        value = "" if broken.first_value is None else repr(broken.first_value)
        cells = (broken.column, broken.rule, str(broken.rows), str(broken.first_row), value)
        view.add_row(*map(Text, cells))
    out.print(view)
