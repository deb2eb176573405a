"""The border of the libraries that read words off pixels: `kzlabel[ocr]`.

RapidOCR's detector (PP-OCRv6, its model is in the wheel) finds lines; Tesseract reads each as one
line, with the Kazakh, Russian and English data of the system; RapidOCR's recogniser, which has no
Cyrillic letters, reads what Tesseract is not sure of: Chinese. Measured so in
https://rapidai.github.io/RapidOCRDocs/ 3.10 and Tesseract 5: either alone reads less.

One thread, nothing fetched, bounded: the picture is scaled to `SIDES`, a long one cut into pieces.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import LimitError, MissingExtraError
from kzlabel.notices.reasons import NO_OCR, NO_OCR_DATA

if TYPE_CHECKING:
    from PIL.Image import Image
    from rapidocr import RapidOCR
    from tesserocr import PyTessBaseAPI

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""
Corners = tuple[tuple[float, float], ...]
"""Of a line that may be tilted: clockwise from where it begins, at the top."""

LANGUAGES = ("kaz", "rus", "eng")
"""What Tesseract must have data of."""
_PACKAGES = ("rapidocr", "onnxruntime", "tesserocr")
_DETECTOR, _RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_FOLDERS = (
    "/usr/share/tesseract-ocr/*/tessdata", "/usr/share/tessdata", "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata", "/opt/homebrew/share/tessdata", "/opt/local/share/tessdata",
)  # fmt: skip
"""Where systems keep the data; `TESSDATA_PREFIX` comes first."""

SIDES = (800, 560)
"""Shorter sides in which lines are sought: words of 3 % have an em of 24 pixels in the first; the
detector overlooks large words there which it finds in the second."""
MAX_ENLARGED = 4.0
"""A small picture is enlarged no further than this."""
LONGEST = 3.0
"""Longer side by shorter at which a picture is cut into pieces."""
MAX_PIECES = 8
"""Pieces of one picture; a longer one is reduced until they suffice."""
MAX_LINES = 150
"""Lines that are read in one picture: the longest, as a notice has more than a few letters."""
LINE_HEIGHT = 56
"""Pixels to which a line is scaled."""
MAX_LINE_WIDTH = 40 * LINE_HEIGHT
SURE = 0.8
"""Confidence of Tesseract at which no second reading is needed."""
LEVEL = 0.03
"""Slope up to which a line is taken to be level."""


class Line(NamedTuple):
    """A line that was read."""

    text: str
    confidence: float
    """From 0 to 1."""
    box: Box
    unsure: frozenset[str] = frozenset()
    """Words that may be read wrong."""
    also: tuple[str, ...] = ()
    """Other readings of the same, where this one is doubtful."""


class Reading(NamedTuple):
    """What was read in a picture."""

    lines: tuple[Line, ...]
    complete: bool
    """Whether every line that was found was read."""


def available() -> str | None:
    """Return None where words can be read, else the code of a sentence that says what is missing.

    Nothing is loaded for that.
    """
    if not all(find_spec(name) for name in _PACKAGES) or not _models():
        return NO_OCR
    return None if _data() else NO_OCR_DATA


def read_lines(picture: Image) -> Reading:
    """Return the lines in a picture of mode RGB, upright ones only.

    Raises `MissingExtraError` where nothing can be loaded, `LimitError` where memory runs out.
    """
    with _translated():
        corners = _found(picture)
        corners.sort(key=_length, reverse=True)
        lines = (_read(picture, each) for each in corners[:MAX_LINES])
        return Reading(tuple(line for line in lines if line), len(corners) <= MAX_LINES)


# --- Finding lines --------------------------------------------------------------------------------


def _found(picture: Image) -> list[Corners]:
    import numpy as np
    from PIL import Image

    found: list[Corners] = []
    scales = dict.fromkeys(_scale(picture.size, side) for side in SIDES)
    for scale, piece in product(scales, _pieces(picture.size)):
        size = tuple(
            max(1, round(side * scale)) for side in (piece[2] - piece[0], piece[3] - piece[1])
        )
        small = picture.resize(
            (size[0], size[1]), Image.Resampling.BICUBIC, box=piece, reducing_gap=2.0
        )
        samples = np.ascontiguousarray(np.asarray(small)[..., ::-1])
        told = _rapid()(samples, use_det=True, use_cls=False, use_rec=False)
        boxes = getattr(told, "boxes", None)
        for box in () if boxes is None else boxes.tolist():
            corners = tuple((piece[0] + x / scale, piece[1] + y / scale) for x, y in box)
            if not any(_overlap(corners, other) for other in found):
                found.append(corners)
    return found


def _scale(size: tuple[int, int], side: int) -> float:
    return min(side / min(size), MAX_ENLARGED, LONGEST * side * MAX_PIECES / 2 / max(size))


def _pieces(size: tuple[int, int]) -> Iterator[Box]:
    """Cut along the longer side, each piece half as far on as it is long."""
    short, long = min(size), max(size)
    length = max(short * LONGEST, 2 * long / (MAX_PIECES + 1))
    start = 0.0
    while True:
        begin, end = round(start), min(long, round(start + length))
        yield (begin, 0, end, size[1]) if size[0] > size[1] else (0, begin, size[0], end)
        if end >= long:
            return
        start += length / 2


def _bounds(corners: Corners) -> Box:
    across, down = [x for x, _ in corners], [y for _, y in corners]
    return int(min(across)), int(min(down)), round(max(across)), round(max(down))


def _length(corners: Corners) -> float:
    left, top, right, bottom = _bounds(corners)
    return (right - left) / max(1, bottom - top)


def _overlap(one: Corners, other: Corners) -> bool:
    """Whether two pieces have the same line: half of the smaller box is in the other."""
    a, b = _bounds(one), _bounds(other)
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    least = min((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return wide > 0 < high and 2 * wide * high > least


# --- Reading them ---------------------------------------------------------------------------------


def _read(picture: Image, corners: Corners) -> Line | None:
    strip, box = _strip(picture, corners), _bounds(corners)
    if strip is None:
        return None
    line = _by_tesseract(strip, box)
    if line and line.confidence >= SURE and not (line.unsure or _is_mixed(line.text)):
        return line
    other = _by_rapidocr(strip, box)
    if other and (line is None or _has_ideographs(other.text)):
        return other
    if line is None:
        return None
    inked = [_by_tesseract(each, box) for each in _inked(strip)]
    further = dict.fromkeys(each.text for each in (other, *inked) if each)
    return line._replace(also=tuple(further))


def _is_mixed(text: str) -> bool:
    """Whether Latin and Cyrillic letters stand in one line: one of them may be read wrong."""
    letters = [letter for letter in text.casefold() if letter.isalpha()]
    latin = sum(letter < "\u0250" for letter in letters)
    return 0 < latin < len(letters)


def _inked(strip: Image) -> list[Image]:
    """Return a line as black on white, by its letters' brightest, or darkest, channel alone.

    White letters with an edge, on a ground of colours, are told from it so.
    """
    from PIL import ImageChops

    red, green, blue = strip.split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    least = ImageChops.darker(ImageChops.darker(red, green), blue)
    black = [0 if level < INKED else 255 for level in range(256)]
    return [most.point(black), ImageChops.invert(least).point(black)]


INKED = 70
"""Level up to which a channel is ink."""


def _strip(picture: Image, corners: Corners) -> Image | None:
    """Return one line, level, dark on light; None for what is upright or nothing."""
    from PIL import Image, ImageOps

    left, top, right, bottom = _bounds(corners)
    box = max(0, left), max(0, top), min(picture.width, right), min(picture.height, bottom)
    wide, high = box[2] - box[0], box[3] - box[1]
    if wide < 2 or high < 2 or high > 1.5 * wide:  # noqa: PLR2004  no two pixels are words
        return None
    (ax, ay), (bx, by), _, (_, dy) = corners
    if abs(by - ay) > LEVEL * abs(bx - ax):
        wide, high = max(2, round(bx - ax)), max(2, round(abs(dy - ay)))
        quad = [value for at in (0, 3, 2, 1) for value in corners[at]]
        part = picture.transform((wide, high), Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)
    else:
        part = picture.crop(box)
    width = min(MAX_LINE_WIDTH, max(8, round(wide * LINE_HEIGHT / high)))
    strip = part.resize((width, LINE_HEIGHT), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return ImageOps.invert(strip) if _is_dark(strip) else strip


def _is_dark(strip: Image) -> bool:
    """Whether the ground, which is most of it, is darker than the middle of what there is."""
    grey = strip.convert("L")
    counts = grey.histogram()
    seen, half = 0, sum(counts) / 2
    low, high = grey.getextrema()
    for level, count in enumerate(counts):
        seen += count
        if seen >= half:
            return level < (float(str(low)) + float(str(high))) / 2
    return False


def _by_tesseract(strip: Image, box: Box) -> Line | None:
    from PIL import ImageOps

    api = _tesseract()
    api.SetImage(ImageOps.expand(strip.convert("L"), 8, fill=255))
    text = api.GetUTF8Text().strip()
    if not text:
        return None
    words, sure = text.split(), api.AllWordConfidences()
    unsure = {word for word, each in zip(words, sure, strict=False) if each < 100 * SURE_WORD}
    return Line(" ".join(words), api.MeanTextConf() / 100, box, frozenset(unsure))


SURE_WORD = 0.9
"""Confidence at which a word is taken as it was read."""


def _by_rapidocr(strip: Image, box: Box) -> Line | None:
    import numpy as np

    samples = np.ascontiguousarray(np.asarray(strip)[..., ::-1])
    told = _rapid()(samples, use_det=False, use_cls=False, use_rec=True)
    texts, scores = getattr(told, "txts", None), getattr(told, "scores", None)
    text = str(texts[0]).strip() if texts else ""
    return Line(text, float(scores[0]), box) if text and scores else None


def _has_ideographs(text: str) -> bool:
    return any("\u3400" <= letter <= "\u9fff" for letter in text)


# --- Loading --------------------------------------------------------------------------------------


@cache
def _models() -> Path | None:
    """Return the folder of RapidOCR's models, where the wheel has both; it would fetch them."""
    spec = find_spec("rapidocr")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        models = Path(folder, "models")
        if all((models / name).is_file() for name in (_DETECTOR, _RECOGNISER)):
            return models
    return None


def _data() -> Path | None:
    """Return the folder with Tesseract's data of all `LANGUAGES`."""
    prefix = os.environ.get("TESSDATA_PREFIX")
    given = [Path(prefix), Path(prefix, "tessdata")] if prefix else []
    system = (found for pattern in _FOLDERS for found in sorted(Path("/").glob(pattern[1:])))
    for folder in (*given, *system):
        if all((folder / f"{name}.traineddata").is_file() for name in LANGUAGES):
            return folder
    return None


@cache
def _rapid() -> RapidOCR:
    from rapidocr import RapidOCR

    models = _models()
    if models is None:
        raise MissingExtraError(NO_OCR)
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.min_side_len": 1,  # as limit_side_len below: a strip is padded, not enlarged
            "Global.max_side_len": round(max(SIDES) * LONGEST) + 1,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.limit_side_len": 32,  # it would enlarge a narrow strip to a giant
            "Det.model_path": str(models / _DETECTOR),
            "Rec.model_path": str(models / _RECOGNISER),
        }
    )


@cache
def _tesseract() -> PyTessBaseAPI:
    from tesserocr import PSM, PyTessBaseAPI

    folder = _data()
    if folder is None:
        raise MissingExtraError(NO_OCR_DATA)
    api = PyTessBaseAPI(path=str(folder), lang="+".join(LANGUAGES), psm=PSM.SINGLE_LINE)
    for name, value in (("debug_file", os.devnull), ("user_defined_dpi", "300")):
        api.SetVariable(name, value)
    return api


@contextmanager
def _translated() -> Iterator[None]:
    """Translate what the libraries raise: what cannot be loaded, and memory that runs out."""
    try:
        yield
    except ImportError as exc:
        raise MissingExtraError("kz.error.ocr-load", detail=exc) from exc
    except (MemoryError, RuntimeError, ValueError, OSError) as exc:
        raise LimitError("kz.error.ocr", detail=str(exc) or type(exc).__name__) from exc
