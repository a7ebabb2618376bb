"""MinHash signatures as Parquet, with all that must be equal for two of them to be compared.

One row is a text: `doc_id`, for paragraphs `position`, and `signature`, a fixed-size list of uint32. How
the numbers were made stands in the file's key-value metadata; files made otherwise are refused by name.
A text shorter than a shingle has no signature and no row: in an index all such texts would be equal.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.arrow import large_strings, one_chunk, text_view
from pipeline.errors import ProvenanceError
from pipeline.kernels import minhash
from pipeline.kernels.shingles import shingle_sets
from pipeline.kernels.tokens import tokenise
from pipeline.kernels.unicode import fold_table
from pipeline.settings import DedupSettings

if TYPE_CHECKING:
    from datasketch import MinHash

Level = Literal["documents", "paragraphs"]
LEVELS: tuple[Level, ...] = ("documents", "paragraphs")
Signatures = NDArray[np.uint32]

#: Key of the provenance, as JSON, in the metadata of every file of signatures.
KEY = b"corpusmill.signatures"
#: Columns that name a text; `position` for paragraphs only.
ID_COLUMNS = {"documents": ["doc_id"], "paragraphs": ["doc_id", "position"]}

#: Its shingle hashes tell whether words and shingles are hashed as they were: letters of several scripts,
#: marks, digits, characters that are words of their own.
_PROBE = "The Straße’s 2nd café costs १२ रुपये, said Ἀθηνᾶ_7 to 東京 and ไทย; ten words and more follow here."


@dataclass(frozen=True)
class Provenance:
    """How signatures were made. Only signatures that agree in every field can be compared."""

    level: Level
    #: What is done to characters before words are compared, and the Unicode data that decides it.
    normaliser: str
    #: What a word is, with a digest of the table of code points.
    tokeniser: str
    #: Words in a shingle.
    ngram: int
    #: The 32-bit hash of a shingle, with a digest of the hashes of a fixed sentence.
    hash: str
    #: datasketch's name for the kind of permutation.
    scheme: str
    num_perm: int
    seed: int
    #: Digest of the permutations.
    permutations: str


def provenance(settings: DedupSettings, level: Level) -> Provenance:
    """Return how this version signs texts of `level` under `settings`."""
    ngram = settings.documents.ngram if level == "documents" else settings.paragraphs.ngram
    permuted = minhash.permutations(settings.num_perm, settings.seed)
    return Provenance(
        level=level,
        normaliser=f"simple case folding, Unicode {unicodedata.unidata_version}",
        tokeniser=f"runs of L, M, N, Pc; {_digest(fold_table())}",
        ngram=ngram,
        hash=f"low 32 bits of murmur3-mixed polynomial; {_probe()}",
        scheme="affine32",
        num_perm=settings.num_perm,
        seed=settings.seed,
        permutations=_digest(permuted),
    )


def write(path: Path, ids: pa.Table, signatures: Signatures, made: Provenance) -> int:
    """Write one row a text that has a signature; return how many.

    ids: `doc_id` (string) and, for paragraphs, `position` (int32), row for row with `signatures`.
    signatures: uint32, shape (texts, num_perm), as `kernels.minhash.signatures` gives them; rows that are
    EMPTY throughout belong to texts shorter than a shingle and are left out.
    """
    if signatures.shape != (ids.num_rows, made.num_perm):
        raise ValueError(f"{ids.num_rows} ids and {made.num_perm} permutations need no {signatures.shape} signatures")
    signed = np.flatnonzero((signatures != minhash.EMPTY).any(axis=1))
    flat = pa.array(np.ascontiguousarray(signatures[signed], dtype=np.uint32).ravel())
    column = pa.FixedSizeListArray.from_arrays(flat, made.num_perm)
    table = ids.select(ID_COLUMNS[made.level]).take(pa.array(signed)).append_column("signature", column)
    metadata = {**(ids.schema.metadata or {}), KEY: json.dumps(asdict(made), ensure_ascii=False).encode()}
    # The least of 700 values has ten leading zero bits. Split by byte, zstd finds them: 386 bytes a row of 128
    # permutations on 3,000 natural texts, 433 without the split, 526 uncompressed.
    pq.write_table(
        table.replace_schema_metadata(metadata),
        path,
        compression="zstd",
        use_dictionary=False,
        column_encoding={"signature.list.element": "BYTE_STREAM_SPLIT"},
    )
    return len(signed)


def read(path: Path) -> tuple[pa.Table, Signatures, Provenance]:
    """Return (ids, signatures, provenance) of a file that `write` wrote; signatures are read-only.

    Raises ProvenanceError when the file does not say how its signatures were made.
    """
    made = _provenance_of(path)
    table = pq.read_table(path)
    values = one_chunk(table["signature"]).flatten().to_numpy()
    signatures = values.reshape(table.num_rows, made.num_perm)
    signatures.flags.writeable = False
    return table.select(ID_COLUMNS[made.level]), signatures, made


def check(made: Provenance, settings: DedupSettings, name: str) -> None:
    """Raise ProvenanceError when signatures of `made` are not what `settings` would make.

    name: of the file, for the message, which names every field that differs and both its values.
    """
    wanted = asdict(provenance(settings, made.level))
    differing = [
        f"{field} is {found!r} there and {wanted[field]!r} here"
        for field, found in asdict(made).items()
        if found != wanted[field]
    ]
    if differing:
        raise ProvenanceError(
            f"{name}: these signatures cannot be compared with those of this run ({'; '.join(differing)}): "
            "set dedup.* as it was there, or write them again from the texts"
        )


def sign(texts: pa.Array | pa.ChunkedArray, made: Provenance) -> Signatures:
    """Return the signatures of new texts, shape (texts, num_perm), to query an index of `made` with.

    texts: strings without nulls. Raises ProvenanceError when this version would sign them otherwise.
    """
    dedup = DedupSettings.model_validate(
        {"num_perm": made.num_perm, "seed": made.seed, made.level: {"ngram": made.ngram}}
    )
    check(made, dedup, "the index")
    hashes, starts = tokenise(*text_view(large_strings(texts)))
    return minhash.signatures(hashes, starts, made.ngram, minhash.permutations(made.num_perm, made.seed))


def to_datasketch(row: Signatures, made: Provenance) -> MinHash:
    """Return the MinHash of datasketch with the values of one signature, uint32, shape (num_perm,).

    It equals `datasketch.MinHash(num_perm, seed, scheme="affine32", hashfunc=…)` over the same shingle
    hashes bit for bit. Its own hash function is not ours, so `update` on it raises TypeError: add texts with
    `sign` instead.
    """
    from datasketch import MinHash  # imports SciPy: 0.5 to 1 s that a run without it need not pay

    return MinHash(
        hashvalues=row.copy(),
        permutations=_permutations(made.num_perm, made.seed),
        seed=made.seed,
        scheme=made.scheme,
        hashfunc=_refuse,
    )


def _refuse(shingle: bytes) -> NoReturn:
    """Stand in for the hash function: anything but our shingle hashes would be mixed in unseen."""
    raise TypeError("a MinHash made by Corpusmill takes no update: sign the text with pipeline.dedup.signatures.sign")


def _provenance_of(path: Path) -> Provenance:
    metadata = pq.read_schema(path).metadata or {}
    try:
        found: dict[str, Any] = json.loads(metadata[KEY])
        return Provenance(**{field.name: found[field.name] for field in fields(Provenance)})
    except (KeyError, ValueError) as error:
        raise ProvenanceError(
            f"{path} does not say how its signatures were made ({KEY.decode()} in its metadata): "
            "write it with --write-signatures"
        ) from error


@cache
def _permutations(num_perm: int, seed: int) -> NDArray[np.uint32]:
    return minhash.permutations(num_perm, seed)


@cache
def _probe() -> str:
    """Return a digest of the shingle hashes of a fixed sentence, as this version computes them."""
    words = tokenise(*text_view(pa.array([_PROBE], pa.large_string())))
    return _digest(shingle_sets(*words, 3)[0])


def _digest(values: NDArray[Any]) -> str:
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return hashlib.sha256(little.tobytes()).hexdigest()[:16]
