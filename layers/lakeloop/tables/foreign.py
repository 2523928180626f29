"""What people drop for a table, told by its first bytes: https://en.wikipedia.org/wiki/List_of_file_signatures."""

import re

from lakeloop.errors import UnreadableObjectError

SIGNATURE_BYTES = 16
# Those that a header could begin with are told by more than the letters that name them.
FOREIGN = {
    rb"BZh[1-9]1AY&SY": "packed by bzip2: unpack it (`bunzip2`), or pack it with gzip or zstd",
    rb"\xfd7zXZ\x00": "packed by xz: unpack it (`unxz`), or pack it with gzip or zstd",
    rb"\x04\x22\x4d\x18": "packed by lz4: unpack it (`unlz4`), or pack it with gzip or zstd",
    rb"7z\xbc\xaf\x27\x1c": "a 7z archive: take the table out",
    rb"Rar!\x1a\x07": "a RAR archive: take the table out",
    rb"PK\x03\x04": "a spreadsheet or a zip: save the sheet as CSV, or take the table out",
    rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Office document: save the sheet as CSV",
    rb"%PDF-\d": "a PDF: write the table as CSV",
    rb"SQLite format 3\x00": "an SQLite database: write the table as CSV",
    rb"ARROW1\x00\x00": "an Arrow (Feather) file: write it as Parquet",
    rb"Obj\x01": "an Avro file: write it as Parquet",
    rb"\x89HDF\r\n\x1a\n": "an HDF5 file: write the table as Parquet",
    rb"RDX[23]\n[ABX]\n": "saved by R: write the table as CSV (`write.csv`)",
    rb"\x80[\x04\x05]\x95": "pickled by Python: write the table as Parquet",
}


def refuse_foreign(first: bytes) -> None:
    """Raises UnreadableObjectError for what is no table: archives, spreadsheets, databases."""
    for signature, what in FOREIGN.items():
        if re.match(signature, first):
            raise UnreadableObjectError(f"the file is {what}")
