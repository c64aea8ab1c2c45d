"""Words that exclude one another: told in their place, in both languages."""

from __future__ import annotations

import pytest

from service.models import JUDGE
from service.opposites import says_opposite
from service.support import SupportModel

MARKET = (
    "Semua pedagang Pasar Lama akan pindah pada Mei 2025. Sewa kios naik tiga kali dalam dua tahun karena "
    "pengelola membangun atap baru. Hujan deras menyebabkan banjir di lantai bawah."
)
FERRY = (
    "The ferry may stop at Selby before the winter. Most passengers pay less than two dollars, and fares "
    "fell because the council bought the pier."
)


@pytest.mark.parametrize(
    ("text", "opposite", "told"),
    [
        (MARKET, "Sebagian pedagang Pasar Lama akan pindah.", "Semua pedagang Pasar Lama akan pindah."),
        (MARKET, "Pedagang Pasar Lama telah pindah pada Mei.", "Pedagang Pasar Lama akan pindah pada Mei."),
        (MARKET, "Sewa kios turun tiga kali.", "Sewa kios naik tiga kali."),
        (MARKET, "Sebagian pedagang Pasar Lama pindah.", "Semua pedagang Pasar Lama pindah."),
        (FERRY, "The ferry will stop at Selby.", "The ferry may stop at Selby."),
        (FERRY, "It may stop at Selby after the winter.", "It may stop at Selby before the winter."),
        (FERRY, "Few passengers pay less than two dollars.", "Many passengers pay less than two dollars."),
        (FERRY, "Most passengers pay more than two dollars.", "Passengers pay less than two dollars."),
    ],
)
def test_a_word_is_compared_where_the_same_words_stand(text: str, opposite: str, told: str) -> None:
    assert says_opposite(text, opposite)
    assert not says_opposite(text, told)


@pytest.mark.parametrize(
    ("exchanged", "told"),
    [
        ("Banjir di lantai bawah menyebabkan hujan deras.", "Banjir akibat hujan deras."),
        ("Pengelola membangun atap baru karena sewa kios naik.", "Atap baru dibangun sehingga sewa naik."),
    ],
)
def test_cause_and_effect_are_not_exchanged(exchanged: str, told: str) -> None:
    assert says_opposite(MARKET, exchanged)
    assert not says_opposite(MARKET, told)


def test_a_cause_that_a_question_asks_for_is_no_exchange() -> None:
    text = "The floods in Selby, a river town, were caused by a broken dam."
    assert not says_opposite(text, "What caused the floods in Selby, a river town? A broken dam.")
    assert says_opposite(text, "The floods in Selby, a river town, caused a broken dam.")


@pytest.mark.parametrize(
    "said",
    [
        "Harga beras turun pada Mei.",  # of something else than what rose
        "Pedagang kios sebelah sudah pulang.",
        "Tiga pedagang membangun sebagian atap.",
        "Pasar Lama ramai.",
    ],
)
def test_a_word_in_another_place_is_no_opposite(said: str) -> None:
    assert not says_opposite(MARKET, said)


def test_the_same_word_beside_the_same_words_settles_it() -> None:
    both = f"{MARKET} Sebagian pedagang Pasar Lama menolak."
    assert not says_opposite(both, "Sebagian pedagang Pasar Lama menolak.")
    assert says_opposite(MARKET, "Sebagian pedagang Pasar Lama menolak.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # A cause in front, one told in the sentence before, a passive.
        ("Jalan kota terendam karena hujan deras.", "Karena hujan deras, jalan kota terendam."),
        ("Because of the strike, all trains stopped.", "All trains stopped because of the strike."),
        (
            "Pasar Lama terbakar. Karena itu para pedagang pindah.",
            "Pedagang pindah karena Pasar Lama terbakar.",
        ),
        ("Smoke triggered the fire alarm.", "The fire alarm was triggered by smoke."),
        (
            "Angin merobohkan pohon besar. Jalan macet karena pohon besar itu.",
            "Pohon besar roboh akibat angin.",
        ),
        # Another thing of the same subject, and what follows in the same sentence.
        ("Gubernur Jawa Barat akan membangun rumah sakit.", "Gubernur Jawa Barat telah membeli lahan."),
        ("The company plans to open a plant.", "The company has already bought the land."),
        ("Harga beras naik pada Mei, lalu turun pada Juni.", "Pada Juni harga beras turun."),
        ("Sales rose in May but fell in June.", "In June sales fell."),
        # The two compared have changed places.
        (
            "Beras di Solo lebih murah dan lebih tinggi mutunya daripada di Bogor.",
            "Beras Bogor lebih rendah.",
        ),
        ("The flood came a day after the earthquake.", "The earthquake came a day before the flood."),
        # What is denied.
        ("Sebagian warga desa menolak pindah.", "Tidak semua warga desa menolak pindah."),
        ("Peserta paling banyak 30 orang.", "Peserta tidak lebih dari 30 orang."),
        ("At least 30 people died in the crash.", "No fewer than 30 people died in the crash."),
        ("Tidak hanya petani yang datang.", "Bukan cuma petani yang datang."),
        # Months and names.
        ("The fair will open in Solo.", "The May fair will open in Solo."),
    ],
)
def test_what_is_supported_is_no_opposite(text: str, said: str) -> None:
    assert not says_opposite(text, said)


def test_the_judge_does_not_support_an_opposite() -> None:
    judge = SupportModel(JUDGE)
    assert judge.support("Sebagian pedagang Pasar Lama akan pindah.", [MARKET]) == 0.0
    assert judge.support("Semua pedagang Pasar Lama akan pindah.", [MARKET]) >= judge.threshold
    assert judge.support("Sewa kios naik tiga kali dalam dua bulan.", [MARKET]) == 0.0
    assert judge.support("Sewa kios naik tiga kali dalam dua tahun.", [MARKET]) >= judge.threshold
