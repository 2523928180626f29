"""The one form of a text: what nobody sees is cut, composed and decomposed letters are one, white space around goes."""

import re
import unicodedata
from collections import Counter

# Soft hyphen, zero-width space, marks and embeddings of direction, isolates and invisible operators, byte order mark.
INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# Joiners shape letters in some scripts, so between letters they stay.
JOINER = re.compile("(?<![^\\W\\d_])[\u200c\u200d]|[\u200c\u200d](?![^\\W\\d_])")
# Python would also trim U+001C to U+001F, which are no white space to Unicode.
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
# JSON can write half of a pair of surrogates, which is no character and cannot be kept.
CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")
LINE_BREAKS = re.compile("[\r\n]")


def canonical(text: str) -> str:
    """The form in which texts are kept and compared. Idempotent."""
    if text.isascii():
        return text.strip(WHITE_SPACE)
    previous = ""
    while text != previous:
        # What is cut may bring a joiner to an edge, or two letters together that compose.
        previous, text = text, unicodedata.normalize("NFC", JOINER.sub("", INVISIBLE.sub("", text))).strip(WHITE_SPACE)
    return text


def cut(text: str) -> Counter[str]:
    """The invisible characters that the canonical form leaves out, as U+200B, and how often each stands in the text."""
    if text.isascii():
        return Counter()
    before, after = Counter(text), Counter(canonical(text))
    gone = {character: count - after[character] for character, count in before.items()}
    return Counter(
        {
            named(character): count
            for character, count in gone.items()
            if count > 0 and (INVISIBLE.match(character) or JOINER.match(character))
        }
    )


def control_character(text: str) -> str | None:
    """The first control character but tab, line feed and carriage return, as U+0000."""
    found = CONTROL.search(LINE_BREAKS.sub("", text))
    return named(found.group()) if found else None


def named(character: str) -> str:
    return f"U+{ord(character):04X}"
