"""Bytes of a landed file as records: what is damaged stays on its line, and nothing here knows a contract."""

from lakeloop.tables.table import Block, Damaged, Form, Skipped, Table

__all__ = ["Block", "Damaged", "Form", "Skipped", "Table"]
