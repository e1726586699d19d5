"""PDFs made for tests, written by hand so that they may be as wrong as a test wants."""

from io import BytesIO

import pikepdf

A4 = (0, 0, 595.2756, 841.8898)
ADDRESS = ("A Person", "1 Street", "SW1A 1AA")


def text_at(left: float, top: float, text: str, size: float = 8) -> bytes:
    """Drawing operators for one line of text, so many millimetres from the top left of an A4 page."""
    x, y = left * 72 / 25.4, A4[3] - top * 72 / 25.4
    return f"BT /F1 {size} Tf 1 0 0 1 {x:.4f} {y:.4f} Tm ({text}) Tj ET\n".encode()


def mark_at(left: float, top: float, size: float = 1, colour: str = "0 0 0") -> bytes:
    """Drawing operators for a square, so many millimetres from the top left of an A4 page."""
    x, y, side = left * 72 / 25.4, A4[3] - (top + size) * 72 / 25.4, size * 72 / 25.4
    return f"{colour} rg {x:.4f} {y:.4f} {side:.4f} {side:.4f} re f\n".encode()


def address(lines: tuple[str, ...] = ADDRESS) -> bytes:
    return b"".join(text_at(26, 50 + 3.2 * number, line) for number, line in enumerate(lines))


def document(*pages: bytes, box: tuple[float, ...] = A4) -> pikepdf.Pdf:
    made = pikepdf.new()
    font = made.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
    )
    for content in pages:
        made.pages.append(
            pikepdf.Page(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Page,
                    MediaBox=pikepdf.Array(list(box)),
                    Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font)),
                    Contents=made.make_stream(content),
                )
            )
        )
    return made


def saved(made: pikepdf.Pdf) -> bytes:
    file = BytesIO()
    made.save(file)
    return file.getvalue()


def pdf(*pages: bytes, box: tuple[float, ...] = A4) -> bytes:
    return saved(document(*pages, box=box))


def written(*objects: str) -> bytes:
    """A PDF of these numbered objects as they are, the first being the catalogue; readers mend the rest."""
    body = "".join(f"{number} 0 obj {text} endobj\n" for number, text in enumerate(objects, start=1))
    return f"%PDF-1.7\n{body}trailer << /Root 1 0 R >>\n%%EOF".encode()
