"""What spreadsheets make of codes: 8.80E+12, ="00123", '00123."""

import re

from lakeloop.values.refusal import RefusedValueError

SCIENTIFIC = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?E[+-]?[0-9]+")


def refuse_spreadsheet(cell: str) -> None:
    """Raises RefusedValueError for a text that a spreadsheet wrote in the place of another."""
    if SCIENTIFIC.fullmatch(cell):
        raise RefusedValueError(
            "type: text, not scientific notation: a spreadsheet rounded a long number, or `pattern` allows it"
        )
    if cell.startswith('="'):
        raise RefusedValueError('type: text, not the formula ="...", which a spreadsheet wrote around it')
    if cell.startswith("'") and cell[1:].isdigit():
        raise RefusedValueError("type: text without the ' in front, which marks text in a spreadsheet")
