"""debian: phrases, help pages and dialogues of packages of Debian."""

import io
import tarfile

import pytest
from babel.messages import catalog, mofile

from lstm_zoo import datasets
from lstm_zoo.datasets import debian
from lstm_zoo.datasets.debian import catalogs, dictionary, packages, pages
from lstm_zoo.tasks.translation import pairs as sources

PAGE = """<page xmlns="http://projectmallard.org/1.0/"><info><credit><name>{}</name></credit><desc>{}</desc></info>
<title>{}</title><section><p>{} <gui>{}</gui>.</p></section><p>GNOME</p></page>"""


def packed(files):
    """A package of Debian's with such files: name -> bytes."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:xz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    package = b"!<arch>\n"
    for name, content in {"debian-binary": b"2.0\n", "control.tar.xz": b"", "data.tar.xz": archive.getvalue()}.items():
        package += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode() + content
        package += b"\n" * (len(content) % 2)
    return package


def compiled(messages):
    """A compiled catalogue of gettext: text -> translation."""
    made, content = catalog.Catalog(), io.BytesIO()
    for text, translation in messages.items():
        made.add(text, translation)
    mofile.write_mo(content, made)
    return content.getvalue()


@pytest.fixture
def held_out(monkeypatch):
    """Texts that begin with T are the test, with V validation, all others are learnt."""
    monkeypatch.setattr(debian, "SHARES", dict.fromkeys(debian.KINDS, (1, 1)))
    monkeypatch.setattr(debian, "place_of", lambda key: "TV".find(key.rpartition("/")[2][0]) % 1000)


def loaded(kind, split, folder):
    pairs = datasets.load(f"debian/{kind}", split, manual_dir=folder, data_dir=folder / "data")
    return [(pair["de"], pair["en"]) for pair in pairs]


def test_phrases(public, tmp_path, offline, held_out):
    entries = "# Version :: 1\nHaus {n} | Häuser {pl} :: house | houses\nIch habe Hunger. :: I'm hungry.\n"
    entries += "Tag {m} :: day\nVater {m} :: father\nder Tag :: day\n"
    package = packed({"usr/share/trans/de-en": entries.encode(), "usr/share/doc/readme": b"no :: nein"})
    public("debian/phrases", {packages.DICTIONARY[0].url.rpartition("/")[2]: package})
    known = [("Haus", "house"), ("Häuser", "houses"), ("Ich habe Hunger.", "I'm hungry.")]
    assert loaded("phrases", "train", tmp_path) == known  # without "der Tag", whose translation is held out
    assert [loaded("phrases", split, tmp_path) for split in ("test", "validation")] == [
        [("Tag", "day")],
        [("Vater", "father")],
    ]


def test_help(public, tmp_path, offline, held_out):
    folder = "usr/share/help/{}/gnome-help/{}.page"
    package = packed(
        {
            folder.format("C", "clock"): PAGE.format("An", "Set it.", "The clock", "Press", "Set").encode(),
            folder.format("de", "clock"): PAGE.format("Bo", "Stellen.", "Die Uhr", "Klick auf", "Stellen").encode(),
            **{
                folder.format(language, name): f"<page><title>{name} {language}</title></page>".encode()
                for language in ("C", "de")
                for name in ("Test", "Validation")
            },
            folder.format("C", "alone"): PAGE.format("An", "x", "y", "z", "a").encode(),
        }
    )
    public("debian/help", {packages.PAGES[0].url.rpartition("/")[2]: package})
    known = [("Stellen.", "Set it."), ("Die Uhr", "The clock"), ("Klick auf Stellen.", "Press Set.")]
    assert loaded("help", "train", tmp_path) == known


def test_dialogues_and_what_is_held_out(public, tmp_path, offline, monkeypatch):
    monkeypatch.setitem(debian.SHARES, "dialogues", (200, 300))
    said = {f"I have {number} apples.": f"Ich habe {number} Äpfel." for number in range(200)}
    empty = packed({"usr/share/doc/readme": b""})
    contents = {package.url.rpartition("/")[2]: empty for package in packages.CATALOGUES}
    first, second = list(contents)[:2]
    contents[first] = packed({"usr/share/locale/de/LC_MESSAGES/game.mo": compiled(said)})
    again = {"I have 1 apples.": "Ich habe 1 Äpfel.", "I have eaten.": "Ich habe 1 Äpfel."}
    contents[second] = packed(
        {
            "usr/share/locale/de/LC_MESSAGES/other.mo": compiled(again),
            "usr/share/locale/fr/LC_MESSAGES/other.mo": compiled({"no": "non"}),
        }
    )
    public("debian/dialogues", contents)
    parts = [loaded("dialogues", split, tmp_path) for split in ("train", "validation", "test")]
    everything = [pair for part in parts for pair in part]
    assert len(everything) == len(set(everything))
    assert set(said.values()) <= {german for german, _ in everything}
    assert [len(part) // 20 for part in parts] == [5, 1, 3]  # about half, a fifth and three tenths of 200
    for part in parts[1:]:
        assert not {text for pair in part for text in pair} & {text for pair in parts[0] for text in pair}


def test_a_package_is_named_as_apt_names_it_and_lies_where_debian_keeps_it():
    package = packages.Package("wesnoth-1.16", "wesnoth-1.16-l", "1:1.16.9-1", 1, "0")
    assert package.file == "wesnoth-1.16-l_1%3a1.16.9-1_all.deb"
    assert package.url.endswith("/pool/main/w/wesnoth-1.16/wesnoth-1.16-l_1.16.9-1_all.deb")


@pytest.mark.parametrize(
    ("entry", "pairs"),
    [
        ("Hund {m} [zool.]; Köter {m} :: dog", []),  # a name of a kind, and there are thousands of them
        ("etw. (mit jdm.) tun :: to do sth. [coll.] /dst/", [("etwas tun", "to do something")]),
        ("Es ist spät.; Es wird spät. :: It's late; It's getting late.", [("Es ist spät.", "It's late")] * 1),
        ("dumm / blöd :: stupid", []),
        ("gehen | ging :: to go | went", [("gehen", "to go"), ("ging", "went")]),
    ],
)
def test_entries_of_the_dictionary(entry, pairs):
    found = [pair for _, pairs in dictionary.pairs_of(entry) for pair in pairs]
    assert found[: max(1, len(pairs))] == pairs


def test_pages_of_other_structure_and_links_without_text_give_nothing():
    assert list(pages.pairs_of(b"<page><p>One</p><p>Two</p></page>", b"<page><p>Eins</p></page>")) == []
    linked = b"<page><p>See <link/>.</p><p>Two</p></page>", b"<page><p>Siehe <link/>.</p><p>Zwei</p></page>"
    assert list(pages.pairs_of(*linked)) == [("Two", "Zwei")]


def test_texts_with_marks_of_a_program_are_no_sentences():
    messages = {
        "%d apples": "%d Äpfel",
        "Yes": "Yes",
        "Go!\nStop!": "Geh!\nHalt!",
        "a\nb": "ab",
        "<b>I</b>": "<b>Ich</b>",
    }
    assert list(catalogs.pairs_of(compiled(messages))) == [("Go!", "Geh!"), ("Stop!", "Halt!")]


def test_texts_of_as_many_sentences_are_cut(monkeypatch):
    texts = [{"de": "Halt! Wer da?", "en": "Halt! Who is it?"}, {"de": "Ja. Gut.", "en": "Yes, fine."}]
    monkeypatch.setattr(datasets, "load", lambda name, split: texts)
    halves = [("Halt!", "Halt!"), ("Who is it?", "Wer da?"), ("Yes, fine.", "Ja. Gut.")]
    assert sources.load_debian("dialogues", "en", "de", "test") == halves


def test_the_mixture_trains_on_short_words_other_names_and_what_people_type(monkeypatch):
    texts = {
        "multi30k/de-en": [{"de": "Anna hat 12 Hunde.", "en": "Anna has 12 dogs."}],
        "debian/phrases": [
            {"de": "Donaudampfschiff", "en": "Danube steamer"},
            {"de": "Haus", "en": "house"},
        ],
    }
    monkeypatch.setattr(datasets, "load", lambda name, split: texts.get(name, []))
    caption = ("Anna hat 12 Hunde.", "Anna has 12 dogs.")
    pairs = sources.load_general("de", "en", "train")
    assert pairs[:2] == [caption, ("Haus", "house")]
    typed = [(caption[0].lower(), caption[1]), tuple(side.upper() for side in caption)]
    assert pairs[4:] == [*typed, caption]
    for german, english in pairs[2:4]:
        assert german.endswith(" Hunde.")
        assert german.split()[:3:2] == english.split()[:3:2]
    assert len(sources.load_general("de", "en", "test")) == 3
