"""uv as everything here calls it: with the certificates that this machine trusts."""

import os
import subprocess
from pathlib import Path

from uv import find_uv_bin

# Where systems keep them in one file: Debian and most others, Fedora, SUSE, macOS.
CERTIFICATES = (
    Path("/etc/ssl/certs/ca-certificates.crt"),
    Path("/etc/pki/tls/certs/ca-bundle.crt"),
    Path("/etc/ssl/ca-bundle.pem"),
    Path("/etc/ssl/cert.pem"),
)


def uv(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run uv; the caller looks at how it ended."""
    environment = {**certificate_switch(), **os.environ}
    return subprocess.run((find_uv_bin(), *arguments), capture_output=True, text=True, check=False, env=environment)


def certificate_switch() -> dict[str, str]:
    """By itself uv trusts its own list, which knows no company's proxy; where the system has no list, it must."""
    return {"UV_SYSTEM_CERTS": "1"} if any(file.is_file() for file in CERTIFICATES) else {}
