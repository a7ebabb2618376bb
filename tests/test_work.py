"""What lies between the steps: damage is found before it is believed, and made anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import work as works
from pipeline.errors import RunError
from pipeline.kernels.checksum import checksum
from pipeline.work import SUMS, Work, code_digest, step_keys

TABLE = pa.table({"text": ["The ferry was late."] * 50})


@pytest.fixture
def work(tmp_path: Path) -> Work:
    made = Work(tmp_path, {"read": "a", "match": "b"})
    for shard in range(3):
        made.save("read", shard, {"documents": TABLE, "extra": TABLE})
    made.save("match", 0, {"documents": TABLE})
    made.note("read", {"shards": 3})
    made.note("match", {"capped": 0})
    return made


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def test_what_is_whole_stays(work: Work) -> None:
    assert work.mend() == []
    assert work.facts("read") == {"shards": 3} and all(work.has("read", shard) for shard in range(3))


def test_a_shard_whose_making_failed_is_not_there(work: Work) -> None:
    with pytest.raises(ValueError, match="in the middle"), work.filling("read", 7) as place:
        (place.path / "documents.arrow").write_bytes(b"half of it")
        raise ValueError("in the middle")
    assert not work.has("read", 7) and len(list(work.folder("read", 7).parent.iterdir())) == 4


def test_a_shard_that_another_worker_has_made_stays_as_it_is(work: Work) -> None:
    before = (work.folder("read", 1) / "documents.arrow").read_bytes()
    work.save("read", 1, {"documents": TABLE.slice(3)})
    assert (work.folder("read", 1) / "documents.arrow").read_bytes() == before
    assert work.mend() == [] and len(list(work.folder("read", 1).parent.iterdir())) == 4


@pytest.mark.parametrize("damage", [flip, cut, Path.unlink])
@pytest.mark.parametrize("name", ["documents.arrow", SUMS])
def test_a_damaged_shard_goes_and_its_step_is_not_done(work: Work, damage: Callable[[Path], None], name: str) -> None:
    damage(work.folder("read", 1) / name)
    assert work.mend() == ["read", "read 00001"]
    assert [work.has("read", shard) for shard in range(3)] == [True, False, True]
    assert not work.noted("read") and work.noted("match")
    assert work.mend() == []


def test_damaged_facts_are_forgotten_and_never_believed(work: Work) -> None:
    facts = work.folder("read", 0).with_name("facts.json")
    facts.write_text(facts.read_text().replace("3", "2", 1))
    with pytest.raises(RunError, match="damaged"):
        work.facts("read")
    assert work.mend() == ["read"] and not work.noted("read") and work.has("read", 0)


def test_code_and_rules_are_part_of_each_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(works, "__file__", str(tmp_path / "work.py"))
    seen = {code_digest()}
    for name in ("a.py", "rules/b.toml", "rules/c.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("one")
        seen.add(code_digest())
        (tmp_path / name).write_text("two")
        seen.add(code_digest())
    assert len(seen) == 7


def test_a_key_changes_with_its_step_and_all_steps_before() -> None:
    chain = [("read", "a"), ("sketch", "b"), ("match", "c")]
    plain = step_keys("start", chain)
    for at in range(3):
        other = step_keys("start", [(step, on + "!" if at == n else on) for n, (step, on) in enumerate(chain)])
        assert [other[step] != plain[step] for step, _ in chain] == [n >= at for n in range(3)]
    assert not set(step_keys("other", chain).values()) & set(plain.values())


@given(data=st.binary(max_size=200), at=st.integers(0, 199), bit=st.integers(0, 7), more=st.binary(max_size=40))
def test_the_checksum_tells_each_flip_and_each_length(data: bytes, at: int, bit: int, more: bytes) -> None:
    def sum_of(what: bytes) -> int:
        return checksum(np.frombuffer(what, np.uint8))

    assert sum_of(data) == sum_of(bytes(data))
    if at < len(data):
        assert sum_of(data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]) != sum_of(data)
    if more:
        assert sum_of(data + more) != sum_of(data)
