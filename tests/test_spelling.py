from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.catalog import Catalog
from service.passages import split_article
from service.records import Article, Understood
from service.spelling import Speller, write_out

BANK = Article(
    "bank",
    "Gubernur baru",
    "Perry Warjiyo dilantik menjadi gubernur Bank Indonesia (BI) pada Mei. Suku bunga acuan BI tetap. "
    "The Petronas towers have 88 floors. Susi Susanti menikah dengan Alan Budikusuma pada 1997. "
    "Kapal Apollo 11 mendarat di Bulan bersama tiga awak. Bank itu kehilangan sakelar.",
    "id",
)
NAMES = (
    Article("rektor", "Rektor", "Rapat rektor universitas negeri digelar pada 11 Maret.", "id"),
    Article("pulau", "Pulau", "Bupati Kepulauan Seribu dilantik di Jakarta.", "id"),
    Article("bantuan", "Bantuan", "Bupati dari kepulauan itu membagikan 1000 paket.", "id"),
    Article("vance", "Wakil presiden", "Wakil presiden JD Vance tiba. Grup SM Entertainment bubar.", "id"),
    Article("teh", "Teh tarik", "Teh tarik is sold at the market, and its price has risen.", "en"),
)
KNOWN = frozenset("gubernur siapa towers floors menikah kucing bunga".split())


@pytest.fixture(scope="module")
def speller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speller]:
    catalog = Catalog(Path(tmp_path_factory.mktemp("spelling")) / "catalog.sqlite3")
    catalog.store([(a, split_article(a, len, 10_000, "s")) for a in (BANK, *NAMES)], "s")
    yield Speller(catalog, KNOWN.__contains__)
    catalog.close()


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("brp org yg ngungsi gara2 banjir?", "berapa orang yang mengungsi gara-gara banjir?"),
        ("gmn sih cara bikin batik", "bagaimana cara bikin batik"),
        ("whats the tallest tower", "what is the tallest tower"),
        ("wich tower is tallest", "which tower is tallest"),
        ("Siapa gubernur BI?", "Siapa gubernur BI?"),
        ("Is Dr. Sm the pd lead?", "Is Dr. Sm the pd lead?"),
        ("Brp jml pulau mnrt BPS sjk 2020?", "berapa jumlah pulau menurut BPS sejak 2020?"),
        ("Gmn cara bikin batik", "bagaimana cara bikin batik"),
        # A capital that is a name's, or a title's.
        ("Napa Valley itu apa?", "Napa Valley itu apa?"),
        ("Dr Sutomo itu siapa?", "Dr Sutomo itu siapa?"),
        # Formulas, areas, tea and spas are none.
        ("Berapa emisi CO2 dan PM2.5 di Jakarta?", "Berapa emisi CO2 dan PM2.5 di Jakarta?"),
        ("berapa km2 luas pulau itu", "berapa km2 luas pulau itu"),
        ("apa manfaat teh hijau", "apa manfaat teh hijau"),
        ("how much does a spa cost", "how much does a spa cost"),
        ("berapa tarif spa di sana", "berapa tarif spa di sana"),
        ("what happened b4 the war, and how are u", "what happened before the war, and how are you"),
        ("what’s the tallest tower", "what is the tallest tower"),
        ("rata2 dan sama2 naik brp", "rata-rata dan sama-sama naik berapa"),
        ("harga naik dr januari", "harga naik dari januari"),
        ("jarak dr Jakarta ke Bandung", "jarak dari Jakarta ke Bandung"),
        ("Pd tahun berapa?", "pada tahun berapa?"),
        # Words that are said twice, whether they read as Indonesian or not.
        ("siapa artis2 dan calon2 itu", "siapa artis-artis dan calon-calon itu"),
        ("berapa tim2, film2, mobil2, klub2", "berapa tim-tim, film-film, mobil-mobil, klub-klub"),
        # Beside another chat spelling these are one too.
        ("kl di jkt brp", "kalau di Jakarta berapa"),
        ("sp yg menang", "siapa yang menang"),
        ("smp kpn psbb", "sampai kapan psbb"),
        # A few words that read as English.
        ("brp org", "berapa orang"),
        ("kpn final euro", "kapan final euro"),
        # A particle where it is one, and whom it is put to.
        ("berapa harganya dong?", "berapa harganya?"),
        ("Jelaskan dong apa itu inflasi", "Jelaskan apa itu inflasi"),
        ("min, brp harga beras?", "berapa harga beras?"),
        ("brp harga beras, gan?", "berapa harga beras?"),
        ("berapa harga beras bro?", "berapa harga beras?"),
        ("kasih tau dong kapan pemilu", "kasih tau kapan pemilu"),
        ("min kapan pemilu", "kapan pemilu"),
        ("bro siapa yg menang", "siapa yang menang"),
        ("gan dmn sidangnya", "di mana sidangnya"),
        ("siswa smp yg menang siapa", "siswa smp yang menang siapa"),
        ("org di kl brp", "orang di kl berapa"),
        # What links words, in a question that is in chat spelling, and where no name stands.
        ("siapa yg jd tersangka", "siapa yang jadi tersangka"),
        ("org yg meninggal dr gempa itu", "orang yang meninggal dari gempa itu"),
        ("apa hubungan jd vance dg trump", "apa hubungan jd vance dengan trump"),
        ("gempa itu dr mana", "gempa itu dari mana"),
        ("kata dr bahasa apa", "kata dari bahasa apa"),
        ("gempa pd hr apa", "gempa pada hari apa"),
        ("can u tell who won", "can you tell who won"),
    ],
)
def test_chat_spellings_are_written_out(typed: str, written: str) -> None:
    assert write_out(typed).text == written


@pytest.mark.parametrize(
    "typed",
    [
        "kapan timnas u-17 main",
        "kapan timnas u–17 main",
        "u17",
        "siapa pelatih timnas u 17",
        "when does the u 17 team play",
        "u.s. inflation",
        "siswa smp di jakarta",
        "dr. Terawan",
        "siapa dr Tirta?",
        "menurut dr Tirta apa itu vaksin",
        "dr Sutomo itu siapa?",
        "alamat RSUD dr Soetomo",
        "Hr Muhammad itu siapa",
        "kapan dota2 rilis di indonesia",
        "siapa pemilik dong-a ilbo",
        "apa arti sp3",
        "berapa orang di kl",
        "siapa ketua who.org",
        "siapa pemilik akun @yg.kita",
        "siapa min aung hlaing?",
        "suhu min di bandung",
        "siapa loh kean yew?",
        "berapa kurs dong vietnam",
        "berapa kasus covid2",
        "price of teh tarik",
        "jadwal ppl mahasiswa",
        "who is jd vance",
        "who is u thant",
        "when did u thant die",
        # Names in lower case: where nothing links words, and initials that link as often.
        "siapa jd vance",
        "siapa dr tirta",
        "oleh dr tirta atau bukan",
        "alamat rsud dr soetomo",
        "siapa dn aidit",
        "siapa hr manager tokopedia",
        "siapa ketua pd?",
        "apa itu pd",
        "siapa artis sm entertainment",
        "kapan hrs bebas",
        "apa yang terjadi pada 300 sm",
        "how many hrs are in a day",
        "what is an org chart",
    ],
)
def test_ordinary_words_are_no_chat_spellings(typed: str) -> None:
    assert write_out(typed).text == typed


def test_what_was_written_out_is_told() -> None:
    assert write_out("brp harganya?").understood == (Understood("colloquial", "brp", "berapa"),)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("siapa pery warjiyo gubernur bank", "siapa Perry warjiyo gubernur bank"),
        ("how many floors do the petronis towers have", "how many floors do the Petronas towers have"),
        ("kapan susanty menikah dengan alan", "kapan Susanti menikah dengan alan"),
        ("alan budi kusuma menikah", "alan budikusuma menikah"),
        # The first letter replaced, left out, put before and swapped with the second.
        ("how many floors do the Tetronas towers have", "how many floors do the Petronas towers have"),
        ("how many floors do the etronas towers have", "how many floors do the Petronas towers have"),
        ("how many floors do the Opetronas towers have", "how many floors do the Petronas towers have"),
        ("how many floors do the Eptronas towers have", "how many floors do the Petronas towers have"),
        # A number of eleven and more, as it stands beside the other words.
        ("kapal apollo sebelas mendarat", "kapal apollo 11 mendarat"),
        ("towers with eighty-eight floors", "towers with 88 floors"),
        ("eighty-eight floors, nineteen ninety, eleven towers", "88 floors, nineteen ninety, 11 towers"),
        ("KAPAL APOLLO SEBELAS MENDARAT", "KAPAL APOLLO 11 MENDARAT"),
        ("Sebelas kapal Apollo mendarat", "11 kapal Apollo mendarat"),
        # No article has these initials before the next word.
        ("kapan jokowi jd presiden", "kapan jokowi jadi presiden"),
        ("apa beda gula sm garam", "apa beda gula dengan garam"),
        # No article has tea beside these.
        ("who won teh race", "who won the race"),
    ],
)
def test_unknown_words_become_the_articles(speller: Speller, typed: str, written: str) -> None:
    assert speller.correct(typed).text == written


@pytest.mark.parametrize(
    "typed",
    [
        "berapa harga kucing",  # a known word that no article has
        "siapa gubernur bank datri",  # nearest to a word that says nothing
        "pery punya anjing kecil di Bandung",  # beside none of the question's words: anybody
        "siapa Zulkarnain gubernur bank",  # near to nothing
        "gubernur 1997",
        "Perry makelar gubernur bank",  # a word that differs from "sakelar" in its first letter, no name
        "how many floors do the Tetronis towers have",  # another letter beside the first one is wrong
        "Tetronas punya anjing kecil di Bandung",
        "gubernur bank tiga belas",  # no article has 13
        "kapal dengan tiga awak",
        # Numbers that are part of a name: with a capital, or so in an article.
        "Siapa rektor Universitas Sebelas Maret?",
        "Siapa bupati Kepulauan Seribu?",
        "siapa bupati kepulauan seribu?",
        "SIAPA BUPATI KEPULAUAN SERIBU?",
        "apa hubungan jd vance dengan trump",
        "siapa artis baru sm entertainment",
        "apa yang terjadi 300 sm di bandung",
        "price of teh tarik",
    ],
)
def test_what_is_left_as_it_is(speller: Speller, typed: str) -> None:
    assert speller.correct(typed).text == typed


def test_an_abbreviation_gets_the_name_that_an_article_gives_it(speller: Speller) -> None:
    spelled = speller.name("Siapa gubernur BI?")
    assert spelled.text == "Siapa gubernur BI (Bank Indonesia)?"
    assert spelled.understood == (Understood("abbreviation", "BI", "Bank Indonesia"),)
    assert speller.name("Siapa gubernur Bank Indonesia (BI)?").understood == ()
    assert speller.name("Siapa ketua ABC?").understood == ()
