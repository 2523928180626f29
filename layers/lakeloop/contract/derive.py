"""Features that are computed from the columns of the same row."""

from lakeloop.contract.base import ContractModel
from lakeloop.contract.columns import ColumnName


class Derived(ContractModel):
    """One derived feature; its expression is judged with the contract, `lakeloop.features.expression`."""

    name: ColumnName
    expression: str
