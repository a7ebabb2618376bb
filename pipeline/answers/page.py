"""An explanation as a page of HTML: one file, nothing from the network, every text escaped."""

from __future__ import annotations

import html
from collections.abc import Iterator

from pipeline.answers.explain import Change, Explanation, Fate
from pipeline.answers.words import pieces
from pipeline.report.amounts import many

_STYLE = """
:root { color-scheme: light dark; --text: #1b1f24; --back: #fff; --dim: #59636e; --line: #d1d9e0;
  --gone: #ffebe9; --gone-text: #82071e; --new: #dafbe1; --new-text: #0a4620; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --back: #0d1117; --dim: #9198a1; --line: #3d444d;
  --gone: #3c1618; --gone-text: #ffb3ae; --new: #12331f; --new-text: #8ddb9b; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); max-width: 50rem;
  margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; margin-bottom: 0; } ol { list-style: none; padding: 0; }
li { border-left: .25rem solid var(--line); padding: .1rem .8rem; margin: .8rem 0; }
li.gone { border-color: var(--gone-text); } li.edited { border-color: var(--new-text); }
.dim, .why { color: var(--dim); font-size: .9rem; } .text { margin: 0; white-space: pre-wrap; unicode-bidi: isolate; }
del { background: var(--gone); color: var(--gone-text); } ins { background: var(--new); color: var(--new-text); }
.why { margin: .2rem 0; } summary { cursor: pointer; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(explanation: Explanation) -> str:
    """Return the page; texts are escaped, and characters that turn the direction of text stay in their element."""
    return "\n".join(_page(explanation)) + "\n"


def _page(explanation: Explanation) -> Iterator[str]:
    name = _text(explanation.doc_id)
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{html.escape(explanation.doc_id)}</title><style>{_STYLE}</style></head><body><main>"
    yield f"<h1>{name}</h1><p class=dim>{_text(explanation.source or '')} {_text(explanation.title or '')}</p>"
    yield f"<p><strong>{_text(explanation.sentence)}</strong></p>"
    for change in explanation.whole:
        edit = "" if change.before is None or change.after is None else f": {_marked(change.before, change.after)}"
        yield f"<p class=why>{_text(change.action)} {_text(change.told)}{edit}</p>"
    if explanation.copies:
        copies = many(len(explanation.copies), "removed copy", "removed copies")
        yield f"<details><summary>stands for {copies}</summary><ul>"
        yield from (f"<li>{_text(copy.doc_id)} {_text(copy.source or '')}</li>" for copy in explanation.copies)
        yield "</ul></details>"
    yield "<ol>"
    for fate in explanation.paragraphs:
        yield from _paragraph(fate)
    yield "</ol></main></body></html>"


def _paragraph(fate: Fate) -> Iterator[str]:
    kind = "gone" if fate.removal else "edited" if fate.raw != fate.text else "kept"
    said = {"gone": "removed", "edited": "edited", "kept": "kept"}[kind]
    yield f'<li class="{kind}"><span class=dim>paragraph {fate.position}, {said}</span>'
    body = f"<del>{html.escape(fate.text)}</del>" if fate.removal else _marked(fate.raw, fate.text)
    yield f"<p class=text dir=auto>{body}</p>"
    for change in fate.changes:
        yield f"<p class=why>{_text(change.action)} {_text(change.told)}</p>"
    if fate.removal and not fate.with_document:
        yield f"<p class=why>{_text(fate.removal.told)}</p>"
        yield from _copy(fate.removal, fate.text)
    yield "</li>"


def _copy(change: Change, text: str) -> Iterator[str]:
    """Yield the copy that is kept, with the words in which it differs marked."""
    copy = change.copy
    if copy is None:
        return
    where = f"{_text(copy.doc_id)} {_text(copy.source or '')}"
    if copy.text is None:
        yield f"<p class=why>{where}: not in the dataset any more</p>"
    else:
        yield f"<details><summary>from here to the copy kept in {where}</summary>"
        yield f"<p class=text dir=auto>{_marked(text, copy.text)}</p></details>"


def _marked(before: str, after: str) -> str:
    parts = []
    for piece in pieces(before, after):
        if piece.same:
            parts.append(html.escape(piece.after))
            continue
        parts.append(f"<del>{html.escape(piece.before)}</del>" if piece.before else "")
        parts.append(f"<ins>{html.escape(piece.after)}</ins>" if piece.after else "")
    return "".join(parts)


def _text(text: str) -> str:
    return f"<bdi>{html.escape(text)}</bdi>"
