"""How the text of a file is encoded."""

import codecs

from lakeloop.streams import ByteStream

PIECE = 1024 * 1024
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Bytes that windows-1252 gives no character.
NOT_IN_1252 = b"\x81\x8d\x8f\x90\x9d"
SURROGATES = ("\udc80", "\udcff")


def encoding_of(stream: ByteStream) -> str:
    """The encoding of the whole stream: UTF-8 unless more characters speak against it than for it."""
    first = stream.read(PIECE)
    if first.startswith(UTF16):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    characters = undecodable = 0
    outside = False
    piece = first
    while piece:
        if not piece.isascii():
            text = decoder.decode(piece)
            here = sum(SURROGATES[0] <= character <= SURROGATES[1] for character in text)
            undecodable += here
            characters += sum(not character.isascii() for character in text) - here
            outside = outside or any(byte in piece for byte in NOT_IN_1252)
        piece = stream.read(PIECE)
    if undecodable <= characters:
        return "utf-8"
    return "latin-1" if outside else "windows-1252"
