"""Inputs: which files the arguments of a run stand for, and in which form each of them is."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import IO, NamedTuple, cast

import pyarrow as pa

from pipeline import stores
from pipeline.errors import InputError
from pipeline.read import storage
from pipeline.schema import QUARANTINE
from pipeline.shown import shown

#: Suffix (lower case) to kind.
KINDS = {
    ".txt": "text",
    ".text": "text",
    ".md": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "delimited",
    ".tsv": "delimited",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
#: Suffix (lower case) to codec, under pyarrow's names.
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}
#: Kinds that compress within, and are read from places anywhere in the file.
BINARY_KINDS = ("parquet", "arrow")

_DIGEST_BLOCK = 1 << 20


class Input(NamedTuple):
    """One file to read.

    source: the path as it was given, normalised, "/" between its parts, with the path below a folder
        joined to it; "-" for standard input.
    path: what to open: a path, "-" for standard input, or a place in an object store (`storage`).
    kind: text, jsonl, delimited, parquet or arrow.
    compression: "", gzip, zstd or bz2.
    """

    source: str
    path: str
    kind: str
    compression: str

    @property
    def name(self) -> str:
        """What messages call it."""
        return "standard input" if self.source == "-" else shown(self.source)

    @property
    def suffix(self) -> str:
        """The suffix that tells its kind, such as ".tsv", in lower case."""
        return _suffixes(self.path)[0]


def find(arguments: Sequence[str], follow_links: bool = False) -> tuple[list[Input], pa.Table]:
    """Return the files that `arguments` stand for, each once and sorted by source, and QUARANTINE rows.

    An argument is a file, a folder (taken with all below it), a glob (`**` crosses folders), the URI of
    one of these (file://, s3://, gs://; globs of `*` and `**`) or "-", JSONL on standard input. In folders
    and among what a glob finds, names that start with "." or "_", names that start with README and unknown
    suffixes are passed over: they are not documents. A file that is named goes in whatever its name, if its
    suffix is known. Links to folders are not followed, and links to files only within the folder that is named, or
    that a pattern begins with, unless `follow_links`; a link that is named is.

    Quarantine names the arguments that do not exist, cannot be read, are of an unknown type, or hold
    nothing that can be read. The order of the arguments does not matter. Raises SettingsError for a URI
    that cannot be taken, RunError where an object store does not answer.
    """
    found: dict[str, Input] = {}
    refused: dict[str, str] = {}
    for argument in sorted(set(arguments)):
        _take(argument, found, refused, follow_links)
    inputs = _each_once(sorted(found.values()))
    rows = [{"source": source, "error": error} for source, error in sorted(refused.items())]
    return inputs, pa.Table.from_pylist(rows, schema=QUARANTINE)


def digest(item: Input) -> str:
    """Return the BLAKE2b digest (128 bits, hex) of the file's bytes as they lie on the disk.

    Of a file in an object store it is that of the store's own tag of the content, where there is one: reading
    everything twice would take hours.

    Raises InputError when it cannot be read; standard input must lie in a file before, for it can be
    read once only.
    """
    if item.path == "-":
        raise InputError("standard input has no digest: write it to a file first")
    tagged = storage.digest(item.path) if stores.is_remote(item.path) else None
    if tagged:
        return tagged
    state = blake2b(digest_size=16)
    try:
        with opened(item.path) as file:
            while block := file.read(_DIGEST_BLOCK):
                state.update(block)
    except OSError as error:
        raise InputError(f"{item.source} cannot be read ({error.strerror}): check its permissions") from error
    return state.hexdigest()


def opened(path: str) -> IO[bytes]:
    """Open a file, here or in an object store. Raises OSError or RunError."""
    if stores.is_remote(path):
        return cast(IO[bytes], storage.opened(path))
    return Path(path).open("rb")


def _take(argument: str, found: dict[str, Input], refused: dict[str, str], follow: bool) -> None:
    if argument == "-":
        found["-"] = Input("-", "-", "jsonl", "")
    elif argument.startswith("file://"):
        _take(stores.local(argument), found, refused, follow)
    elif stores.is_uri(argument):
        _take_remote(argument, found, refused)
    elif os.path.isdir(argument):  # noqa: PTH112 - Path would normalise what the user typed
        _take_folder(argument, found, refused, "" if follow else os.path.realpath(argument))
    elif os.path.lexists(argument):
        _take_file(argument, found, refused)
    elif glob.has_magic(argument):
        _take_glob(argument, found, refused, "" if follow else os.path.realpath(_fixed(argument)))
    else:
        refused[_source(argument)] = f"{shown(argument)} does not exist: check the path"


def _take_remote(argument: str, found: dict[str, Input], refused: dict[str, str]) -> None:
    listed = storage.find(argument)
    given = storage.name(f"{listed.root}#{listed.pattern}")
    paths = listed.paths
    if not listed.named:
        paths = [path for path in paths if _is_document(path) and not _is_passed_over(path, listed.pattern)]
    for path in paths:
        item = Input(storage.name(f"{listed.root}#{path}"), f"{listed.root}#{path}", *_form(path))
        problem = _unknown(item.kind, item.compression)
        if problem:
            refused[item.source] = f"{item.name} {problem}"
        else:
            found[item.source] = item
    if not paths:
        refused[given] = (
            f"{shown(given)} holds no file that can be read: check the path; files of text end in {', '.join(KINDS)}"
        )


def _take_file(argument: str, found: dict[str, Input], refused: dict[str, str], within: str = "") -> None:
    """Take a file; where it was not named itself, `within` is the folder that it must lie in."""
    source = _source(argument)
    kind, compression = _form(source)
    problem = _problem(argument, kind, compression)
    if within and not problem and _leaves(argument, within):
        problem = "is a link that leaves the folder it was found in: name it as an input, or set read.follow_links"
    if problem:
        refused[_utf8(source)] = f"{shown(_utf8(source))} {problem}"
    else:
        found[source] = Input(source, argument, kind, compression)


def _take_folder(argument: str, found: dict[str, Input], refused: dict[str, str], within: str) -> None:
    if not _take_below(argument, found, refused, within):
        source = _utf8(_source(argument))
        refused.setdefault(
            source, f"{shown(source)} is a folder without anything readable: files of text end in {', '.join(KINDS)}"
        )


def _fixed(pattern: str) -> str:
    """Return the folder that a pattern begins with."""
    parts = []
    for part in Path(pattern).parts:
        if glob.has_magic(part):
            break
        parts.append(part)
    return str(Path(*parts))


def _leaves(path: str, within: str) -> bool:
    return os.path.commonpath([os.path.realpath(path), within]) != within


def _take_glob(argument: str, found: dict[str, Input], refused: dict[str, str], within: str) -> None:
    some = False
    for match in sorted(glob.glob(argument, recursive=True)):  # noqa: PTH207 - as the user typed it
        if _is_passed_over(match, argument):
            continue
        if os.path.isdir(match):  # noqa: PTH112
            some |= _take_below(match, found, refused, within)
        elif _is_document(match):
            _take_file(match, found, refused, within)
            some = True
    if not some:
        refused[_source(argument)] = f"{shown(argument)} matches no file that can be read: check the pattern"


def _is_passed_over(match: str, pattern: str) -> bool:
    """Return whether a wildcard, rather than the user, chose a name that starts with "." or "_"."""
    wanted = {part[0] for part in Path(pattern).parts if part[0] in "._"}
    typed = set(Path(pattern).parts)
    return any(part[0] in "._" and part[0] not in wanted for part in Path(match).parts if part not in typed)


def _take_below(folder: str, found: dict[str, Input], refused: dict[str, str], within: str) -> bool:
    """Take all documents below `folder`; return whether there was one, sound or not."""
    before = len(found) + len(refused)
    known = False
    outside = bool(within) and _leaves(folder, within)
    for path in _walk(folder, refused):
        known = True
        _take_file(path, found, refused, within if outside or os.path.islink(path) else "")  # noqa: PTH114
    return known or len(found) + len(refused) > before


def _walk(folder: str, refused: dict[str, str]) -> Iterator[str]:
    def note(error: OSError) -> None:
        source = _utf8(_source(str(error.filename)))
        refused[source] = f"{shown(source)} cannot be listed ({error.strerror}): check its permissions"

    for here, folders, names in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if name[0] not in "._")
        for path in [os.path.join(here, name) for name in folders]:  # noqa: PTH118
            if os.path.islink(path):  # noqa: PTH114
                source = _utf8(_source(path))
                refused[source] = f"{shown(source)} is a link to a folder, which is not followed: name it as an input"
        for name in sorted(names):
            if _is_document(name):
                yield os.path.join(here, name)  # noqa: PTH118


def _is_document(path: str) -> bool:
    name = os.path.basename(path)  # noqa: PTH119
    return name[:1] not in ("", ".", "_") and not name.upper().startswith("README") and bool(_form(name)[0])


def _form(name: str) -> tuple[str, str]:
    """Return (kind, compression) by the suffixes; kind is "" when it is unknown."""
    suffix, compression = _suffixes(name)
    return KINDS.get(suffix, ""), compression


def _suffixes(name: str) -> tuple[str, str]:
    stem, suffix = os.path.splitext(name.lower())  # noqa: PTH122
    compression = COMPRESSIONS.get(suffix, "")
    return (os.path.splitext(stem)[1] if compression else suffix), compression  # noqa: PTH122


def _problem(path: str, kind: str, compression: str) -> str:
    """Return why the file cannot be an input, as the rest of a sentence that starts with its name."""
    if _utf8(path) != path:
        return "has a name that is not UTF-8: rename it"
    if not os.path.isfile(path):  # noqa: PTH113
        return "is not a regular file: give a file, a folder or a glob"
    problem = _unknown(kind, compression)
    if problem:
        return problem
    if not os.access(path, os.R_OK):
        return "cannot be read (Permission denied): check its permissions"
    return ""


def _unknown(kind: str, compression: str) -> str:
    if not kind:
        return f"is of an unknown type: files of text end in {', '.join(KINDS)}"
    if compression and kind in BINARY_KINDS:
        return f"is {kind} inside {compression}, which cannot be read: decompress it, {kind} compresses by itself"
    return ""


def _source(path: str) -> str:
    return os.path.normpath(path).replace(os.sep, "/")


def _utf8(path: str) -> str:
    r"""Return the path with bytes that are not UTF-8 as `\xe9`."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _each_once(inputs: Sequence[Input]) -> list[Input]:
    """Return the inputs without those that are an earlier one under another name (`./a`, a link)."""
    seen: set[str] = set()
    once = []
    for item in inputs:
        place = item.path if item.path == "-" or stores.is_remote(item.path) else os.path.realpath(item.path)
        if place not in seen:
            seen.add(place)
            once.append(item)
    return once
