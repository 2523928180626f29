"""What a person reads: short, with near words, and never a character that cannot be seen."""

import pytest

from lakeloop.values.near import NearWords
from lakeloop.values.refusal import NotListed, RefusedValueError, odd_characters, short, shown


@pytest.mark.parametrize(
    ("rule", "remark", "said"),
    [
        ("a" * 200, "", "a" * 200),
        ("a" * 201, "", "a" * 199 + "…"),
        ("a" * 190, "b" * 10, "a" * 190 + "b" * 10),
        ("a" * 191, "b" * 10, "a" * 189 + "…" + "b" * 10),
    ],
)
def test_a_reason_is_cut_to_200_characters_and_keeps_its_remark(rule: str, remark: str, said: str) -> None:
    refused = RefusedValueError(rule, remark)

    assert short(rule, remark) == refused.rule == str(refused) == said
    assert refused.expected == short(rule)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a" * 40, f"`{'a' * 40}`"),
        ("a" * 41, f"`{'a' * 40}…`"),
        (1.5, "`1.5`"),
        ("a\u200bb\n", "`a<U+200B>b<U+000A>`"),
    ],
)
def test_a_value_is_shown_cut_to_40_characters_with_names_for_what_cannot_be_seen(value: object, said: str) -> None:
    assert shown(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("plain ü", ""),
        ("a\u200bb\u200bc", "; it holds U+200B, which cannot be seen"),
        ("\u200a\u200b\u200c\u200d", "; it holds U+200A, U+200B, U+200C, which cannot be seen"),
        ("\uff11", "; it holds U+FF11, which only look like plain letters or digits"),
        (
            "\u200b\uff11",
            "; it holds U+200B, which cannot be seen; it holds U+FF11, which only look like plain letters or digits",
        ),
        ("²", "; it holds U+00B2, which only look like plain letters or digits"),
        ("a" * 199 + "\u200b", "; it holds U+200B, which cannot be seen"),
        ("a" * 200 + "\u200b", ""),
    ],
)
def test_odd_characters_are_named(value: str, said: str) -> None:
    assert odd_characters(value) == said


def test_a_short_list_is_told_whole_and_a_long_one_by_its_near_words() -> None:
    whole = ["a" * 19, "b" * 19]

    assert NotListed(whole).refusal("x").rule == f"one of {whole[0]}, {whole[1]}"
    assert NotListed([*whole, "c"]).refusal("bbb").rule == f"one of 3 listed values; near it: {whole[1]}"
    assert NotListed([*whole, "c"]).refusal("zzz").expected == "one of 3 listed values"


@pytest.mark.parametrize(
    ("words", "text", "near"),
    [
        (["blue", "green"], "bleu", ["blue"]),
        (["blue", "green"], "blu", ["blue"]),
        (["blue", "green"], "bluue", ["blue"]),
        (["blue", "green"], "BLUE ", ["blue"]),
        (["blue", "green"], "red", []),
        (["ab", "b"], "a", []),
        (["aaa1", "aaa2", "aaa3", "aaa4"], "aaa", ["aaa1", "aaa2", "aaa3"]),
        (["alpha", "alphabet", "beta"], "al", ["alpha", "alphabet"]),
        (["alpha", "alphabet", "beta"], "a", []),
        (["--", "++"], "--", ["--"]),
        (["a" * 40 + "x"], "a" * 40 + "y", ["a" * 40 + "x"]),
    ],
)
def test_near_words_are_one_letter_away_or_begun_alike(words: list[str], text: str, near: list[str]) -> None:
    assert NearWords(words).of(text) == near
