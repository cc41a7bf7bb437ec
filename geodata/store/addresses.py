"""Address books as folders beside the datasets. Loads frames, so that no server's worker reads it.

{home}/addresses/{name}/…   as datasets lie there: addresses.parquet alone
"""

import hashlib
from pathlib import Path
from typing import Any, Final

import msgspec

from geodata.sources.locate import book
from geodata.sources.locate.book import AddressBook, AddressBookAbout
from geodata.store.publishing import Published
from geodata.store.versions import Manifest, Pointer

#: The one file of an address book.
ADDRESSES: Final = "addresses.parquet"


class AddressBooks(Published[AddressBookAbout]):
    """One named address book under a home folder."""

    __slots__ = ()
    room = "addresses"
    what = "address book"
    format = book.FORMAT
    manifest_type = Manifest[AddressBookAbout]
    keep = 2
    way_out = "`nuanfeng import-addresses EXTRACT --dataset {name}` makes it anew"

    def load(self, pointer: Pointer | None = None) -> AddressBook:
        """The current book, or that of another version. Raises NoDataset where there is none, and
        DamagedDataset where it is of another format.
        """
        at = pointer or self.pointer()
        self.manifest(at)
        return book.from_parquet(self.blob(at.version, ADDRESSES))

    def publish_book(self, made: AddressBook, about: AddressBookAbout) -> Pointer:
        """Publish a book under the digest of what it holds. Raises as `publish` does."""
        body = book.to_parquet(made)
        version = hashlib.sha256(msgspec.json.encode(about) + body).hexdigest()[:16]
        return self.publish(version, about, {}, {ADDRESSES: body})

    def _summary(self, about: AddressBookAbout, /) -> dict[str, Any]:
        return {
            "lines": sum(about.counts.values()),
            "source": about.file,
            "data_date": about.data_date,
        }


def address_book(home: Path, name: str) -> AddressBook | None:
    """The address book of that name; None where none is published."""
    store = AddressBooks(home, name)
    return store.load() if store.current() else None
