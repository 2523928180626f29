"""Rows that were set aside, as a person reads of them."""

from collections.abc import Sequence

from rich.console import Console

from lakeloop.cli.views.layout import counted, table, visible
from lakeloop.client.quarantine import BrokenRule, Rejected, broken_rules


def show(out: Console, rejected: Sequence[Rejected], uri: str) -> None:
    """The rows themselves, by the rules they break."""
    show_rules(out, len(rejected), broken_rules(rejected), uri)


def show_rules(out: Console, rows: int, broken: Sequence[BrokenRule], uri: str) -> None:
    out.print(f"{counted(rows, 'row')} quarantined at {uri}", markup=False, soft_wrap=True)
    cells = [
        (
            visible(rule.column),
            visible(rule.rule),
            str(rule.rows),
            str(rule.first_row),
            "" if rule.first_value is None else visible(repr(rule.first_value)),
        )
        for rule in broken
    ]
    out.print(table("", ("column", "rule", "rows", "first row", "value there"), cells))
