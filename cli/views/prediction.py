"""A prediction on the screen."""

from rich.table import Table
from rich.text import Text

from lakeloop.client.predictions import Answer


def view(answer: Answer) -> Table:
    found = answer.prediction
    lines = Table.grid(padding=(0, 2))
    lines.add_row("prediction", Text(str(found.prediction)))
    if found.confidence is not None:
        lines.add_row("confidence", f"{found.confidence:.4f}")
    for name, probability in (found.probabilities or {}).items():
        lines.add_row(Text(f"  {name}"), f"{probability:.4f}")
    lines.add_row("model", found.named)
    if found.candidate is not None:
        lines.add_row("", f"or {found.candidate.named}, which an update is bringing: both read the row alike")
    if found.data_commit:
        lines.add_row("data commit", found.data_commit)
    lines.add_row("inference id", found.inference_id)
    lines.add_row("answered in", f"{1000 * answer.seconds:.0f} ms")
    return lines


def as_json(dataset: str, answer: Answer) -> dict[str, object]:
    """What the API answered, for which dataset, and after how long."""
    return {"dataset": dataset, **answer.prediction.model_dump(), "milliseconds": round(1000 * answer.seconds, 1)}
