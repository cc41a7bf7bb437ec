"""Unpack the old Chromiums of node_modules beside this file; called by make.

Each package brings a headless Chromium, and the libraries of its day that this machine may lack, as
Brotli files."""

import io
import tarfile
from pathlib import Path
from typing import Final

import brotli

HERE: Final = Path(__file__).parent
#: The major versions that package.json names.
VERSIONS: Final = (80, 83, 88, 92)


def folder(version: int) -> Path:
    """Where a version lies once it is unpacked."""
    return HERE / "node_modules" / f"chromium-{version}" / "unpacked"


def unpack(version: int) -> None:
    """Write the program and its libraries, the program last: where it is, all is there."""
    packed, out = folder(version).parent / "bin", folder(version)
    out.mkdir(exist_ok=True)
    with tarfile.open(
        fileobj=io.BytesIO(brotli.decompress((packed / "aws.tar.br").read_bytes()))
    ) as libraries:
        libraries.extractall(out, filter="data")
    program = out / "chromium.new"
    program.write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
    program.chmod(0o755)
    program.rename(out / "chromium")


if __name__ == "__main__":
    for version in VERSIONS:
        unpack(version)
