"""The report in a real Chromium: filters, hostile texts, no network, no script, dark, narrow, by keyboard."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipeline.report.figures import figures
from pipeline.report.page import page as html
from tests.corpora import cleaned, write_jsonl

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install '.[dev]'")
HOUSE = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed: apt-get install chromium")

SCRIPT = "<script>document.title='owned';fetch('https://evil.example/')</script>"
ATTRIBUTE = '"><img src=https://evil.example/x.png onerror="document.title=\'owned\'">'
STYLE = "</style><style>body{display:none}@import 'https://evil.example/x.css'</style>"
END = "</bdi></p></li></ol></main><h1>owned</h1><iframe src=javascript:alert(1)></iframe>"
BIDI = "\u202e\u2066\u2067 right to left override never closed \u202b"
HOSTILE = [SCRIPT, ATTRIBUTE, STYLE, END, BIDI]


def body(number: int) -> str:
    return " ".join(f"word{number * 31 + at * at}" for at in range(60))


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("browser") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(HOUSE)
        cleaned(["seeds"], out)
    return (out / "report.html").resolve()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report in which every kind of text is hostile: ids, titles, sites, texts, errors, settings, rules."""
    place = tmp_path_factory.mktemp("hostile")
    given = [
        {
            "id": f"{text}{copy}",
            "title": f"{text} {number}",
            "url": f"https://evil.example/{number}",
            "text": f"{body(number)}\n\n{text} {body(number + 50)} {copy} {text}\n\nRead more: {text}",
        }
        for number, text in enumerate(HOSTILE)
        for copy in range(3)
    ]
    write_jsonl(place / "'\"><b>in.jsonl", given)
    (place / "<script>x.jsonl").write_text(f'{{"id": "{SCRIPT}", "text"')
    cleaned([place / "'\"><b>in.jsonl", place / "<script>x.jsonl"], place / "out")
    found = figures(place / "out" / "current")
    alarm = {"group": END, "name": SCRIPT, "stage": STYLE, "what": ATTRIBUTE, "share": 1.0, "limit": 0.5}
    losses = [{"group": "site", "name": SCRIPT, "documents": 1, "paragraphs": 1, "removed": {STYLE: [1, 0]}}]
    rules = found.removals.rules
    for rule, text in zip(rules, HOSTILE, strict=False):
        rule.rule = text
    samples = [
        entry._replace(rule=text, evidence=text, source=text, site=text, after=text, text=f"{text} before")
        for entry, text in zip(found.samples, HOSTILE * 99, strict=False)
    ]
    manifest = found.manifest | {"alarms": [alarm], "losses": losses, "run": SCRIPT, "python": ATTRIBUTE}
    (place / "report.html").write_text(html(found._replace(manifest=manifest, samples=samples)), "utf-8")
    return place / "report.html"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Opened:
    """A page with all that it complained of and asked for."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(5_000)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


def seen(page: Any) -> int:
    return int(page.locator("#sample-list > li:visible").count())


def test_filters_work_alone_and_together(chromium: Any, seeds: Path) -> None:
    with Opened(chromium, seeds) as opened:
        page = opened.page
        every = seen(page)
        assert every > 100 and page.locator("#count").inner_text() == f"{every} of {every} samples"
        page.locator("#filter-stage").select_option(label="Boilerplate")
        boilerplate = seen(page)
        assert 0 < boilerplate < every
        assert set(page.locator("#sample-list > li:visible .what b").all_inner_texts()) == {"Boilerplate"}
        page.locator("#filter-rule").select_option("title")
        assert 0 < seen(page) < boilerplate
        page.locator("#filter-text").fill("NO SUCH WORD ANYWHERE")
        assert seen(page) == 0 and page.locator("#no-sample").is_visible()
        page.get_by_role("button", name="Clear").click()
        assert seen(page) == every and not page.locator("#no-sample").is_visible()
        page.locator("#filter-text").fill("sTrIkE")
        texts = page.locator("#sample-list > li:visible").all_inner_texts()
        assert texts and all("strike" in text.lower() for text in texts)
        page.get_by_role("button", name="Clear").click()
        page.locator("#filter-origin").select_option("seeds/articles.jsonl")
        assert 0 < seen(page) < every
        assert opened.said == [] and opened.asked == [seeds.as_uri()]


def test_a_rule_of_the_table_leads_to_its_samples_by_keyboard(chromium: Any, seeds: Path) -> None:
    with Opened(chromium, seeds) as opened:
        page = opened.page
        link = page.locator("#rules tbody a", has_text="caption-agency-credit")
        link.focus()
        page.keyboard.press("Enter")
        assert set(page.locator("#sample-list > li:visible .rule").all_inner_texts()) == {"caption-agency-credit"}
        page.keyboard.press("Tab")
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) == "solid"


def test_hostile_texts_do_nothing(chromium: Any, hostile: Path) -> None:
    with Opened(chromium, hostile) as opened:
        page = opened.page
        assert opened.said == [] and opened.asked == [hostile.as_uri()]
        assert "owned" not in page.title()
        assert page.locator("h1").count() == 1
        assert page.locator("script").count() == page.locator("style").count() == 1
        assert page.locator("img, iframe, object, embed, link, base, form").count() == 0
        assert page.evaluate("[...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames())"
                             ".filter((name) => name.startsWith('on') || name === 'style')") == []  # fmt: skip
        text = page.locator("main").inner_text()
        assert "<script>document.title" in text and "U+202E" in text
        assert not any(char in text for char in "\u202e\u202b\u2066\u2067")
        page.locator("#filter-rule").select_option(SCRIPT)
        assert seen(page) > 0


def test_an_injected_script_or_request_is_refused(chromium: Any, seeds: Path, tmp_path: Path) -> None:
    """Were the escaping to fail, the policy would still hold."""
    broken = seeds.read_text("utf-8").replace("</main>", f"{SCRIPT}<img src=https://evil.example/x.png></main>")
    (tmp_path / "broken.html").write_text(broken, "utf-8")
    with Opened(chromium, tmp_path / "broken.html") as opened:
        assert "owned" not in opened.page.title()
        assert opened.said and all("Content Security Policy" in said for said in opened.said)
        assert seen(opened.page) > 0


@pytest.mark.parametrize("width", [360, 800, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(chromium: Any, seeds: Path, hostile: Path, width: int, scheme: str) -> None:
    for path in (seeds, hostile):
        with Opened(chromium, path, viewport={"width": width, "height": 800}, color_scheme=scheme) as opened:
            page = opened.page
            page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            paper = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
            ink = page.evaluate("getComputedStyle(document.body).color.match(/\\d+/g).map(Number)")
            assert (sum(paper) > sum(ink)) == (scheme == "light")


def test_it_can_be_read_without_scripts(chromium: Any, seeds: Path) -> None:
    with Opened(chromium, seeds, java_script_enabled=False) as opened:
        page = opened.page
        assert not page.locator(".filters").is_visible()
        assert seen(page) > 100
        assert page.get_by_role("heading", name="What became of it").is_visible()


def test_what_scrolls_can_be_reached_by_keyboard(chromium: Any, seeds: Path) -> None:
    with Opened(chromium, seeds, viewport={"width": 360, "height": 800}) as opened:
        scrolling = (
            "[...document.querySelectorAll('.scroll, .samples')]"
            ".filter((each) => each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight)"
        )
        assert opened.page.evaluate(f"{scrolling}.length") > 5
        assert opened.page.evaluate(f"{scrolling}.every((each) => each.tabIndex === 0)")


def test_a_screen_reader_finds_its_way(chromium: Any, seeds: Path) -> None:
    with Opened(chromium, seeds) as opened:
        page = opened.page
        assert page.get_by_role("main").count() == page.get_by_role("banner").count() == 1
        links = page.get_by_role("navigation", name="Sections").get_by_role("link")
        for href in [link.get_attribute("href") for link in links.all()]:
            assert page.locator(f"section{href}").count() == 1, href
        charts = page.locator("svg[role=img]")
        assert charts.count() >= 7
        assert all(len(chart.get_attribute("aria-label") or "") > 30 for chart in charts.all())
        assert page.locator("svg:not([role=img]):not([aria-hidden=true])").count() == 0
        tables = page.locator("table")
        assert (
            tables.count()
            == page.locator("table > caption").count()
            == page.locator("table:has(th[scope=row])").count()
        )
        levels = [
            int(name[1]) for name in page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(e => e.tagName)")
        ]
        assert levels[0] == 1 and all(after <= before + 1 for before, after in pairwise(levels))
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
        assert len(ids) == len(set(ids))
        for control in page.locator("select, input").all():
            assert control.evaluate("(each) => each.labels.length") == 1
