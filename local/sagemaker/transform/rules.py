"""What SageMaker demands of a transform request beyond the shape of it."""

from collections.abc import Iterator

from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.errors import invalid
from lakeloop.local.sagemaker.transform.filters import ColumnFilter


def check(request: Document) -> None:
    """Raises ServiceError for the first rule that is broken."""
    for problem in _problems(request):
        raise invalid(problem)


def _problems(request: Document) -> Iterator[str]:
    given, output = request["TransformInput"], request["TransformOutput"]
    split_type = given.get("SplitType", "None")
    if split_type not in ("None", "Line"):
        yield f"The local SageMaker splits input by Line or not at all, not by {split_type}."
    if request.get("BatchStrategy") == "MultiRecord" and split_type == "None":
        yield "BatchStrategy MultiRecord needs a SplitType."
    if "DataCaptureConfig" in request:
        yield "The local SageMaker captures data at endpoints only, not in transform jobs."
    processing = request.get("DataProcessing")
    if not processing:
        return
    if given.get("ContentType", "text/csv").partition(";")[0] != "text/csv":
        yield "The local SageMaker processes data of ContentType text/csv only."
    if split_type != "Line" or output.get("AssembleWith", "None") != "Line":
        yield "DataProcessing needs SplitType and AssembleWith to be Line."
    for name in ("InputFilter", "OutputFilter"):
        try:
            ColumnFilter.parse(processing.get(name, "$"))
        except ValueError as error:
            yield f"{name}: {error}"
