"""The page in a real browser: in front of a real server, and of one that follows a script where the real one
has no such answer, or gives it too fast to be stopped."""

from __future__ import annotations

import json
import re
import shutil
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect, sync_playwright

from service.api.page import WEB
from service.settings import Settings
from tests.conftest import ARTICLES, running

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync""".split()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium (apt-get install chromium)"),
]
expect.set_options(timeout=15_000)
KEY = "kunci-yang-cukup-panjang"

TOWER = {
    "id": "menara/baru? #1",
    "title": "<script>document.title='rusak'</script> Menara 🎉",
    "text": "😀🎉👩‍🚀 Warga berpesta. Menara Selby selesai dibangun pada 12 Agustus 1987 oleh Owen Pryce. "
    "<img src=x onerror=\"document.title='rusak'\"> Tingginya 61 meter.",
    "url": "javascript:document.title='rusak'",
    "language": "id",
}
TOWER_QUOTE = "Menara Selby selesai dibangun pada 12 Agustus 1987 oleh Owen Pryce."
EARLIER = {
    "id": "banjir-awal",
    "title": "Banjir Kota Ranu",
    "text": "Banjir di Kota Ranu menewaskan 12 orang, kata kepala badan bencana. Air mulai surut.",
    "published": "2024-01-02",
    "language": "id",
}
LATER = {
    "id": "banjir-akhir",
    "title": "Korban banjir Kota Ranu bertambah",
    "text": "Banjir di Kota Ranu menewaskan 31 orang, kata kepala badan bencana. Semua jalan sudah dibuka.",
    "published": "2024-01-09",
    "language": "id",
}
RESERVOIR = "Waduk Sela menampung 48 juta meter kubik air untuk sawah di hilir."
REPORT = {
    "id": "laporan",
    "title": "Laporan Waduk Sela",
    "text": f"Halaman pertama memuat daftar isi laporan tahunan.\n{RESERVOIR}",
    "page_starts": [0, 51],
    "source": "Laporan",
    "published": "2023-02-01",
    "language": "id",
}
COPY = {"id": "salinan", "title": "Waduk Sela penuh", "text": RESERVOIR, "source": "Kantor Berita"}
MADE: tuple[dict[str, Any], ...] = (TOWER, EARLIER, LATER, REPORT, COPY)


def put(client: httpx.Client, fields: dict[str, Any]) -> None:
    path = f"/v1/articles/{quote(fields['id'], safe='')}?wait=indexed"
    client.put(path, json={k: v for k, v in fields.items() if k != "id"}).raise_for_status()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running(Settings(data_dir=tmp_path_factory.mktemp("page"))) as client:
        for article in ARTICLES:
            names = ("id", "title", "text", "url", "source", "published", "language")
            put(client, {name: getattr(article, name) for name in names})
        for fields in MADE:
            put(client, fields)
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens the page of a server. At the end, no script may have failed or been refused by the policy."""
    contexts, complaints = [], []

    def opened(url: object, locale: str = "id-ID", **options: Any) -> Page:
        context = browser.new_context(locale=locale, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(str(url))
        return page

    yield opened
    for context in contexts:
        context.close()
    # A failed request is told in the console, by the browser itself.
    assert [c for c in complaints if "Failed to load resource" not in c] == []


def ask(page: Page, question: str) -> Locator:
    """The turn of a question, once it has ended."""
    page.get_by_role("textbox", name=re.compile("Pertanyaan|Question")).fill(question)
    page.keyboard.press("Enter")
    turn = page.locator(".turn").last
    expect(turn.locator(".question")).to_have_text(question)
    expect(turn).to_have_attribute("aria-busy", "false")
    return turn


def sent_body(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request.post_data or "")
    return body


def marked(page: Page) -> str:
    """The characters that are highlighted in the open article, which must be in sight."""
    expect(page.locator("#article mark").first).to_be_in_viewport()
    return "".join(page.locator("#article mark").all_text_contents())


def test_an_answer_has_its_sentences_markers_confidence_and_quotations(
    service: httpx.Client, visit: Visit
) -> None:
    question = "Kapan Jembatan Kahayan Baru dibuka?"
    told = service.post("/v1/ask", json={"question": question}).json()
    turn = ask(visit(service.base_url), question)
    expect(turn.locator(".answer > .short")).to_have_text("3 Maret 2024")
    expect(turn.locator(".sentence")).to_have_text(f"{told['answer'].removesuffix(' [1]')}1")
    expect(turn.locator(".confidence")).to_contain_text(f"Keyakinan {told['confidence']:.0%}")
    expect(turn.locator(".confidence")).to_contain_text("Hampir pasti benar")
    assert ("belum dikalibrasi" in turn.locator(".confidence").inner_text()) is not told["calibrated"]
    cited = turn.locator(".citations > li")
    expect(cited.locator("q")).to_have_text(told["citations"][0]["quote"])
    expect(cited.locator("cite")).to_have_text("Jembatan Kahayan Baru dibuka")
    expect(cited.locator(".origin")).to_contain_text("Contoh · 4 Maret 2024")
    expect(cited.get_by_role("link")).to_have_attribute("href", "https://example.org/jembatan")


def test_a_marker_opens_the_article_at_exactly_the_quoted_characters(
    service: httpx.Client, visit: Visit
) -> None:
    page = visit(service.base_url)
    turn = ask(page, "Kapan Menara Selby selesai dibangun?")
    turn.locator(".marker").click()
    assert marked(page) == TOWER_QUOTE  # three emoji before it, one of them of five code points
    expect(page.locator("#place")).to_contain_text("sama kata demi kata")
    page.keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    expect(turn.locator(".marker")).to_be_focused()


def test_text_of_articles_is_never_read_as_html(service: httpx.Client, visit: Visit) -> None:
    page = visit(service.base_url)
    turn = ask(page, "Kapan Menara Selby selesai dibangun?")
    expect(turn.locator("cite")).to_have_text(str(TOWER["title"]))
    turn.locator(".quotation").click()
    expect(page.locator("#article .text")).to_have_text(str(TOWER["text"]))
    assert page.locator("#article img, .turn img, .turn script, #article script").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    assert page.title() == "Kutipan"


def test_the_version_that_was_quoted_opens_after_the_article_has_changed(
    service: httpx.Client, visit: Visit
) -> None:
    page = visit(service.base_url)
    port = {"id": "pelabuhan", "title": "Pelabuhan", "text": "Pelabuhan Wana dibuka pada 7 Mei 1961."}
    put(service, port)
    turn = ask(page, "Kapan Pelabuhan Wana dibuka?")
    put(service, {**port, "text": "Pelabuhan Wana ditutup."})
    turn.locator(".marker").click()
    assert marked(page) == port["text"]
    expect(page.locator("#article .notice")).to_contain_text("versi lama")
    service.delete("/v1/articles/pelabuhan?purge=true").raise_for_status()
    turn.locator(".quotation").click()
    expect(page.locator("#article .notice")).to_contain_text("dihapus permanen")


def test_a_superseded_figure_is_shown_as_older(service: httpx.Client, visit: Visit) -> None:
    page = visit(service.base_url)
    turn = ask(page, "Berapa orang yang tewas dalam banjir di Kota Ranu?")
    expect(turn.locator(".answer > .short")).to_have_text("31 orang")
    older = turn.locator(".older")
    expect(older.locator(".label")).to_have_text("Sebelumnya dilaporkan")
    expect(older.locator("q")).to_contain_text("12 orang")
    older.locator(".quotation").click()
    assert marked(page) == "Banjir di Kota Ranu menewaskan 12 orang, kata kepala badan bencana."


def test_copies_and_pages_of_a_pdf_are_told(service: httpx.Client, visit: Visit) -> None:
    page = visit(service.base_url)
    turn = ask(page, "Berapa air yang ditampung Waduk Sela?")
    turn.locator(".also summary").click()
    other = turn.locator(".also li")
    expect(other).to_contain_text("hlm. 2")
    other.locator(".quotation").click()
    assert marked(page) == RESERVOIR
    expect(page.locator(".folio").last).to_have_attribute("data-page", "hlm. 2")


def test_what_is_not_in_the_articles_is_said_with_its_reason(service: httpx.Client, visit: Visit) -> None:
    question = "Who discovered the chickenpox vaccine in Peru?"
    told = service.post("/v1/ask", json={"question": question}).json()
    assert (told["status"], told["reason"]) == ("not_found", "low_confidence")
    turn = ask(visit(service.base_url, "en-GB"), question)
    expect(turn.locator(".not-found .short")).to_have_text("Not in the articles.")
    expect(turn.locator(".not-found")).to_contain_text("none is sure enough")
    assert turn.locator(".marker").count() == 0


def test_a_follow_up_is_asked_with_the_conversation(service: httpx.Client, visit: Visit) -> None:
    page = visit(service.base_url)
    ask(page, "Kapan Jembatan Kahayan Baru dibuka?")
    turn = ask(page, "brp panjangnya?")
    expect(turn.locator(".answer > .short")).to_have_text("240 meter")
    expect(turn.locator("dl")).to_contain_text("Jembatan Kahayan Baru")
    expect(turn.locator("dl")).to_contain_text("sambungan percakapan")
    with page.expect_request("**/v1/ask") as sent:
        page.get_by_role("button", name="Percakapan baru").click()
        ask(page, "Kapan Pasar Lama pindah?")
    assert sent_body(sent.value)["history"] == []
    assert page.locator(".turn").count() == 1


def test_filters_narrow_what_is_asked(service: httpx.Client, visit: Visit) -> None:
    page = visit(service.base_url, "en-GB")
    page.get_by_role("button", name="Filter articles").click()
    expect(page.locator("#sources option[value='Laporan']")).to_be_attached()
    page.get_by_role("combobox", name="Source").fill("Laporan")
    page.get_by_role("combobox", name="Language").select_option("id")
    page.get_by_label("Published from").fill("2023-01-01")
    page.get_by_label("Published to").fill("2022-01-01")
    page.get_by_role("textbox", name="Question").fill("Berapa air yang ditampung Waduk Sela?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("The first date is after the last.")
    page.get_by_label("Published to").fill("2023-12-31")
    with page.expect_request("**/v1/ask") as sent:
        turn = ask(page, "Berapa air yang ditampung Waduk Sela?")
    assert sent_body(sent.value)["filters"] == {
        "language": "id",
        "source": ["Laporan"],
        "published_from": "2023-01-01",
        "published_to": "2023-12-31",
    }
    expect(turn.locator(".citations .origin")).to_have_text("Laporan · 1 February 2023 · p. 2")
    page.get_by_role("textbox", name="Question").fill("Berapa air yang")
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_role("button", name="Filter articles")).to_be_visible()
    for name in ("Source", "Language"):
        expect(page.get_by_role("combobox", name=name)).to_have_value("")
    expect(page.get_by_role("textbox", name="Question")).to_have_value("Berapa air yang")


@pytest.mark.parametrize(
    ("locale", "names", "wrong", "filtered"),
    [
        ("id-ID", ("Saring artikel", "Terbit sejak"), "Lengkapi tanggal", "yang lolos saringan"),
        ("en-GB", ("Filter articles", "Published from"), "Complete the date", "that pass the filters"),
    ],
)
def test_filters_that_leave_nothing_are_told(
    service: httpx.Client, visit: Visit, locale: str, names: tuple[str, str], wrong: str, filtered: str
) -> None:
    page = visit(service.base_url, locale)
    page.get_by_role("button", name=names[0]).click()
    date = page.get_by_label(names[1])
    question = page.get_by_role("textbox", name=re.compile("Pertanyaan|Question"))
    question.fill("Kapan Jembatan Kahayan Baru dibuka?")
    for day in ("0024-01-01", "9000-01-01"):
        date.fill(day)
        question.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(wrong)
    date.fill("")
    date.press("3")  # the day alone
    question.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(wrong)
    assert page.locator(".turn").count() == 0
    date.fill("8999-12-31")
    turn = ask(page, "Kapan Jembatan Kahayan Baru dibuka?")
    expect(turn.locator(".not-found")).to_contain_text(filtered)
    expect(page.get_by_role("status")).to_contain_text(filtered)


def test_articles_that_come_later_are_counted(browser: Browser, tmp_path: Path) -> None:
    with running(Settings(data_dir=tmp_path)) as client:
        page = browser.new_context(locale="en-GB").new_page()
        page.clock.install()
        page.goto(str(client.base_url))
        expect(page.locator("#state")).to_have_text("No articles yet")
        for fields in (REPORT, COPY):
            put(client, fields)
        page.clock.run_for(31_000)
        expect(page.locator("#state")).to_have_text("2 articles")
        page.context.close()


def test_it_speaks_the_browsers_language_and_can_be_switched(service: httpx.Client, visit: Visit) -> None:
    page = visit(service.base_url, "en-US")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    turn = ask(page, "Kapan Jembatan Kahayan Baru dibuka?")
    expect(turn.locator(".confidence")).to_contain_text("Almost certainly right")
    page.get_by_role("button", name="ID", exact=True).click()
    expect(turn.locator(".confidence")).to_contain_text("Hampir pasti benar")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(visit(service.base_url, "fr-FR").locator("html")).to_have_attribute("lang", "en")


def test_both_languages_have_the_same_words() -> None:
    indonesian, english = re.split(r"\n  en: \{", (WEB / "words.js").read_text())
    names = [re.findall(r"^    (\w+): \"(.*)\",$", part, re.MULTILINE) for part in (indonesian, english)]
    places = [{name: sorted(re.findall(r"\{\w+\}", words)) for name, words in part} for part in names]
    assert places[0] == places[1]
    assert len(places[0]) > 50


def test_the_keyboard_is_enough_and_the_end_is_spoken(service: httpx.Client, visit: Visit) -> None:
    page = visit(service.base_url)
    expect(page.get_by_role("textbox", name="Pertanyaan")).to_be_focused()
    page.keyboard.type("???")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Tulis pertanyaan dengan kata-kata.")
    page.keyboard.press("Control+A")
    page.keyboard.type("Kapan Pasar Lama pindah?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Pasar Lama pindah ke Jalan Melati pada Mei 2023.")
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if page.locator(".marker:focus").count():
            break
    expect(
        page.get_by_role("button", name="Buka kutipan 1 di artikel: Pasar Lama pindah", exact=True)
    ).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#article")).to_be_focused()
    assert marked(page).startswith("Pasar Lama pindah")


def test_it_fits_a_phone(service: httpx.Client, visit: Visit) -> None:
    page = visit(service.base_url, viewport={"width": 360, "height": 700}, color_scheme="dark")
    turn = ask(page, "Berapa air yang ditampung Waduk Sela?")
    turn.locator(".marker").click()
    assert marked(page) == RESERVOIR
    box = page.locator("#reader").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (360, 700)
    page.get_by_role("button", name="Tutup").click()
    width = page.locator("body").evaluate("body => body.scrollWidth")
    assert width <= 360
    background = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert background == "rgb(22, 21, 18)"


def test_a_key_is_asked_for_and_forgotten_with_the_tab(tmp_path: Path, visit: Visit) -> None:
    file = tmp_path / "key"
    file.write_text(KEY)
    settings = Settings(data_dir=tmp_path / "data", api_key_file=file)
    with running(settings, {"authorization": f"Bearer {KEY}"}) as client:
        put(client, {"id": "a", "title": "Pelabuhan", "text": "Pelabuhan Wana dibuka pada 7 Mei 1961."})
        page = visit(client.base_url)
        page.get_by_role("textbox", name="Pertanyaan").fill("Kapan Pelabuhan Wana dibuka?")
        page.keyboard.press("Enter")
        page.get_by_label("Kunci", exact=True).fill("salah")
        page.get_by_role("button", name="Masuk").click()
        expect(page.get_by_text("Kunci itu ditolak")).to_be_visible()
        page.get_by_label("Kunci", exact=True).fill(KEY)
        page.keyboard.press("Enter")
        expect(page.locator(".answer > .short")).to_have_text("7 Mei 1961")
        expect(page.locator("#state")).to_have_text("1 artikel")
        assert page.evaluate("Object.values(sessionStorage)") == [KEY]
        assert KEY not in page.evaluate("JSON.stringify(localStorage) + document.cookie")
        other = visit(client.base_url)
        other.get_by_role("textbox", name="Pertanyaan").fill("Kapan Pelabuhan Wana dibuka?")
        other.keyboard.press("Enter")
        other.get_by_role("button", name="Batal").click()
        expect(other.locator(".problem")).to_contain_text("Tanpa kunci")


EVIDENCE = {"confidence": 0.9, "calibrated": False, "evidence": []}
SENTENCE = {
    "sentence": {"text": "Kalimat pertama.", "start": 0, "end": 16, "citations": [], "support": 1.0},
    "citations": [],
}


class Script:
    """A server of the page whose answers to questions are scripted: "slow" streams a sentence and waits for
    the client to leave, "cut" ends there, and a number is a problem of that status."""

    def __init__(self) -> None:
        self.next: str | int = "slow"
        self.left = threading.Event()
        self.url = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(int(handler.headers["content-length"]))
        if isinstance(self.next, int):
            handler.send_response(self.next)
            handler.send_header("content-type", "application/problem+json")
            handler.send_header("retry-after", "7")
            handler.end_headers()
            handler.wfile.write(json.dumps({"detail": "apa adanya", "request_id": "nomor-1"}).encode())
            return
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.end_headers()
        for name, data in (("evidence", EVIDENCE), ("sentence", SENTENCE)):
            handler.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
        handler.wfile.flush()
        if self.next == "slow":
            handler.connection.settimeout(10)
            if handler.connection.recv(1) == b"":
                self.left.set()


@contextmanager
def scripted() -> Iterator[Script]:
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file = WEB / (self.path.removeprefix("/web/") if self.path.startswith("/web/") else "index.html")
            kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
            self.send_response(200 if self.path.startswith(("/web/", "/?")) or self.path == "/" else 404)
            self.send_header("content-type", kinds.get(file.suffix, "text/html"))
            self.end_headers()
            self.wfile.write(file.read_bytes())

        def do_POST(self) -> None:
            script.answer(self)

        def log_message(self, *_: object) -> None:
            """A test's output is not a log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        script.url = f"http://127.0.0.1:{server.server_port}/"
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()


def test_stopping_ends_the_stream_and_keeps_what_came(visit: Visit) -> None:
    with scripted() as script:
        page = visit(script.url)
        page.get_by_role("textbox", name="Pertanyaan").fill("Apa isinya?")
        page.get_by_role("button", name="Tanya", exact=True).click()
        expect(page.locator(".sentence")).to_have_text("Kalimat pertama.")
        page.get_by_role("button", name="Hentikan").click()
        expect(page.locator(".turn .notice")).to_have_text("Dihentikan.")
        assert script.left.wait(10), "the server still has its client"
        expect(page.locator(".sentence")).to_have_text("Kalimat pertama.")
        expect(page.get_by_role("button", name="Tanya", exact=True)).to_be_visible()
        page.get_by_role("textbox", name="Pertanyaan").fill("Dan ini?")
        page.keyboard.press("Enter")
        expect(page.locator(".sentence")).to_have_count(2)
        page.get_by_role("button", name="Percakapan baru").click()
        expect(page.locator(".turn")).to_have_count(0)
        expect(page.get_by_role("button", name="Tanya", exact=True)).to_be_visible()


def test_errors_are_told_in_plain_words(visit: Visit) -> None:
    with scripted() as script:
        page = visit(script.url)
        for answer, words in (
            (429, "Terlalu banyak pertanyaan sekaligus. Coba lagi dalam 7 detik."),
            (503, "Layanan sedang disiapkan. Coba lagi sebentar lagi."),
            (422, "Pertanyaan ini tidak dapat diterima: apa adanya"),
            (500, "Terjadi kesalahan (500)."),
            ("cut", "Sambungan terputus sebelum jawaban lengkap."),
        ):
            script.next = answer
            turn = ask(page, f"Apa kata {answer}?")
            expect(turn.locator(".problem > p").first).to_have_text(words)
            expect(turn.get_by_role("button", name="Coba lagi")).to_have_count(int(answer != 422))
            if isinstance(answer, int):
                expect(turn.locator(".problem .origin")).to_contain_text("nomor-1")
    turn = ask(page, "Masih ada?")
    expect(turn.locator(".problem > p")).to_have_text(
        "Layanan tidak dapat dihubungi. Periksa apakah masih berjalan."
    )


def test_the_page_is_sent_with_a_strict_policy_and_names_no_other_host(service: httpx.Client) -> None:
    names = ["/", *(f"/web/{file.name}" for file in WEB.iterdir())]
    for name in names:
        response = service.get(name)
        assert response.status_code == 200
        policy = response.headers["content-security-policy"].split("; ")
        assert "default-src 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert not any("unsafe" in part or "http" in part or "*" in part for part in policy)
        assert response.headers["x-content-type-options"] == "nosniff"
        addresses = set(re.findall(r"https?://[^\"'\s]+", response.text))
        assert addresses <= {"http://www.w3.org/2000/svg"}
    assert service.head("/").status_code == 200
    for name in ("/", "/web/page.js"):
        known = {"if-none-match": service.get(name).headers["etag"]}
        assert (service.get(name, headers=known).status_code, service.get(name, headers=known).text) == (
            304,
            "",
        )
    assert service.get("/web/../page.py").status_code == 404
    assert service.get("/web/none.js").headers["content-type"] == "application/problem+json"


def test_no_string_becomes_html(service: httpx.Client, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(str(service.base_url))
    for sink in ("document.body.innerHTML = '<b>'", "document.createElement('script').text = '1'"):
        assert (
            page.evaluate(f"() => {{ try {{ {sink} }} catch (error) {{ return error.name }} }}")
            == "TypeError"
        )
    page.close()


def test_a_wheel_has_every_file_of_it() -> None:
    service = WEB.parent.parent
    project = tomllib.loads((service.parent / "pyproject.toml").read_text())
    packed = {
        f for glob in project["tool"]["setuptools"]["package-data"]["service"] for f in service.glob(glob)
    }
    assert set(WEB.iterdir()) <= packed
    assert WEB / "index.html" in packed
