"""What a transform's containers answered, as numbers."""

from collections.abc import Iterator, Sequence

import polars as pl

from lakeloop.errors import PermanentError
from lakeloop.evaluation.inputs import Inputs
from lakeloop.evaluation.ports import Evaluations


def read_scores(evaluations: Evaluations, folder: str, inputs: Inputs, columns: Sequence[str]) -> pl.DataFrame:
    """The scores of all rows, in the order of the rows, each column a Float64.

    Raises PermanentError where the container answered other than one line of so many scores to each row.
    """
    return pl.concat(
        [pl.DataFrame(schema=dict.fromkeys(columns, pl.Float64)), *_parts(evaluations, folder, inputs, columns)]
    )


def _parts(evaluations: Evaluations, folder: str, inputs: Inputs, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    for key, rows in inputs.outputs(folder):
        answer = evaluations.read(key)
        if answer is None:
            raise PermanentError(
                f"the transform ended and {evaluations.uri(key)} is not there: train again", subject=key
            )
        try:
            scores = parsed(answer, columns)
        except pl.exceptions.PolarsError as error:
            raise PermanentError(f"{evaluations.uri(key)} holds other than numbers: {error}", subject=key) from error
        if scores.height != rows:
            raise PermanentError(
                f"{evaluations.uri(key)} has scores of {scores.height} rows for {rows}: they are nobody's", subject=key
            )
        yield scores


def parsed(answer: bytes, columns: Sequence[str]) -> pl.DataFrame:
    """The CSV that a container answers.

    Those of several classes stand in brackets, a row on a line. Older containers put scores of several rows on one
    line, with commas between them.
    """
    text = answer.replace(b"[", b"").replace(b"]", b"").replace(b" ", b"")
    if len(columns) == 1:
        text = text.replace(b",", b"\n")
    if not text.strip():
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.Float64))
    schema = dict.fromkeys(columns, pl.Float64)
    return pl.read_csv(text, has_header=False, schema=schema)
