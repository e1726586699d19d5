import time
import zlib
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillarbox.letters.apart import CannotInspect, inspect_apart
from pillarbox.letters.inspection import Inspection, Kind, inspect_pages
from pillarbox.letters.problems import Problem
from tests.server.letters.made_pdfs import A4, address, document, mark_at, pdf, saved, text_at, written

UNREADABLE = Inspection(Problem.UNREADABLE, None)
GOOD = Inspection(None, 1, address_text="A Person\n1 Street\nSW1A 1AA")


def look(file: bytes, kind: Kind = Kind.LETTER) -> Inspection:
    return inspect_pages(file, kind)


def test_a_good_letter_shows_its_address() -> None:
    assert look(pdf(address())) == GOOD


def test_an_attachment_is_not_asked_for_an_address() -> None:
    assert look(pdf(address()), Kind.ATTACHMENT) == Inspection(None, 1)


def test_a_look_apart_says_the_same_as_one_within() -> None:
    assert inspect_apart(pdf(address()), Kind.LETTER) == GOOD
    several = pdf(address(), mark_at(5, 5), b"", mark_at(100, 294))
    assert inspect_apart(several, Kind.LETTER) == Inspection(Problem.INK_OUTSIDE, 4, (2, 4))


def test_a_broken_installation_is_not_blamed_on_the_file(monkeypatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(CannotInspect):
        inspect_apart(pdf(address()), Kind.LETTER)


def test_positions_count_from_the_corner_of_the_page_wherever_its_origin_is() -> None:
    moved = document(b"1 0 0 1 1000 -500 cm " + address(), box=(1000, -500, A4[2] + 1000, A4[3] - 500))
    assert look(saved(moved)) == GOOD


def test_a_cropped_page_does_not_hide_what_lies_outside_the_crop() -> None:
    made = document(address() + mark_at(5, 200))
    made.pages[0].obj.CropBox = pikepdf.Array([100, 100, 500, 500])
    assert look(saved(made)).problem is Problem.INK_OUTSIDE


@pytest.mark.parametrize("corner", [(0, 0), (209.8, 0), (0, 296.8), (209.8, 296.8)])
def test_ink_in_the_outermost_corner_is_seen(corner: tuple[float, float]) -> None:
    assert look(pdf(address() + mark_at(*corner, size=0.3))).problem is Problem.INK_OUTSIDE


def test_annotations_are_ink_too() -> None:
    made = document(address())
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Square,
        Rect=pikepdf.Array([2, 2, 20, 20]),
        F=4,
        IC=pikepdf.Array([1, 0, 0]),
    )
    look_of_it = made.make_stream(b"1 0 0 rg 0 0 18 18 re f")
    look_of_it.update(
        {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form, "/BBox": pikepdf.Array([0, 0, 18, 18])}
    )
    note.AP = pikepdf.Dictionary(N=look_of_it)
    made.pages[0].obj.Annots = pikepdf.Array([made.make_indirect(note)])
    assert look(saved(made)).problem is Problem.INK_OUTSIDE


def test_words_of_a_line_drawn_in_any_order_are_joined_from_left_to_right() -> None:
    jumbled = (
        text_at(60, 50, "Person") + text_at(26, 56, "SW1A 1AA") + text_at(26, 50, "A ﬁne".replace("ﬁ", "fi"))
    )
    assert look(pdf(jumbled)).address_text == "A fine Person\nSW1A 1AA"


def test_a_word_that_sticks_out_of_the_window_belongs_to_the_address_whole() -> None:
    assert (
        look(pdf(b"1 1 1 rg " + text_at(119, 50, "Llanfairpwllgwyngyll"))).address_text
        == "Llanfairpwllgwyngyll"
    )


def test_the_tag_may_stand_on_the_first_page_of_a_letter_only() -> None:
    tag = b"1 1 1 rg " + text_at(1.8, 3.5, "NOTIFY", size=6)
    assert look(pdf(tag + b"0 0 0 rg " + address())) == GOOD
    assert look(pdf(address(), tag)) == Inspection(Problem.TAG_FOUND, 2, (2,))
    assert look(pdf(tag), Kind.ATTACHMENT) == Inspection(Problem.TAG_FOUND, 1, (1,))


def test_pages_are_counted_before_anything_else_is_looked_at() -> None:
    assert look(pdf(*[b""] * 10)).problem is None
    assert look(pdf(*[b""] * 2000, box=(0, 0, 9, 9))) == Inspection(Problem.TOO_LONG, 2000)


LOOP = written(
    "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R 2 0 R] /Count 1000000000 >>"
)
NO_PAGES = written("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 3 >>")
NO_BOX = written(
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 /a4] >>",
)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"hello",
        b"\0" * 100_000,
        b"%PDF-1.7\n" + b"1 0 obj\n" * 20_000,
        b"%PDF-1.7\n" + b"[" * 200_000,
        pdf(address())[:60],
        LOOP,
        NO_PAGES,
        written("<< /Type /Catalog /Pages 1 0 R >>"),
    ],
    ids=["empty", "text", "nul", "objects", "nested", "cut", "loop", "no-pages", "own-parent"],
)
def test_what_is_no_letter_is_unreadable_soon(file: bytes) -> None:
    began = time.monotonic()
    assert inspect_apart(file, Kind.LETTER) == UNREADABLE
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "box", [(0, 0, 1e9, 1e9), (0, 0, 1e-9, 1e-9), (0, 0, 0, 0), (-1e6, 0, 1e6, 842), (0, 0, 842, 595)]
)
def test_a_page_of_any_size_but_a4_is_refused_without_drawing_it(box: tuple[float, ...]) -> None:
    assert look(pdf(address(), box=box)) == Inspection(Problem.NOT_A4, 1, (1,))


def test_a_password_makes_a_letter_unreadable_but_mere_restrictions_do_not() -> None:
    made = document(address())
    made.save(locked := BytesIO(), encryption=pikepdf.Encryption(owner="o", user="u"))
    made.save(restricted := BytesIO(), encryption=pikepdf.Encryption(owner="o", user=""))
    assert look(locked.getvalue()) == UNREADABLE
    assert look(restricted.getvalue()) == GOOD


def test_a_page_whose_size_makes_no_sense_is_refused() -> None:
    assert look(NO_BOX).problem in {Problem.UNREADABLE, Problem.NOT_A4}


def ten_megabytes_packed(times: int) -> bytes:
    """Deflated spaces: one packed piece, again and again, since a piece that was flushed stands for itself."""
    packer = zlib.compressobj(9)
    head = packer.compress(b" ") + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(b" " * 10_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + piece * times + packer.flush()


def test_a_small_file_that_unpacks_to_gigabytes_is_given_up_in_time() -> None:
    made = document(address(), b"")
    bomb = made.make_stream(b"")
    bomb.write(ten_megabytes_packed(times=200), filter=pikepdf.Name.FlateDecode)
    made.pages[1].obj.Contents = bomb
    began = time.monotonic()
    assert inspect_apart(saved(made), Kind.LETTER).page_count in {2, None}
    assert time.monotonic() - began < 60


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_letter_is_read_or_refused_but_never_crashes(data: st.DataObject) -> None:
    file = bytearray(pdf(address()))
    for _ in range(data.draw(st.integers(1, 8))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(look(bytes(file)), Inspection)
