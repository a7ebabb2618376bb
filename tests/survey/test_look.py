"""What a look at inputs finds, on files of every form, sound and broken."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import RunError
from pipeline.survey.look import FILES_OF_ROWS, Survey, survey
from tests.corpora import write_jsonl

HOUSE = Path(__file__).parents[2]
STORY = (
    "The council of the harbour town said on Monday that the ferry is to be late for as long as the tide is as it was. "
)


def articles(count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "uid": n,
            "story": f"{n} {STORY * 6}",
            "subject": f"Ferry late on day {n}",
            "permalink": f"https://www.site{n % 7}.example/a/{n}",
            "created_at": f"2024-05-{1 + n % 28:02d}",
            **more,
        }
        for n in range(count)
    ]


def look(*inputs: Path) -> Survey:
    return survey([str(path) for path in inputs])


def test_columns_of_unusual_names_are_found_by_what_they_hold(tmp_path: Path) -> None:
    seen = look(write_jsonl(tmp_path / "in.jsonl", articles(30, note="short")))
    assert {role: column for role, (column, _) in seen.settings.items()} == {
        "text": "story", "id": "uid", "title": "subject", "url": "permalink", "date": "created_at",
    }  # fmt: skip
    assert "longest" in seen.settings["text"][1] and seen.choices[0].others == ("note",)
    assert (seen.texts.rows, seen.texts.sites, seen.texts.dated) == (30, 7, 30)
    assert seen.texts.languages == {"en": 30} and seen.texts.broken == 0


def test_usual_names_need_no_setting_and_short_columns_are_no_text(tmp_path: Path) -> None:
    rows = [{"id": n, "text": STORY, "title": "x"} for n in range(3)]
    seen = look(write_jsonl(tmp_path / "in.jsonl", rows))
    assert seen.settings == {} and seen.choices[0].columns["text"] == ("text", "by its name")
    with pytest.raises(RunError, match="no column of text; it has `id`, `name`"):
        look(write_jsonl(tmp_path / "names.jsonl", [{"id": 1, "name": "Vell"}]))


def test_a_column_is_only_named_where_all_inputs_have_it(tmp_path: Path) -> None:
    usual = write_jsonl(tmp_path / "a.jsonl", [{"id": 1, "text": STORY}])
    other = write_jsonl(tmp_path / "b.jsonl", articles(3))
    seen = look(usual, other)
    assert seen.settings == {}
    assert [(one.columns["text"][0], one.sources) for one in seen.apart] == [("story", [str(other)])]
    assert seen.forms["JSONL"][1].rows == 4 and seen.unread == []


@pytest.mark.parametrize("form", ["jsonl", "jsonl.gz", "json", "csv", "parquet", "arrow"])
def test_every_form_is_looked_at_and_its_rows_are_counted(form: str, tmp_path: Path) -> None:
    rows, file = articles(40), tmp_path / f"in.{form}"
    table = pa.Table.from_pylist(rows)
    if form == "json":
        file.write_text(json.dumps(rows))
    elif form == "parquet":
        pq.write_table(table, file)
    elif form == "arrow":
        with pa.ipc.new_file(str(file), table.schema) as writer:
            writer.write_table(table)
    elif form == "csv":
        lines = [",".join(rows[0]), *(",".join(f'"{value}"' for value in row.values()) for row in rows)]
        file.write_text("\n".join(lines) + "\n")
    else:
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
        file.write_bytes(gzip.compress(data) if form.endswith("gz") else data)
    seen = look(file)
    [(files, size)] = seen.forms.values()
    assert (files, size.rows, size.exact) == (1, 40, True)
    assert seen.settings["text"][0] == "story" and seen.texts.rows == 40


def test_long_files_are_counted_or_estimated(tmp_path: Path) -> None:
    text = STORY * 8
    rows = "".join(json.dumps({"id": n, "text": f"{n} {text}"}) + "\n" for n in range(21_000)).encode()
    (tmp_path / "in.jsonl").write_bytes(rows)
    [(_, size)] = look(tmp_path / "in.jsonl").forms.values()
    assert (size.rows, size.exact) == (21_000, True)
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(rows, 1))
    [(_, size)] = look(tmp_path / "in.jsonl.gz").forms.values()
    assert not size.exact and 18_000 < size.rows < 24_000


def test_of_many_files_some_are_looked_into_and_the_rest_is_estimated(tmp_path: Path) -> None:
    for n in range(3 * FILES_OF_ROWS):
        write_jsonl(tmp_path / f"{n:03}.jsonl", [{"id": f"{n}-{k}", "text": STORY} for k in range(10)])
    seen = look(tmp_path)
    assert (seen.files, seen.looked, seen.texts.rows) == (3 * FILES_OF_ROWS, FILES_OF_ROWS, 10 * FILES_OF_ROWS)
    _, size = seen.forms["JSONL"]
    assert not size.exact and abs(size.rows - 30 * FILES_OF_ROWS) < 30


def test_damage_charsets_and_repeated_ids_are_seen(tmp_path: Path) -> None:
    rows = [
        {"id": "same", "text": STORY},
        {"id": "same", "text": "Itâ€™s the harbourâ€™s ferry."},
        {"id": "c", "text": " "},
    ]
    rows += [{"id": "d", "text": "Salt &amp; tar, he said"}, {"id": "e", "text": "lost � letters"}]
    file = write_jsonl(tmp_path / "in.jsonl", rows)
    file.write_bytes(
        file.read_bytes()
        + '{"id": "f", "text": "Die Fähre kam zu spät, weil die Flut es so wollte."}\n'.encode("cp1252")
    )
    texts = look(file).texts
    assert texts.damaged == {"mojibake": 1, "entities": 1, "beyond repair": 1} and texts.broken == 3
    assert texts.empty == 1 and texts.repeated_id == "same" and sum(texts.charsets.values()) == 1


def test_seeds_with_all_their_faults() -> None:
    seen = survey([str(HOUSE / "seeds")])
    assert seen.texts.rows == 102 and len(seen.unread) == 5 and seen.texts.damaged["mojibake"] >= 8
    assert {form: files for form, (files, _) in seen.forms.items()} == {"text": 52, "JSONL": 4, "CSV": 3, "Parquet": 2}


def test_standard_input_and_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="once only"):
        survey(["-"])
    with pytest.raises(RunError, match="does not exist"):
        survey([str(tmp_path / "none.jsonl")])
