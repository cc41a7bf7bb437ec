"""Beyond one process: the jobs of nearest and files, part by part on dask workers.

Knows dask, and nobody else does.

A part is a run of row groups of one Parquet file, cut as one process cuts it (sources.points).
Whoever answers it writes an Arrow file into a folder that all share, and the client takes these in
the order of the points: rows are those of one process, and sums are added in the same order, so
fractions come out the same too. A part that lies there whole is not asked again: neither after a
worker has died, nor when the command is run anew.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
from distributed import Client, Future, KilledWorker, LocalCluster, Worker, WorkerPlugin, get_worker

from geodata.analysis.left_out import Apart
from geodata.analysis.nearest import Answered, Ask, Job, Progress
from geodata.analysis.tables import replaced
from geodata.errors import ClusterFault, StoreError, UnreadableFile, why_of
from geodata.snapshot.snapshot import Snapshot
from geodata.sources.points import Source, require_alike, row_groups
from geodata.store.files import Dataset, Manifest, Pointer

#: In place of an address: a process a core on this machine.
LOCAL: Final = "local"
#: How long a scheduler may take to answer.
_PATIENCE_S: Final = 10
#: How a version travels: no piece of it is larger.
_PIECE_BYTES: Final = 1 << 24
_LZ4: Final = pa.ipc.IpcWriteOptions(compression="lz4")


class FilePart(NamedTuple):
    """Row groups of a file; of an empty one there are none."""

    path: Path
    groups: tuple[int, ...]
    first: int
    """Row of its first point among all points."""
    points: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """A version of a dataset for workers: where it lies, and its stored bytes if some worker does
    not see that.
    """

    dataset: Dataset
    pointer: Pointer
    manifest: bytes
    files: Mapping[str, bytes]

    def unpacked(self, scratch: Path) -> Snapshot:
        """The version, mapped where it lies.

        Else written under `scratch`, checked, and mapped there.
        """
        with suppress(StoreError):
            return self.dataset.load(self.pointer)
        if not self.files:
            raise ClusterFault(
                (
                    "a worker that joined late does not see {folder}; start again, and the "
                    "dataset is sent"
                ),
                folder=self.dataset.folder,
            )
        here = Dataset(scratch, self.dataset.name)
        here.take(self.pointer, self.manifest, lambda name: [self.files[name]])
        return here.load(self.pointer)


class _Prepared(WorkerPlugin):
    """A job, made ready once a worker."""

    def __init__(self, job: Job, shipment: Shipment) -> None:
        self.job, self.shipment = job, shipment
        self.ask: Ask | None = None

    def setup(self, worker: Worker) -> None:
        """Maps the version. Raises ClusterFault or StoreError."""
        self.ask = self.job.on(self.shipment.unpacked(Path(worker.local_directory) / "nuanfeng"))


@dataclass(frozen=True, slots=True)
class DaskCluster:
    """Workers, the dataset they are to ask, and the folder of finished parts, which they and the
    client see.
    """

    client: Client
    dataset: Dataset
    folder: Path

    def run(self, snapshot: Snapshot, job: Job, progress: Progress) -> Iterator[Answered]:
        """The bulk.Run of a cluster: the same pieces in the same order, answered by whoever is
        free.

        Raises ClusterFault where workers die over a part again and again, or cannot be given the
        dataset, and whatever a worker raises.
        """
        parts = parts_of(job.source)
        files = [self.folder / name for name in _names(parts, job, snapshot.version)]
        self._keep_only(files)
        with self._prepared(snapshot, job) as name:
            futures = self.client.map(
                _answer,
                parts,
                files,
                [name] * len(parts),
                key=[f"{name}-{file.name}" for file in files],
                pure=False,
            )
            try:
                for future, file in zip(futures, files, strict=True):
                    _settled(future)
                    yield from _read(file)
                    progress(_points_of(parts, futures), sum(part.points for part in parts))
            finally:
                self.client.cancel(futures, force=True)

    def clear(self) -> None:
        """Remove the finished parts."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _keep_only(self, files: Sequence[Path]) -> None:
        """What an earlier question left would only fill the disk."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for old in {*self.folder.iterdir()} - {*files}:
                old.unlink()
        except OSError as fault:
            raise UnreadableFile(
                "{folder} cannot hold finished parts: {why}", folder=self.folder, why=why_of(fault)
            ) from None

    @contextmanager
    def _prepared(self, snapshot: Snapshot, job: Job) -> Iterator[str]:
        name = f"nuanfeng-{os.urandom(8).hex()}"
        self.client.register_plugin(_Prepared(job, self._shipment(snapshot)), name=name)
        try:
            yield name
        finally:
            self.client.unregister_worker_plugin(name)

    def _shipment(self, snapshot: Snapshot) -> Shipment:
        pointer = self.dataset.find(snapshot.version)
        body = self.dataset.body(pointer)
        by_path = Shipment(self.dataset, pointer, body, {})
        if all(self.client.run(_sees, by_path).values()):
            return by_path
        manifest: Manifest[Any] = self.dataset.understood(body, pointer, self.dataset.folder)
        files = {
            name: b"".join(self.dataset.pieces(pointer.version, name, _PIECE_BYTES))
            for name in manifest.parts
        }
        return Shipment(self.dataset, pointer, body, files)


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A scheduler's client by its address, or LOCAL: processes here that end with it.

    Raises ClusterFault.
    """
    if address == LOCAL:
        with local() as cluster, Client(cluster) as client:
            yield client
        return
    try:
        client = Client(address, timeout=_PATIENCE_S, set_as_default=False)
    except (OSError, ValueError) as fault:
        raise ClusterFault(
            "no dask scheduler answers at {address}: {why}",
            address=address,
            why=str(fault) or "it took too long",
        ) from None
    with client:
        if not client.scheduler_info()["workers"]:
            raise ClusterFault(
                (
                    "the scheduler at {address} has no workers yet: start some by `dask worker "
                    "{address}`"
                ),
                address=address,
            )
        yield client


def local(workers: int | None = None) -> LocalCluster:
    """Single-threaded workers on this machine's loopback, one a core by default.

    Their status on a free port.
    """
    return LocalCluster(
        n_workers=workers or os.cpu_count() or 1,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )


def parts_of(source: Source) -> tuple[FilePart, ...]:
    """The points cut at row groups.

    UnreadableFile for what is no Parquet, BadTable where files differ in columns.
    """
    parts: list[FilePart] = []
    for path in map(Path.absolute, source.paths):
        if path.suffix.lower() != ".parquet":
            raise UnreadableFile(
                "a cluster reads Parquet, which can be cut into parts; {file} is none",
                file=path.name,
            )
        source.open(path)
        require_alike(_columns(source.paths[0]), _columns(path), path)
        for groups, points in row_groups(path):
            first = parts[-1].first + parts[-1].points if parts else 0
            parts.append(FilePart(path, groups, first, points))
    return tuple(parts)


def _columns(path: Path) -> pa.Schema:
    return pq.read_schema(path).remove_metadata()


def _names(parts: Sequence[FilePart], job: Job, dataset_version: str) -> list[str]:
    """Of each part a name with a checksum over what is asked of what: another question finds
    nothing of this one's.
    """
    asked = f"{version('nuanfeng')} {dataset_version} {job!r}"
    return [f"{n:06d}-{_checksum(asked, part)}.arrow" for n, part in enumerate(parts)]


def _checksum(asked: str, part: FilePart) -> str:
    stat = part.path.stat()
    return hashlib.sha256(
        f"{asked} {part!r} {stat.st_size} {stat.st_mtime_ns}".encode()
    ).hexdigest()[:16]


def _sees(shipment: Shipment) -> bool:
    """Asked on a worker."""
    try:
        shipment.dataset.load(shipment.pointer)
    except StoreError:
        return False
    return True


def _answer(part: FilePart, file: Path, plugin: str) -> None:
    """Asked on a worker: the part's file is there, whole, when this returns."""
    if _whole(file, part):
        return
    prepared = get_worker().plugins[plugin]
    if not isinstance(prepared, _Prepared) or prepared.ask is None:
        raise ClusterFault(
            "a worker that joined late could not be given the dataset; its log says why"
        )
    source: Source = prepared.job.source
    done = 0
    with replaced(file) as aside, _arrow(aside) as write:
        for piece in source.open(part.path, part.groups).pieces:
            answered = prepared.ask(piece, part.first + done)
            write(answered)
            done += answered.points


@contextmanager
def _arrow(path: Path) -> Iterator[Any]:
    """Writes a piece as one batch, with its counts."""
    opened: list[Any] = []

    def write(answered: Answered) -> None:
        table = answered.table.combine_chunks()
        if not opened:
            opened.append(pa.ipc.new_file(str(path), table.schema, options=_LZ4))
        columns = [column.combine_chunks() for column in table.columns]
        apart = " ".join(map(str, astuple(answered.apart)))
        counts = {
            "points": str(answered.points),
            "unanswered": str(answered.unanswered),
            "apart": apart,
        }
        opened[0].write_batch(
            pa.RecordBatch.from_arrays(columns, schema=table.schema), custom_metadata=counts
        )

    try:
        yield write
    finally:
        for writer in opened:
            writer.close()


def _read(file: Path) -> Iterator[Answered]:
    with pa.memory_map(str(file)) as source, pa.ipc.open_file(source) as reader:
        for number in range(reader.num_record_batches):
            stored = reader.get_batch_with_custom_metadata(number)
            told = stored.custom_metadata
            points, unanswered = int(told[b"points"]), int(told[b"unanswered"])
            apart = Apart(*map(int, told[b"apart"].split()))
            table = pa.Table.from_batches([stored.batch])
            yield Answered(table, points, unanswered, apart)


def _whole(file: Path, part: FilePart) -> bool:
    """Whether a finished file holds every point of its part, and can be read to its end."""
    try:
        return sum(answered.points for answered in _read(file)) == part.points
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return False


def _settled(future: "Future[None]") -> None:
    """Waits for a part. Raises what its worker raised."""
    try:
        future.result()
    except KilledWorker as fault:
        raise ClusterFault(
            ("{workers} workers died over one part of the points; have they enough memory?"),
            workers=fault.allowed_failures + 1,
        ) from None


def _points_of(parts: Sequence[FilePart], futures: "Sequence[Future[None]]") -> int:
    return sum(
        part.points
        for part, future in zip(parts, futures, strict=True)
        if future.status == "finished"
    )
