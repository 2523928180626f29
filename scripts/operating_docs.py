"""docs/operating.md: a day with the commands of the operator, drawn by their own views from recorded answers."""

from rich.console import Console

from lakeloop import project
from lakeloop.cli.views import letters, quarantined
from lakeloop.client.rejected_csv import RejectedCsv
from lakeloop.contract.file import FileFormat
from lakeloop.scripts import terminal_samples as samples
from lakeloop.scripts.terminal_docs import Draw, drawn_at

PAGE = project.SOURCES / "docs" / "operating.md"
WIDTH = 120


def page() -> str:
    """The whole page, the same wherever and whenever it is made."""
    return "\n".join(
        [
            INTRODUCTION,
            _screen("lakeloop quarantine list", draw_files),
            _screen("lakeloop quarantine show breast_cancer tumours-2.csv", draw_rows),
            MENDING,
            _block("csv", exported()),
            SENDING,
            _screen("lakeloop quarantine mend breast_cancer tumours-2.csv.rejected.csv", draw_mend),
            AFTER_MENDING,
            _screen("lakeloop dlq show --dataset wine", draw_letter),
            REDRIVING,
            _screen("lakeloop dlq redrive --dataset wine", draw_redrive),
            AFTER_REDRIVING,
            A_BAD_DEPLOY,
        ]
    )


def exported() -> str:
    written = RejectedCsv("e3fc3b14", FileFormat(), ["sample_id", "diagnosis", "mean_radius", "mean_texture"])
    return written.write(samples.REJECTED).decode().rstrip("\n")


def draw_files(out: Console) -> None:
    out.print(quarantined.block(samples.QUARANTINED), soft_wrap=True)
    out.print("3 rows of 1 file in quarantine")


def draw_rows(out: Console) -> None:
    for row in samples.REJECTED:
        out.print(quarantined.row(row), soft_wrap=True)


def draw_mend(out: Console) -> None:
    for line in quarantined.told_of_mend(samples.MENDED):
        out.print(line, soft_wrap=True)


def draw_letter(out: Console) -> None:
    out.print(letters.block(samples.LETTERS[0], history=[samples.DONE]), soft_wrap=True)
    out.print(letters.block(samples.REPLACED, samples.CAUSE_GONE), soft_wrap=True)


def draw_redrive(out: Console) -> None:
    letters.tell_verdicts(out, samples.TO_REDRIVE, really=False)


def _screen(command: str, draw: Draw) -> str:
    return _block("text", f"$ {command}\n{drawn_at(WIDTH, draw)}")


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```\n"


INTRODUCTION = """# A day with the loop

This page is made by `make terminal-docs` from recorded answers, with the views that the commands use.

`lakeloop status` says whether there is anything to do: rows in quarantine, dead letters, files that were set aside
whole. Nothing waits for you but those two: what does not fit is in **quarantine**, what could not be handled is a
**dead letter**.

## Rows in quarantine

Rows that break a rule of the contract are set aside, each raw as it stood in the file; the others are on main. Only
versions that are current count: what a newer version replaced is nobody's work any more.
"""

MENDING = """Cells are shown on your terminal alone, with all that would move its cursor as codes; no log has them.

There are two ways out. Where the contract is too narrow, widen it. Where the rows are wrong, mend them:
`lakeloop quarantine export breast_cancer tumours-2.csv` writes `tumours-2.csv.rejected.csv`, in the dialect of the
contract, with line and reasons in two columns in front. Their names hold the version, so they are those of no column.
"""

SENDING = """Mend the cells behind the two columns in any editor, and leave the first line, the line numbers and the
order of the columns. Rows that you leave as they are, or take out, stay in quarantine; a row whose cells you empty is
gone. Of JSON Lines each row is its JSON in one cell. Parquet has no lines: mend the file and drop it again.
"""

AFTER_MENDING = """`transform_data` then judges the file again with the mended rows in the places of the old ones.
Good rows stay, mended ones join them, what is still bad is in quarantine again; limits of quality and repeated keys
are those of the whole file, so one that was set aside whole comes to main when enough of it is mended. Rows keep the
age of their file.

- Sent twice, nothing happens the second time. Mended in two turns, both count.
- A newer version of the file wins: the command refuses rows that were exported from the one before, and says so.

## Dead letters

A message that cannot be handled is in the dead-letter queue of its chain, with its reason. `dlq list` shows all of
them, `dlq show` also what was done about them before and what the function logged. `--chain`, `--dataset`,
`--object`, `--reason` and `--older-than 6h` choose, in each of the commands.
"""

REDRIVING = """A letter is known by what it is about, an object with its version, a commit, a job: its message has
another id each time it is sent. One whose object is on main meanwhile, or was replaced by a version that is, has lost
its cause.

Mend the cause, then send the letters to their queue again:
"""

AFTER_REDRIVING = """Add `--yes --why 'the contract names the encoding now'` to do it. Each letter is sent first and
deleted then, so that none is lost; letters of one object are one work. Letters without a cause are deleted and not
sent. Who did what and why is kept at `letters/` of the artifacts bucket. What came back twice with the same reason
stays, unless you add `--force`. `lakeloop dlq purge` throws letters away, likewise with `--yes --why`.

Files of which no event told are found by `reconcile_landing`, each hour, and `lakeloop status` says so:
[what lies in the lake](lake.md).

## Predictions that drift or decay

`monitor` compares, each hour, what is predicted with what the model learned from, and its answers with the labels that
came. `lakeloop status` has its sentence, `lakeloop drift breast_cancer` each feature. Where training is asked for there
is nothing to do; where no labelled rows are there to learn from, have predictions labelled:
[learning from what was predicted](online.md), with a page for each alarm, [drift](runbooks/drift.md) and
[decay](runbooks/decay.md).
"""

A_BAD_DEPLOY = """## A bad deploy

Whatever wakes a function names its alias `live`. Each change of its code, layers or settings is a version, and an
apply moves the alias to it. `lakeloop functions` shows the last five applies that changed a function and which of
them runs; their layers are kept, older ones are deleted by the next apply, all of them by a destroy.

```text
lakeloop rollback functions --reason 'answers are wrong since noon'
```

shows which functions would move to which version, and moves them once you say yes: back to the apply before, or to
the one that `--to` names, forward too. It takes seconds and builds nothing; what runs already runs to its end. Code,
layers, settings and contracts are those of then; topics, queues, rights and the API stay as they are, so an apply that
changed those is taken back with Terraform. You need `lambda:UpdateAlias` on the functions.

The next apply brings what it applies, also where that was set back. Its plan says so: it moves the alias forward, and
the description that goes with it says from which version, by whom and why it was set back. So mend or revert the code
before you apply, or leave out with `-target` what must not move.
"""


def main() -> None:
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
