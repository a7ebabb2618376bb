"""Settings from a TOML file, from `--set`, and back to TOML with a comment on each."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import tomli
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from pipeline import presets
from pipeline.errors import SettingsError
from pipeline.settings import Settings


def load(file: str | None, assignments: Iterable[str], preset: str = "") -> Settings:
    """Return the settings of `preset`, then `file` (TOML; None: the defaults), then assignments `a.b.c=value`.

    Values are TOML; what is not TOML is taken as a string, so `split=line` needs no quotes.
    Raises SettingsError that names the file or flag, the key and what is allowed.
    """
    values = _read(file) if file else {}
    if preset:
        values = presets.merged(presets.load(preset), values)
    return load_over(values, assignments, file)


def load_over(values: dict[str, Any], assignments: Iterable[str], file: str | None = None) -> Settings:
    """Return the settings `values` (of `file`, where they are a file's) with the assignments; raises as `load`."""
    values, where = copy.deepcopy(values), file or "--set"
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise SettingsError(f"--set {assignment}: write --set key=value, for example dedup.documents.threshold=0.7")
        _assign(values, key.strip(), _value(value.strip()))
        where = file or f"--set {assignment}"
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(f"{where}: {_explain(error)}") from None


def dump(settings: Settings) -> str:
    """Return the settings as commented TOML that `load` takes back."""
    return "\n".join(_section("", settings)).strip() + "\n"


def fields(group: type[BaseModel] = Settings, above: str = "") -> dict[str, FieldInfo]:
    """Return each setting by its key, such as `dedup.documents.threshold`, in the order of the file."""
    own = {f"{above}{name}": field for name, field in group.model_fields.items() if not _is_group(field)}
    for name, field in group.model_fields.items():
        if _is_group(field):
            own |= fields(type(field.default), f"{above}{name}.")
    return own


def choices(field: FieldInfo) -> list[str]:
    """Return the values that a setting takes as --set takes them; none where it takes any text or number."""
    kind = field.annotation
    kinds = get_args(kind) if get_origin(kind) is Union or isinstance(kind, UnionType) else (kind,)
    named = [str(value) for one in kinds if get_origin(one) is Literal for value in get_args(one)]
    return [*named, "true", "false"] if bool in kinds else named


def toml(value: object) -> str:
    """Return a value as TOML: for our types (text, numbers, booleans, lists of text) that is JSON."""
    if isinstance(value, Mapping):
        raise TypeError("settings hold no tables of free keys")
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # which JSON lets stand, and TOML does not


def _is_group(field: FieldInfo) -> bool:
    return isinstance(field.default, BaseModel)


def _read(file: str) -> dict[str, Any]:
    try:
        values: dict[str, Any] = tomli.loads(Path(file).read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read the settings file {file} ({error.strerror}): check --config") from None
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not TOML ({error}): `corpusmill config` prints a file to start from") from None
    return values


def _value(text: str) -> Any:
    try:
        return tomli.loads(f"value = {text}")["value"]
    except tomli.TOMLDecodeError:
        return text


def _assign(values: dict[str, Any], key: str, value: Any) -> None:
    *path, last = key.split(".")
    for part in path:
        inner = values.setdefault(part, {})
        if not isinstance(inner, dict):
            raise SettingsError(f"--set {key}: {part} is a setting, not a group of settings")
        values = inner
    values[last] = value


def _explain(error: ValidationError) -> str:
    """Return the first complaint as a sentence: which key, what is wrong, what there is."""
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    key = ".".join(path)
    if first["type"] != "extra_forbidden":
        return f"{key} = {first['input']!r} cannot be taken: {first['msg'].lower()}"
    group: Any = Settings
    for part in path[:-1]:
        group = group.model_fields[part].annotation
    there = f"there is no setting {key}; {'.'.join(path[:-1]) or 'the top level'} has {', '.join(group.model_fields)}"
    return there + _hint(key)


def _hint(key: str) -> str:
    """Return a question with the nearest settings: those of the same last name, else one of a similar key."""
    known = list(fields())
    near = [name for name in known if name.endswith(f".{key.rpartition('.')[2]}")]
    near = sorted(near, key=lambda name: name.count("."))[:2] or get_close_matches(key, known, n=1)
    return f": did you mean {' or '.join(near)}?" if near else ""


def _section(name: str, model: BaseModel) -> Iterator[str]:
    groups: list[tuple[str, BaseModel]] = []
    if name:
        yield from ("", f"# {_first_line(model)}", f"[{name}]")
    for key, field in type(model).model_fields.items():
        value = getattr(model, key)
        if isinstance(value, BaseModel):
            groups.append((f"{name}.{key}" if name else key, value))
            continue
        yield from (f"# {field.description}", f"{key} = {toml(value)}")
    for inner, group in groups:
        yield from _section(inner, group)


def _first_line(model: BaseModel) -> str:
    return (type(model).__doc__ or "").strip().splitlines()[0]
