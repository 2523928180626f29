"""A page to try a model with: a form made from the contract, and what was answered. It needs no script."""

from collections.abc import Iterator, Mapping
from html import escape

from lakeloop.client.errors import AdvisedError
from lakeloop.client.predictions import Answer, Feature, json_value
from lakeloop.client.sample import sample_features
from lakeloop.contract import Column, DatasetContract
from lakeloop.values.codes import asked_columns

MOST_LISTED = 200
TYPES = {"float": "number", "integer": "number"}

Outcome = Answer | AdvisedError | None


def first_values(contract: DatasetContract) -> dict[str, str]:
    """What the form begins with: a row that the contract accepts."""
    return {name: _text(value) for name, value in sample_features(contract).items()}


def features_of_form(contract: DatasetContract, given: Mapping[str, str]) -> dict[str, Feature]:
    """What was written into the form, as the API wants it; what was left empty is nothing."""
    return {column.name: json_value(column, given.get(column.name, "")) for column in asked_columns(contract)}


def page(contract: DatasetContract, values: Mapping[str, str], outcome: Outcome) -> str:
    """The whole page; all that comes from contract, form or answer is escaped."""
    fields = "\n".join(_field(column, values.get(column.name, "")) for column in asked_columns(contract))
    title = escape(f"{contract.name}: predict")
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{STYLE}</style>
<main>
<h1>{title}</h1>
<p>{escape(contract.description)}</p>
{"".join(_outcome(outcome))}
<form method="post">
<div class="fields">
{fields}
</div>
<button>Predict</button>
</form>
</main>
</html>
"""


STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .75rem 1.5rem; }
label { display: grid; }
label small { opacity: .75; }
input, select, button { font: inherit; padding: .25rem .4rem; min-height: 1.9rem; }
button { margin: 1.25rem 0; padding: .4rem 1.5rem; }
section { border: 1px solid; border-radius: .4rem; padding: .25rem 1rem 1rem; margin: 1rem 0; }
table { border-spacing: 0 .2rem; } th { text-align: left; font-weight: normal; padding-right: 1rem; }
td.number { font-variant-numeric: tabular-nums; padding-right: 1rem; } meter { width: 12rem; }
"""


def _text(value: Feature) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _field(column: Column, value: str) -> str:
    name, required = escape(column.name), "" if column.nullable else " required"
    hint = " ".join(filter(None, [column.description, "(may be empty)" if column.nullable else ""]))
    return f"<label>{name} <small>{escape(hint)}</small>{_input(column, name, value, required)}</label>"


def _input(column: Column, name: str, value: str, required: str) -> str:
    choices = ("true", "false") if column.type == "boolean" else column.allowed
    if choices and len(choices) <= MOST_LISTED and column.unlisted == "reject":
        listed = ["", *choices] if column.nullable else choices
        options = "".join(
            f"<option{' selected' if choice == value else ''}>{escape(choice)}</option>" for choice in listed
        )
        return f'<select name="{name}"{required}>{options}</select>'
    limits = "".join(
        f' {key}="{limit:.15g}"' for key, limit in (("min", column.min), ("max", column.max)) if limit is not None
    )
    kind = TYPES.get(column.type, "text")
    step = ' step="any"' if column.type == "float" else ""
    return f'<input name="{name}" type="{kind}" value="{escape(value)}"{limits}{step}{required} autocomplete="off">'


def _outcome(outcome: Outcome) -> Iterator[str]:
    match outcome:
        case Answer(prediction=found, seconds=seconds):
            yield f'<section role="status"><h2>{escape(str(found.prediction))}</h2><table>'
            for name, share in (found.probabilities or {}).items():
                bar = f'<meter value="{share:.4f}" aria-label="{escape(name)}"></meter>'
                yield f'<tr><th scope="row">{escape(name)}<td class="number">{share:.4f}<td>{bar}'
            yield f"</table><p>model {escape(found.named)}"
            if found.candidate is not None:
                yield f" or {escape(found.candidate.named)}, which an update is bringing"
            yield f", learned from {escape(found.data_commit or 'an unknown commit')}; "
            yield f"inference {escape(found.inference_id)}; {1000 * seconds:.0f} ms</p></section>"
        case AdvisedError(what=what, advice=advice):
            lines = "<br>".join(escape(line) for line in what.splitlines())
            yield f'<section role="alert"><h2>No prediction</h2><p>{lines}</p><p>{escape(advice)}</p></section>'
        case _:
            pass
