"""Make the rule pack of WordPress comment forms from the official translations.

    python -m benchmarks.wordpress_pack STRINGS.json > pipeline/boilerplate/rules/comments_wordpress.toml

STRINGS.json holds {locale: {English: translation}}, as the language packs of WordPress give them;
`%s` stands for a value. Locales of one language make one set of rules.
"""

from __future__ import annotations

import html
import json
import re
import sys
import unicodedata
from pathlib import Path

FORM = ("Leave a Reply", "Leave a Comment", "Cancel reply", "Post Comment", "Comments are closed.",
        "Your comment is awaiting moderation.", "Your email address will not be published.",
        "Required fields are marked %s", 'You must be <a href="%s">logged in</a> to post a comment.')  # fmt: skip
NOTICE = FORM[6:]
REPLY_TO = ("Leave a Reply to %s", "Logged in as %s.")
FIELD = ("Comment", "Name", "Email", "Website", "Reply", "Edit", "Log in", "Search", *FORM[:4])
LISTS = ("Categories", "Archives", "Recent Posts", "Recent Comments", "Meta", "Next", "Previous", "Older posts",
         "Newer posts", "Tags:", "(more&hellip;)", "Related", "Read more", "Search", "Log in")  # fmt: skip

#: id, match, where, max_words, reason
KINDS = {
    "form": ("line", "anywhere", 12, "Headings, buttons and fixed sentences of the comment form."),
    "notice": ("prefix", "anywhere", 40, "Fixed sentences of the comment form, with what a theme puts behind them."),
    "reply-to": ("prefix", "tail", 6, "Heading of the form when one comment is answered; the name varies."),
    "field": ("line", "tail", 12, "Labels of the fields and one-word buttons of the comment form."),
    "lists": ("line", "edge", 12, "Headings of WordPress side bars and links to other pages of a blog."),
}
#: A natural sentence that uses words of the form, in the languages whose sentences we can vouch for.
SENTENCES = {
    "ar": "ترك الجار تعليقا طويلا في دفتر الزوار.",
    "ca": "El veí va deixar un comentari llarg al llibre de visites.",
    "cs": "Soused nechal v knize hostů dlouhý komentář.",
    "da": "Naboen skrev en lang kommentar i gæstebogen.",
    "de": "Der Nachbar schrieb einen Kommentar in das Gästebuch.",
    "el": "Ο γείτονας έγραψε ένα μεγάλο σχόλιο στο βιβλίο.",
    "es": "El vecino dejó un comentario largo en el libro de visitas.",
    "fa": "همسایه دیدگاه بلندی در دفتر نوشت.",
    "fi": "Naapuri kirjoitti vieraskirjaan pitkän kommentin.",
    "fr": "Le voisin a laissé un commentaire dans le livre d’or.",
    "he": "השכן כתב תגובה ארוכה בספר האורחים.",
    "hr": "Susjed je napisao dug komentar u knjigu gostiju.",
    "hu": "A szomszéd hosszú hozzászólást írt a vendégkönyvbe.",
    "id": "Tetangga itu menulis komentar panjang di buku tamu.",
    "it": "Il vicino ha lasciato un commento nel libro degli ospiti.",
    "ja": "隣の人は芳名帳に長いコメントを書いた。",
    "ko": "이웃은 방명록에 긴 댓글을 썼다.",
    "nl": "De buurman schreef een lange reactie in het gastenboek.",
    "no": "Naboen skrev en lang kommentar i gjesteboka.",
    "pl": "Sąsiad wpisał do księgi gości długi komentarz.",
    "pt": "O vizinho deixou um comentário no livro de visitas.",
    "ro": "Vecinul a scris un comentariu lung în cartea de oaspeți.",
    "ru": "Сосед написал в книге гостей длинный комментарий.",
    "sk": "Sused napísal do knihy hostí dlhý komentár.",
    "sv": "Grannen skrev en lång kommentar i gästboken.",
    "th": "เพื่อนบ้านเขียนความเห็นยาวในสมุดเยี่ยม",
    "tr": "Komşu, ziyaretçi defterine uzun bir yorum yazdı.",
    "uk": "Сусід написав у книзі гостей довгий коментар.",
    "vi": "Người hàng xóm viết một bình luận dài trong sổ khách.",
    "zh": "邻居在留言簿上写了一段很长的评论。",
}
#: Letters a value needs to be told from a word of prose: scripts without spaces have no words to count.
UNSPACED = re.compile("[぀-ヿ㐀-鿿฀-๿က-႟]")


def words(value: str) -> int:
    """How many words a value has; four letters of an unspaced script count as two."""
    return len(value) // 2 if UNSPACED.search(value) else len(re.findall(r"[^\W_]+", value))


def plain(text: str) -> str:
    """The string as a page shows it."""
    shown = unicodedata.normalize("NFC", html.unescape(re.sub(r"<[^>]*>", "", html.unescape(text))))
    return " ".join(shown.replace("\u200b", "").split())


def of_kind(kind: str, strings: dict[str, str]) -> list[str]:
    """The values of one kind that one locale gives."""
    shown = {key: plain(text) for key, text in strings.items()}
    if kind == "form":
        values = [shown[key].replace("%s", " ") for key in FORM if key in shown]
        return [value for value in [*values, *_together(shown)] if words(value) > 1]
    if kind in ("notice", "reply-to"):
        least, keys = (3, NOTICE) if kind == "notice" else (2, REPLY_TO)
        starts = [shown[key].split("%s")[0] for key in keys if key in shown and _says_enough(shown[key])]
        return [start.strip() for start in starts if words(start) >= least]
    if kind == "lists":
        return [shown[key] for key in LISTS if key in shown]
    return [shown[key] for key in FIELD if key in shown and (key not in FORM or words(shown[key]) < 2)]


def _says_enough(text: str) -> bool:
    """Whether what stands before the value is the sentence and not its subject alone."""
    start, _, rest = text.partition("%s")
    return words(start) > words(rest)


def _together(shown: dict[str, str]) -> list[str]:
    """Lines that themes join: heading and cancel link, notice and required fields."""
    pairs = [(FORM[0], FORM[2]), (FORM[1], FORM[2]), (FORM[6], FORM[7])]
    return [f"{shown[a]} {shown[b]}".replace("%s", " ") for a, b in pairs if a in shown and b in shown]


def language(locale: str) -> str:
    """The language of a locale; both Norwegian ones are `no`."""
    code = locale.split("_")[0]
    return "no" if code in ("nb", "nn") else code


def rules(strings: dict[str, dict[str, str]]) -> list[dict[str, object]]:
    """The rules of all languages, in order of kind and language."""
    made: list[dict[str, object]] = []
    for kind, (match, where, max_words, reason) in KINDS.items():
        for code in sorted({language(locale) for locale in strings}):
            locales = [name for name in sorted(strings) if language(name) == code]
            values = [value for name in locales for value in of_kind(kind, strings[name])]
            values = [v for v in dict.fromkeys(" ".join(v.split()) for v in values) if re.search(r"[^\W\d_]", v)]
            if values:
                sentence = [SENTENCES[code]] if code in SENTENCES else []
                made.append({"id": f"wordpress-{kind}-{code}", "languages": [code], "match": match, "where": where,
                             "values": values, "max_words": max_words, "reason": reason,
                             "examples": (values * 2)[:2], "counter_examples": sentence})  # fmt: skip
    return made


def toml(rule: dict[str, object]) -> str:
    """One rule as TOML; strings of JSON are strings of TOML."""
    return "[[rule]]\n" + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in rule.items())


def main() -> None:
    strings = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    print("# WordPress core's own strings, made by benchmarks/wordpress_pack.py from the official translations.")
    print('family = "comments-wordpress"\n')
    print("\n".join(toml(rule) for rule in rules(strings)), end="")


if __name__ == "__main__":
    main()
