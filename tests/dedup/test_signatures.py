from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup import signatures
from pipeline.dedup.signatures import Provenance
from pipeline.errors import ProvenanceError
from pipeline.kernels import minhash
from pipeline.settings import DedupSettings
from tests import naive
from tests.strategies import sentences

SMALL = DedupSettings(num_perm=16)
MADE = signatures.provenance(SMALL, "documents")
OTHER = {
    "level": "paragraphs",
    "normaliser": "lower case",
    "tokeniser": "split at space",
    "ngram": 4,
    "hash": "sha1",
    "scheme": "affine64",
    "num_perm": 32,
    "seed": 2,
    "permutations": "0" * 16,
}


def ids(n: int, level: str = "documents") -> pa.Table:
    names = [f"d{i}" for i in range(n)]
    if level == "documents":
        return pa.table({"doc_id": names, "date": ["not an id"] * n})
    return pa.table({"doc_id": names, "position": pa.array(range(n), pa.int32())})


def drawn(n: int, num_perm: int = 16) -> signatures.Signatures:
    return np.random.default_rng(n).integers(0, 2**32 - 1, (n, num_perm), dtype=np.uint32)


@pytest.mark.parametrize("level", ["documents", "paragraphs"])
@pytest.mark.parametrize("n", [0, 1, 7])
def test_what_is_written_is_read(tmp_path: Path, level: signatures.Level, n: int) -> None:
    made, values = signatures.provenance(SMALL, level), drawn(n)
    assert signatures.write(tmp_path / "s.parquet", ids(n, level), values, made) == n
    names, found, told = signatures.read(tmp_path / "s.parquet")
    assert names.column_names == (["doc_id"] if level == "documents" else ["doc_id", "position"])
    assert names["doc_id"].to_pylist() == [f"d{i}" for i in range(n)]
    assert found.dtype == np.uint32 and found.shape == (n, 16) and (found == values).all()
    assert not found.flags.writeable
    assert told == made
    signatures.check(told, SMALL, "s.parquet")


def test_the_file_is_plain_parquet(tmp_path: Path) -> None:
    signatures.write(tmp_path / "s.parquet", ids(3), drawn(3), MADE)
    schema = pq.read_schema(tmp_path / "s.parquet")
    assert schema.field("signature").type == pa.list_(pa.uint32(), 16)
    told = json.loads(schema.metadata[signatures.KEY])
    assert set(told) == {field.name for field in fields(Provenance)}
    assert told["ngram"] == 5 and told["scheme"] == "affine32" and told["seed"] == 1


def test_texts_shorter_than_a_shingle_have_no_row(tmp_path: Path) -> None:
    texts = pa.array(["", "one two three four", "one two three four five", "一二三四五"])
    values = signatures.sign(texts, MADE)
    assert signatures.write(tmp_path / "s.parquet", ids(4), values, MADE) == 2
    names, found, _ = signatures.read(tmp_path / "s.parquet")
    assert names["doc_id"].to_pylist() == ["d2", "d3"] and (found == values[2:]).all()


def test_a_table_of_another_shape_is_refused(tmp_path: Path) -> None:
    for values in (drawn(2), drawn(3, 8)):
        with pytest.raises(ValueError, match="3 ids and 16 permutations"):
            signatures.write(tmp_path / "s.parquet", ids(3), values, MADE)


def test_every_field_is_compared() -> None:
    assert set(OTHER) == {field.name for field in fields(Provenance)}


@pytest.mark.parametrize("field", [name for name in OTHER if name != "level"])
def test_another_provenance_is_refused_by_name(field: str) -> None:
    with pytest.raises(ProvenanceError) as refused:
        signatures.check(replace(MADE, **{field: OTHER[field]}), SMALL, "old.parquet")
    said = str(refused.value)
    assert said.startswith("old.parquet: ")
    assert f"{field} is {OTHER[field]!r} there and {getattr(MADE, field)!r} here" in said
    assert not any(f"{other} is " in said for other in OTHER if other != field)


def test_settings_that_matter_change_the_provenance() -> None:
    changed = [
        DedupSettings(num_perm=32),
        DedupSettings(num_perm=16, seed=2),
        DedupSettings.model_validate({"num_perm": 16, "documents": {"ngram": 4}}),
    ]
    for dedup in changed:
        with pytest.raises(ProvenanceError):
            signatures.check(MADE, dedup, "old.parquet")
    signatures.check(
        MADE, DedupSettings.model_validate({"num_perm": 16, "documents": {"threshold": 0.5}}), "old.parquet"
    )


def test_documents_and_paragraphs_have_shingles_of_their_own() -> None:
    assert signatures.provenance(SMALL, "paragraphs").ngram == SMALL.paragraphs.ngram
    assert signatures.provenance(SMALL, "documents").ngram == SMALL.documents.ngram


@pytest.mark.parametrize("metadata", [{}, {signatures.KEY: b"{}"}, {signatures.KEY: b"\xff"}])
def test_a_file_without_provenance_is_refused(tmp_path: Path, metadata: dict[bytes, bytes]) -> None:
    table = pa.table({"doc_id": ["a"], "signature": pa.array([[1] * 16], pa.list_(pa.uint32(), 16))})
    pq.write_table(table.replace_schema_metadata(metadata), tmp_path / "s.parquet")
    with pytest.raises(ProvenanceError, match="does not say how its signatures were made"):
        signatures.read(tmp_path / "s.parquet")


@settings(max_examples=30, deadline=None)
@given(st.lists(sentences, min_size=1, max_size=3), st.integers(0, 3))
def test_signatures_are_those_of_datasketch(texts: list[str], seed: int) -> None:
    dedup = DedupSettings.model_validate({"num_perm": 32, "seed": seed, "documents": {"ngram": 3}})
    made = signatures.provenance(dedup, "documents")
    for text, row in zip(texts, signatures.sign(pa.array(texts), made), strict=True):
        theirs = MinHash(32, seed=seed, scheme="affine32", hashfunc=lambda s: naive.shingle_hash(s) & 0xFFFFFFFF)
        theirs.update_batch(naive.shingles(text, 3))
        ours = signatures.to_datasketch(row, made)
        assert ours == theirs
        assert ours.hashvalues.dtype == theirs.hashvalues.dtype
        assert (ours.permutations == theirs.permutations).all()
        assert ours.is_empty() == (row == minhash.EMPTY).all()


def test_datasketch_merges_and_compares_them() -> None:
    one, two = (signatures.to_datasketch(row, MADE) for row in drawn(2))
    theirs = MinHash(16, seed=1, scheme="affine32", hashvalues=drawn(2)[1])
    assert one.jaccard(two) == one.jaccard(theirs)
    one.merge(two)
    assert (one.hashvalues == drawn(2).min(axis=0)).all()


def test_a_minhash_takes_no_hash_of_another_kind() -> None:
    with pytest.raises(TypeError, match="takes no update"):
        signatures.to_datasketch(drawn(1)[0], MADE).update(b"a shingle")


def test_sign_refuses_what_it_cannot_make() -> None:
    with pytest.raises(ProvenanceError, match="hash is 'sha1' there"):
        signatures.sign(pa.array(["a text"]), replace(MADE, hash="sha1"))
