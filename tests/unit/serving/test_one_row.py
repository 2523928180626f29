"""What a caller of the prediction API gets, for every kind of request."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lakeloop.contract import DatasetContract
from lakeloop.errors import ModelBusyError, ModelFailedError, NoModelError, TransientError
from lakeloop.serving.answer import Answer
from lakeloop.serving.ports import UNKNOWN_MODEL, EndpointView, LiveModel
from lakeloop.serving.prediction import Prediction, interpret
from lakeloop.serving.request import INFERENCE_ID_EXPECTED, LARGEST_BODY
from lakeloop.serving.service import PredictionService
from tests.cases import OPS
from tests.data import tiny
from tests.fakes import MemoryContracts, MemoryEndpoints, MemoryModelContracts
from tests.unit.serving.asking import GOOD, problems, service_of, with_columns


def ask(
    body: object,
    endpoints: MemoryEndpoints | None = None,
    dataset: str = "tiny",
    today: DatasetContract | None = None,
    **kept: DatasetContract,
) -> Answer:
    """Ask under today's contract, with those that models keep."""
    return service_of(endpoints, today or tiny(), **kept).handle(
        dataset, body if isinstance(body, str) else json.dumps(body)
    )


def test_a_prediction_names_class_confidence_model_and_inference() -> None:
    answer = ask({"features": GOOD, "inference_id": "i-1"})

    assert answer.status == 200
    assert answer.body == {
        "inference_id": "i-1",
        "dataset": "tiny",
        "prediction": "yes",
        "confidence": 0.9,
        "probabilities": {"no": pytest.approx(0.1), "yes": 0.9},
        "model": "model-1",
        "data_commit": "commit-1",
    }


def test_the_model_reads_the_features_in_the_order_of_the_contract() -> None:
    endpoints = MemoryEndpoints()

    ask({"features": dict(reversed(GOOD.items()))}, endpoints)
    ask({"features": {"f": 0}}, endpoints)

    assert endpoints.bodies == ["1.5,7,2,1", "0,,,"]


def test_an_answer_is_what_api_gateway_wants() -> None:
    answer = ask({"features": GOOD}, MemoryEndpoints(answer=ModelBusyError("it starts")))

    assert answer.to_proxy() == {
        "statusCode": 503,
        "headers": {"Content-Type": "application/json", "Retry-After": "30"},
        "body": '{"error": "model_busy", "message": "it starts: try again"}',
    }


def test_an_inference_without_an_id_is_given_one() -> None:
    ids = {ask({"features": GOOD}).body["inference_id"] for _ in range(2)}

    assert len(ids) == 2


def test_every_field_that_does_not_fit_is_named() -> None:
    answer = ask({"features": {"i": 1.5, "c": "z", "t": "perhaps", "q": 1}, "inference_id": 7, "extra": 1})

    assert answer.status == 400
    assert problems(answer) == {
        "features.f": "missing",
        "features.i": "expected integer, found `1.5`",
        "features.c": "expected one of a, b, found `z`",
        "features.t": "expected boolean, true or false, found `perhaps`",
        "features.q": "unknown",
        "inference_id": INFERENCE_ID_EXPECTED,
        "extra": "unknown",
    }


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("x", "expected float, found `x`"),
        (True, "expected float, found `true`"),
        (-1, "expected at least 0, found `-1`"),
        ("11", "expected at most 10, found `11`"),
    ],
)
def test_a_number_is_a_number_within_its_limits(value: object, problem: str) -> None:
    assert problems(ask({"features": {**GOOD, "f": value}})) == {"features.f": problem}


@pytest.mark.parametrize("value", [0, 10])
def test_the_limits_of_a_number_are_within_them(value: int) -> None:
    assert ask({"features": {**GOOD, "f": value}}).status == 200


@pytest.mark.parametrize("body", ["", "no json", "[]", "{}", '{"features": 1}', '{"features": {"f": NaN}}'])
def test_what_is_no_request_is_refused(body: str) -> None:
    assert ask(body).status == 400


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_body_whatever_breaks_the_service(body: object) -> None:
    assert ask({"features": body}).status in (200, 400)
    assert ask({"features": {"f": body, "c": body}}).status in (200, 400)


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (NoModelError("x"), 503, "no_model"),
        (ModelBusyError("x"), 503, "model_busy"),
        (ModelFailedError("x"), 502, "model_failed"),
    ],
)
def test_what_the_endpoint_cannot_do_is_said_and_asked_of_it_once(error: Exception, status: int, name: str) -> None:
    endpoints = MemoryEndpoints(answer=error)

    answer = ask({"features": GOOD}, endpoints)

    assert (answer.status, answer.body["error"]) == (status, name)
    assert len(endpoints.bodies) == 1


def test_no_endpoint_yet_is_503_and_an_unknown_dataset_404() -> None:
    assert ask({"features": GOOD}, MemoryEndpoints(views=[None])).status == 503
    assert ask({"features": GOOD}, dataset="other").status == 404


def multiclass() -> DatasetContract:
    columns = tiny().model_dump(mode="json")["columns"]
    columns[1] = {"name": "y", "type": "category", "allowed": ["r", "g", "b"], "description": "label"}
    training = {**tiny().training.model_dump(mode="json"), "metric": "mlogloss"}
    return tiny(problem="multiclass", positive_class=None, columns=columns, training=training)


@pytest.mark.parametrize("scores", ["0.2,0.7,0.1", "0.2\n0.7\n0.1\n", "[0.2, 0.7, 0.1]\n"])
def test_scores_of_several_classes_are_read_as_old_and_new_containers_write_them(scores: str) -> None:
    assert interpret(scores, multiclass())[0].prediction == "g"


def test_the_likeliest_of_several_classes_is_predicted_and_each_has_its_probability() -> None:
    probabilities = {"r": 0.2, "g": 0.7, "b": 0.1}

    assert interpret("0.2,0.7,0.1", multiclass()) == [Prediction("g", 0.7, probabilities)]


def test_a_score_of_two_classes_is_that_of_the_positive_one() -> None:
    assert interpret("0.25", tiny()) == [Prediction("no", 0.75, {"no": 0.75, "yes": 0.25})]


def regression() -> DatasetContract:
    columns = tiny().model_dump(mode="json")["columns"]
    columns[1] = {"name": "y", "type": "float", "description": "label"}
    training = {**tiny().training.model_dump(mode="json"), "metric": "rmse"}
    return tiny(problem="regression", positive_class=None, columns=columns, training=training)


def test_a_regression_answers_a_number_without_confidence() -> None:
    assert interpret("13.5\n", regression()) == [Prediction(13.5, None, {})]


@pytest.mark.parametrize(
    ("scores", "contract", "said"),
    [
        ("", tiny(), "answered '' where numbers were expected"),
        ("abc", tiny(), "answered 'abc' where numbers were expected"),
        ("x" * 101, tiny(), f"answered '{'x' * 100}' where numbers were expected"),
        ("0.1,0.2", tiny(), "answered 2 scores for one row"),
        ("0.1,0.2", regression(), "answered 2 scores for one row"),
        ("0.1,0.2", multiclass(), "answered 2 scores for 3 classes"),
        ("0.1,0.2,0.3,0.4", multiclass(), "answered 4 scores for 3 classes"),
    ],
)
def test_scores_that_do_not_fit_are_the_models_failure(scores: str, contract: DatasetContract, said: str) -> None:
    with pytest.raises(ModelFailedError, match=said):
        interpret(scores, contract)


def test_a_value_put_at_the_head_of_allowed_does_not_change_what_the_served_model_reads() -> None:
    endpoints = MemoryEndpoints(views=[EndpointView(LiveModel("m", "trained"))])

    ask({"features": GOOD}, endpoints, today=with_columns(c={"allowed": ["app", "a", "b"]}), trained=tiny())

    assert endpoints.bodies == ["1.5,7,2,1"]


def test_a_new_column_does_not_take_predictions_down() -> None:
    tolls = {"name": "tolls", "type": "float", "nullable": True, "description": "new"}
    endpoints = MemoryEndpoints(views=[EndpointView(LiveModel("m", "trained"))])

    today = with_columns(tolls)
    without = ask({"features": GOOD}, endpoints, today=today, trained=tiny())
    with_it = ask({"features": {**GOOD, "tolls": 3}}, endpoints, today=today, trained=tiny())

    assert (without.status, with_it.status, endpoints.bodies) == (200, 200, ["1.5,7,2,1", "1.5,7,2,1"])


def test_a_value_that_the_served_model_never_learned_is_refused_though_todays_contract_takes_it() -> None:
    endpoints = MemoryEndpoints(views=[EndpointView(LiveModel("m", "trained"))])
    today = with_columns(c={"allowed": ["a", "b", "z"]})

    answer = ask({"features": {**GOOD, "c": "z"}}, endpoints, today=today, trained=tiny())

    assert problems(answer) == {"features.c": "expected one of a, b, found `z`"}


OLD, NEW = LiveModel("old", "before", "d1"), LiveModel("new", "after", "d2")
CHANGED = with_columns(c={"allowed": ["b", "a"]})


def switching(*views: EndpointView | None, after: DatasetContract) -> tuple[Answer, list[str]]:
    """The answer, and what the endpoint was sent, while it looks like this one look after another."""
    endpoints = MemoryEndpoints(views=list(views))
    return ask({"features": GOOD}, endpoints, before=tiny(), after=after), endpoints.bodies


def test_while_the_new_fleet_is_only_being_made_the_old_model_answers_and_is_named() -> None:
    making = EndpointView(OLD, NEW)

    answer, sent = switching(making, making, after=CHANGED)

    assert (answer.body["model"], sent) == ("old", ["1.5,7,2,1"])


def test_an_answer_that_the_switch_overtook_is_asked_for_again_and_names_the_new_model() -> None:
    answer, sent = switching(EndpointView(OLD, NEW), EndpointView(NEW), after=CHANGED)

    assert (answer.body["model"], sent) == ("new", ["1.5,7,2,1", "1.5,7,1,1"])


def test_while_both_may_answer_alike_the_candidate_is_named_beside_the_model() -> None:
    both = EndpointView(OLD, NEW, shifting=True)

    answer, _ = switching(both, both, after=tiny())

    assert (answer.status, answer.body["model"]) == (200, "old")
    assert answer.body["candidate"] == {"model": "new", "data_commit": "d2"}


@pytest.mark.parametrize(
    ("before", "after"),
    [(tiny(), CHANGED), (CHANGED, tiny()), (tiny(), with_columns(f={"max": 1}))],
    ids=["higher codes", "lower codes", "refuses the row"],
)
def test_while_both_may_answer_and_would_not_read_the_same_the_caller_is_asked_to_wait(
    before: DatasetContract, after: DatasetContract
) -> None:
    both = EndpointView(OLD, NEW, shifting=True)

    answer = ask({"features": GOOD}, MemoryEndpoints(views=[both]), before=before, after=after)

    assert (answer.status, answer.body["error"], answer.headers["Retry-After"]) == (503, "model_busy", "30")


TURNED = tiny(positive_class="no")


@pytest.mark.parametrize(("before", "after"), [(tiny(), TURNED), (TURNED, tiny())])
def test_while_both_may_answer_and_mean_different_classes_the_caller_is_asked_to_wait(
    before: DatasetContract, after: DatasetContract
) -> None:
    both = EndpointView(OLD, NEW, shifting=True)

    answer = ask({"features": GOOD}, MemoryEndpoints(views=[both]), before=before, after=after)

    assert (answer.status, answer.body["error"]) == (503, "model_busy")


def test_traffic_that_begins_to_shift_while_the_model_answers_names_the_candidate_too() -> None:
    answer, _ = switching(EndpointView(OLD, NEW), EndpointView(OLD, NEW, shifting=True), after=tiny())

    assert (answer.status, answer.body["model"]) == (200, "old")
    assert answer.body["candidate"] == {"model": "new", "data_commit": "d2"}


def test_a_rollback_before_any_traffic_leaves_the_old_model_named() -> None:
    answer, _ = switching(EndpointView(OLD, NEW), EndpointView(OLD), after=CHANGED)

    assert answer.body["model"] == "old"


def test_a_model_that_cannot_read_the_row_because_it_was_replaced_is_asked_again_as_what_it_is() -> None:
    class Replaced(MemoryEndpoints):
        def invoke(self, endpoint: str, body: str, inference_id: str) -> str:
            super().invoke(endpoint, body, inference_id)
            if len(self.bodies) == 1:
                raise ModelFailedError("the model could not answer")
            return "0.2"

    endpoints = Replaced(views=[EndpointView(OLD), EndpointView(NEW)])
    answer = ask({"features": GOOD}, endpoints, before=tiny(), after=CHANGED)

    assert (answer.status, answer.body["model"]) == (200, "new")


@pytest.mark.parametrize(("seconds", "status"), [(7.9, 200), (8, 503)])
def test_a_second_answer_is_asked_for_only_while_there_is_time_for_one(
    monkeypatch: pytest.MonkeyPatch, seconds: float, status: int
) -> None:
    clock = [3.0]
    monkeypatch.setattr("lakeloop.serving.scoring.time.monotonic", lambda: clock[0])

    class Slow(MemoryEndpoints):
        def invoke(self, endpoint: str, body: str, inference_id: str) -> str:
            clock[0] += seconds
            return super().invoke(endpoint, body, inference_id)

    endpoints = Slow(views=[EndpointView(OLD, NEW), EndpointView(NEW)])

    assert ask({"features": GOOD}, endpoints, before=tiny(), after=CHANGED).status == status


def test_an_endpoint_that_goes_while_it_answers_has_no_model() -> None:
    answer, _ = switching(EndpointView(OLD, NEW), None, after=CHANGED)

    assert (answer.status, answer.body["error"]) == (503, "no_model")


def test_describe_throttled_in_a_cold_process_is_answered_without_a_name() -> None:
    answer = ask({"features": GOOD}, MemoryEndpoints(views=[EndpointView(UNKNOWN_MODEL)]))

    assert (answer.status, answer.body["model"], answer.body["data_commit"]) == (200, None, None)


def test_only_feature_missing_is_one_missing_value_and_no_empty_line() -> None:
    case = OPS / "only-feature-missing"
    columns = yaml.safe_load((case / "contract-columns.yaml").read_text())
    contract = tiny(label="outcome", columns=columns)
    endpoints = MemoryEndpoints()

    answer = ask(json.loads((case / "request.json").read_text()), endpoints, today=contract)

    assert (answer.status, endpoints.bodies) == (200, ["nan"])


class KeyTooLong(MemoryContracts):
    """What S3 answers to a key that it has no room for reaches the service as an error that is no "not found"."""

    def get(self, dataset: str) -> DatasetContract:
        raise TransientError(f"KeyTooLongError: {dataset}")


def test_dataset_name_too_long_is_a_short_404_without_asking_for_it() -> None:
    path = (OPS / "dataset-name-too-long" / "request.txt").read_text().split()[1]
    times = int(path.partition("(")[2].partition(" ")[0].replace(",", ""))
    service = PredictionService(
        contracts=KeyTooLong(),
        model_contracts=MemoryModelContracts(),
        endpoints=MemoryEndpoints(),
        name_prefix="lakeloop-test",
    )

    answer = service.handle("a" * times, '{"features": {}}')

    assert (answer.status, answer.body["error"]) == (404, "unknown_dataset")
    assert answer.body["message"] == f"there is no dataset '{'a' * 40}'"
    assert service.handle("tiny", '{"features": {}}').status == 503


@pytest.mark.parametrize(
    ("body", "field", "problem"),
    [
        ('{"features": {"f": 1%s}}' % ("0" * 400), "features.f", "expected float that is finite"),
        ('{"features": {"f": 1%s}}' % ("0" * 5000), "features.f", "expected float that is finite"),
        ('{"features": {"f": -%s}}' % ("9" * 5000), "features.f", "expected float that is finite"),
        ('{"features": {"f": 1, "i": 9223372036854775808}}', "features.i", "expected integer of 64 bits"),
        ('{"features": {"f": %s}}' % ("[" * 20000), "", "nested too deeply"),
        ('{"features": {"f": [[1]]}}', "features.f", "expected float, found a list"),
        ('{"features": {"f": {"a": 1}}}', "features.f", "expected float, found an object"),
        ('{"features": {"f": "%s"}}' % ("x" * 500), "features.f", "…"),
        ('{"features": {"f": 1, "t": [1]}}', "features.t", "expected boolean, found a list"),
        ('{"features": {"f": 1}, "inference_id": "a\\nb"}', "inference_id", "printable ASCII"),
        ('{"features": {"f": 1}, "inference_id": " a"}', "inference_id", "printable ASCII"),
        ('{"features": {"f": 1}, "inference_id": "\\ud800"}', "inference_id", "printable ASCII"),
        ('{"features": {"f": 1}, "inference_id": "%s"}' % ("x" * 65), "inference_id", "1 to 64"),
        ('{"features": {"f": 1}, "%s": 1}' % ("x" * 500), "x" * 40, "unknown"),
    ],
)
def test_what_a_caller_makes_up_is_a_400_that_names_it(body: str, field: str, problem: str) -> None:
    answer = ask(body)

    assert answer.status == 400
    assert problem in problems(answer)[field]
    assert len(json.dumps(answer.to_proxy())) < 2000


@pytest.mark.parametrize(("value", "read"), [(-2.5, "-2.5"), (0.1, "0.10000000149011612"), (2**30, "1073741824")])
def test_a_number_without_limits_is_read_as_it_is_in_32_bits(value: float, read: str) -> None:
    endpoints = MemoryEndpoints()

    ask({"features": {"f": value}}, endpoints, today=with_columns(f={"min": None, "max": None}))

    assert endpoints.bodies == [f"{read},,,"]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (-1.5, "expected integer, found `-1.5`"),
        (10**30, "expected integer of 64 bits, found `1000000000000000000000000000000`"),
        (-(10**30), "expected integer of 64 bits, found `-1000000000000000000000000000000`"),
    ],
)
def test_an_integer_is_one_of_64_bits_on_both_sides_of_zero(value: float, problem: str) -> None:
    assert problems(ask({"features": {**GOOD, "i": value}})) == {"features.i": problem}


def test_the_largest_integer_that_a_double_tells_from_its_neighbours_is_one() -> None:
    endpoints = MemoryEndpoints()

    ask('{"features": {"f": 1, "i": 9007199254740992}}', endpoints)

    assert endpoints.bodies == ["1,9007199254740992.0,,"]


def test_the_largest_body_is_one_of_a_mebibyte() -> None:
    body = json.dumps({"features": GOOD}).ljust(1024 * 1024)

    assert ask(body).status == 200
    assert ask(f"{body} ").status == 413


@pytest.mark.parametrize(("length", "shown"), [(40, f"`{'x' * 40}`"), (41, f"`{'x' * 40}…`")], ids=["whole", "cut"])
def test_a_wrong_value_is_shown_to_its_40th_character(length: int, shown: str) -> None:
    assert problems(ask({"features": {"f": "x" * length}})) == {"features.f": f"expected float, found {shown}"}


@pytest.mark.parametrize(("length", "status"), [(1, 200), (2, 200), (64, 200), (65, 400)])
def test_an_inference_id_has_at_most_64_characters(length: int, status: int) -> None:
    assert ask({"features": GOOD, "inference_id": "x" * length}).status == status


def test_a_thousand_wrong_fields_are_not_all_listed() -> None:
    answer = ask({"features": {f"q{n}": n for n in range(1000)}})

    assert len(problems(answer)) == 100


@pytest.mark.parametrize(
    ("values", "listed"), [(10, "v0, v1, v2, v3, v4, v5, v6, v7, v8, v9"), (11, "11 listed values")]
)
def test_allowed_values_are_listed_while_they_fit_into_forty_characters(values: int, listed: str) -> None:
    contract = with_columns(c={"allowed": [f"v{n}" for n in range(values)]})

    said = problems(ask({"features": {**GOOD, "c": "z"}}, today=contract))["features.c"]

    assert said == f"expected one of {listed}, found `z`"


def test_many_allowed_values_are_counted_instead_of_listed() -> None:
    many = with_columns(c={"allowed": [f"v{n}" for n in range(500)]})

    assert (
        problems(ask({"features": {**GOOD, "c": "z"}}, today=many))["features.c"]
        == "expected one of 500 listed values, found `z`"
    )


def test_a_body_larger_than_a_row_can_be_is_413() -> None:
    answer = ask('{"features": {"f": "%s"}}' % ("é" * (LARGEST_BODY // 2)))

    assert (answer.status, answer.body) == (
        413,
        {"error": "invalid_request", "message": "a request has at most 1,048,576 bytes"},
    )


def test_an_unforeseen_error_is_answered_in_the_apis_form_without_our_insides() -> None:
    answer = ask({"features": GOOD}, MemoryEndpoints(answer=ZeroDivisionError("secret")))

    assert (answer.status, answer.body["error"]) == (500, "internal")
    assert "secret" not in json.dumps(answer.to_proxy())
