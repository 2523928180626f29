"""Regular expressions of a contract: one dialect, whose time grows with the text only."""

import pytest

from lakeloop.contract.patterns import Pattern, PatternError


@pytest.mark.parametrize(
    ("expression", "text", "matches", "found"),
    [
        ("[A-Z]+", "AB", True, True),
        ("[A-Z]+", "AB1", False, True),
        ("[A-Z]+", "AB\n", False, True),
        ("A|AB", "AB", True, True),
        ("(?m)^A$", "A\nB", False, True),
        ("(?i)ab", "AB", True, True),
        ("^Total", "Subtotal", False, False),
        ("", "", True, True),
        ("ü+", "üü", True, True),
    ],
)
def test_all_of_a_text_or_some_of_it_is_such(expression: str, text: str, matches: bool, found: bool) -> None:
    pattern = Pattern(expression)

    assert (pattern.matches(text), pattern.found_in(text)) == (matches, found)


@pytest.mark.parametrize("expression", ["(a+)+", "(a|aa)+", "(.*a){20}", "(a*)*b?", "^(a?){50}a{50}"])
def test_no_expression_takes_longer_than_its_text_is_long(expression: str) -> None:
    """An engine that goes back takes years for these, so the test would not end."""
    assert not Pattern(expression).matches("a" * 100_000 + "!")


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("(", "unclosed group"),
        ("a)|(b", "unopened group"),
        ("(?x)a # b", "unclosed group"),
        ("a(?=b)", "look-around, including look-ahead and look-behind, is not supported"),
        (r"(a)\1", "backreferences are not supported"),
        ("(a{1000}){1000}", "Compiled regex exceeds size limit of 10485760 bytes"),
    ],
)
def test_what_is_not_in_the_dialect_is_said_in_the_engines_words(expression: str, said: str) -> None:
    with pytest.raises(PatternError) as refused:
        Pattern(expression)

    assert str(refused.value) == said
