"""Which site a document is from: the registered domain of its address, else what its input says."""

from __future__ import annotations

from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from publicsuffixlist import PublicSuffixList

#: The host of an address, with or without scheme, without user, port and a final dot.
_HOST = r"^\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#@\s]*@)?(?P<host>[^/?#:\s]+?)\.?(?:[:/?#\s].*)?$"
_BARE = r"^\s*(?P<host>(?:[\pL\pN_-]+\.)+[\pL][\pL\pN-]+)(?:[:/?#].*)?\s*$"
_NUMERIC = r"^(?:\d+\.){3}\d+$"


def names(documents: pa.Table) -> pa.Array:
    """Return the site of each document, lower case, string without nulls, shape (documents,).

    documents: columns `url`, `site`, `source` (schema RAW). The registered domain of `url`
    (`www.arlen.co.uk` is `arlen.co.uk`; the public suffix list is the copy within the library, so no
    network and no surprise; private suffixes count: each blog of a host of blogs is a site), a host
    without one as it stands; else `site`; else the folder of `source`, of a file in no folder the
    file itself.
    """
    n = documents.num_rows
    found = [_domains(_strings(documents, "url")), _tidy(_strings(documents, "site"))]
    return pc.coalesce(*found, _folders(_strings(documents, "source")), pa.repeat(pa.scalar(""), n))


def _strings(documents: pa.Table, name: str) -> Any:
    if name not in documents.column_names:
        return pa.nulls(documents.num_rows, pa.string())
    column = documents[name].cast(pa.string())
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _domains(urls: pa.Array) -> pa.Array:
    """Look each distinct host up once: a site's thousand addresses have one or two."""
    host = _group(urls, _HOST)
    bare = pc.and_(pc.is_null(host), pc.is_valid(urls))  # few: to read `\pL` alone takes RE2 a millisecond
    host = pc.replace_with_mask(host, bare, _group(urls.filter(bare), _BARE))
    coded = pc.dictionary_encode(pc.utf8_lower(host))
    domains = pa.array([_domain(name) for name in coded.dictionary.to_pylist()], pa.string())
    return domains.take(coded.indices)


def _group(urls: pa.Array, pattern: str) -> pa.Array:
    return pc.struct_field(pc.extract_regex(urls, pattern), "host")


def _domain(host: str) -> str:
    if pc.match_substring_regex(pa.array([host]), _NUMERIC)[0].as_py() or host.startswith("["):
        return host
    return str(_suffixes().privatesuffix(host) or host)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _tidy(values: pa.Array) -> pa.Array:
    """Return values in lower case without white space around; blank ones are null."""
    plain = pc.utf8_lower(pc.utf8_trim_whitespace(values))
    return pc.if_else(pc.equal(plain, ""), pa.scalar(None, pa.string()), plain)


def _folders(sources: pa.Array) -> pa.Array:
    """Look each distinct source up once: most files hold thousands of documents."""
    coded = pc.dictionary_encode(sources)
    folder = _group(coded.dictionary, r"^(?P<host>.*)/[^/]*$")
    return _tidy(pc.coalesce(folder, coded.dictionary)).take(coded.indices)
