"""What makes a page look otherwise in another viewer than in the one that judges it here.

Notices are judged on what pdfium draws. Where other viewers may draw something else, or something
changes what is shown without anybody asking for it, what pdfium shows proves nothing: nothing on
such a page is perceivable for certain. Each doubt is a row of a table. Annotations that viewers
draw as they like leave only what lies under them open (`lids_of`).
"""

from __future__ import annotations

import math
from hashlib import sha256
from typing import TYPE_CHECKING

from pypdf.generic import (  # noqa: TID253  imported lazily, with its border
    ArrayObject,
    DictionaryObject,
    PdfObject,
    StreamObject,
)

from kzlabel.formats._pdf_file import resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kzlabel.formats._pdf_effort import Drawing
    from kzlabel.formats._pdf_page import Box

MOST_LAYERS = 1_000
MOST_NUMBERS = 10_000
"""Of the places of one annotation."""
MOST_PARENTS = 8
"""Fields within fields."""
WIDEST = 2.0
"""Points of a link's border that is ordinary."""
ENDS = 12.0
"""How far the ends of a line reach beyond it, by its width."""
EVERYWHERE: Box = (-1e6, -1e6, 1e6, 1e6)
_PLAIN_BLENDS = {"/Normal", "/Compatible", "/Multiply", "/Darken"}
_PLAIN_USAGE = {"/CreatorInfo", "/PageElement"}
_STATES = {"/View": "/ViewState", "/Print": "/PrintState", "/Export": "/ExportState"}
_PLACES = ("/Rect", "/L", "/Vertices", "/InkList", "/QuadPoints", "/CL", "/Path")
_DRAWN = {
    "/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight",
    "/Underline", "/Squiggly", "/StrikeOut", "/Stamp", "/Caret", "/Ink", "/FileAttachment",
    "/Widget",
}  # fmt: skip
"""Annotations that are shown as their appearance says (ISO 32000-2, 12.5.5), and no otherwise."""
_HIDDEN, _NO_VIEW, _NO_ZOOM = 1 << 1, 1 << 5, 1 << 3


def is_doubtful(drawing: Drawing) -> bool:
    """Whether other viewers may show the page otherwise, or not for long."""
    return any(holds(drawing) for _, holds in DOUBTS)


# --- What is done unasked (12.6) ------------------------------------------------------------------


def _acts(action: object) -> bool:
    """Whether something is done but going to a place in the document."""
    if not isinstance(action, DictionaryObject):
        return False
    return action.get("/S") != "/GoTo" or "/Next" in action


def _reacts(held: DictionaryObject) -> bool:
    triggers = _entries(held, "/AA")
    return any(_acts(resolved(triggers, trigger)) for trigger in triggers)


def _opens_otherwise(drawing: Drawing) -> bool:
    return _acts(resolved(drawing.document.catalog, "/OpenAction"))


def _has_scripts(drawing: Drawing) -> bool:
    """Whether scripts run as it opens that have fields, annotations or layers to show or hide.

    What a page draws itself they cannot change in a reader.
    """
    catalog = drawing.document.catalog
    if "/JavaScript" not in _entries(catalog, "/Names"):
        return False
    movable = "/AcroForm" in catalog or "/OCProperties" in catalog
    return movable or any(True for _ in drawing.annotations)


def _has_triggers(drawing: Drawing) -> bool:
    held = (drawing.document.catalog, drawing.page.entries, *drawing.annotations)
    return any(_reacts(one) for holder in held for one in _with_parents(holder))


def _with_parents(held: DictionaryObject) -> Iterator[DictionaryObject]:
    yield held
    for _ in range(MOST_PARENTS if held.get("/Subtype") == "/Widget" else 0):
        parent = resolved(held, "/Parent")
        if not isinstance(parent, DictionaryObject):
            return
        held = parent
        yield held


# --- Another document, another page ---------------------------------------------------------------


def _is_replaced(drawing: Drawing) -> bool:
    """Portfolios, forms in place of the pages, slides."""
    catalog = drawing.document.catalog
    named = _entries(catalog, "/Names")
    return any(name in catalog for name in ("/Collection", "/NeedsRendering", "/Requirements")) or (
        "/AlternatePresentations" in named
    )


def _is_brief(drawing: Drawing) -> bool:
    """Whether the page turns by itself."""
    return "/Dur" in drawing.page.entries


def _is_shrunk(drawing: Drawing) -> bool:
    """Whether its points are smaller than others': pdfium does not tell."""
    unit = resolved(drawing.page.entries, "/UserUnit")
    return unit is not None and not (isinstance(unit, (int, float)) and unit >= 1)


# --- Layers (8.11) --------------------------------------------------------------------------------


def _has_odd_layers(drawing: Drawing) -> bool:
    layers = _entries(drawing.document.catalog, "/OCProperties")
    if not layers:
        return False
    default, groups = _entries(layers, "/D"), resolved(layers, "/OCGs")
    return (
        default.get("/BaseState", "/ON") != "/ON"
        or _is_odd_intent(default)
        or not isinstance(groups, ArrayObject)
        or len(groups) > MOST_LAYERS
        or any(_is_odd_group(group.get_object()) for group in groups)
    )


def _is_odd_group(group: object) -> bool:
    """Whether viewers may show a layer or not as they find fit (table 100)."""
    if not isinstance(group, DictionaryObject) or _is_odd_intent(group):
        return True
    usage = _entries(group, "/Usage")
    return any(
        key not in _PLAIN_USAGE
        and (key not in _STATES or _entries(usage, key).get(_STATES[key]) != "/ON")
        for key in usage
    )


def _is_odd_intent(held: DictionaryObject) -> bool:
    intent = resolved(held, "/Intent")
    return intent not in (None, "/View", ["/View"])


def _has_odd_membership(drawing: Drawing) -> bool:
    """Whether what is shown depends on several layers in a way of its own (table 97)."""
    named = (_entries(held, "/Properties") for held in drawing.resources.values())
    every = [resolved(properties, key) for properties in named for key in properties]
    every += [resolved(held, "/OC") for held in (*drawing.layered, *drawing.annotations)]
    return any(
        isinstance(one, DictionaryObject)
        and one.get("/Type") == "/OCMD"
        and ("/VE" in one or one.get("/P", "/AnyOn") not in ("/AnyOn", "/AllOn"))
        for one in every
    )


# --- Colours --------------------------------------------------------------------------------------


def _has_other_colours(drawing: Drawing) -> bool:
    """Whether plain colours are not what they say (8.6.5.6)."""
    spaces = (_entries(held, "/ColorSpace") for held in drawing.resources.values())
    defaults = (resolved(held, name) for held in spaces for name in _DEFAULTS if name in held)
    return not all(map(_is_srgb, defaults))


_DEFAULTS = ("/DefaultGray", "/DefaultRGB", "/DefaultCMYK")
SRGB = "2b3aa1645779a9e634744faf9b01e9102b0c9b88fd6deced7934df86b949af7e"
"""SHA-256 of the profile sRGB IEC61966-2.1 that came with Windows; Adobe Express writes it too."""


def _is_srgb(space: object) -> bool:
    if not isinstance(space, ArrayObject) or len(space) != 2 or space[0] != "/ICCBased":  # noqa: PLR2004  8.6.5.5
        return False
    profile = space[1].get_object()
    if not isinstance(profile, StreamObject):
        return False
    return sha256(profile.get_data()).hexdigest() == SRGB


def _has_odd_states(drawing: Drawing) -> bool:
    """Whether colours are transferred (10.5), or mixed so that not all viewers agree."""
    states = (_entries(held, "/ExtGState") for held in drawing.resources.values())
    return any(_is_odd_state(resolved(held, name)) for held in states for name in held)


def _is_odd_state(state: object) -> bool:
    if not isinstance(state, DictionaryObject):
        return True
    transfers = (resolved(state, name) for name in ("/TR", "/TR2"))
    blend = resolved(state, "/BM")
    return (
        any(held not in (None, "/Identity", "/Default") for held in transfers)
        or isinstance(blend, ArrayObject)
        or (blend is not None and blend not in _PLAIN_BLENDS)
    )


DOUBTS: tuple[tuple[str, Callable[[Drawing], bool]], ...] = (
    ("an action as it opens", _opens_otherwise),
    ("scripts", _has_scripts),
    ("actions on events", _has_triggers),
    ("something in place of the pages", _is_replaced),
    ("a page that turns by itself", _is_brief),
    ("points of another size", _is_shrunk),
    ("layers by usage or intent", _has_odd_layers),
    ("membership of layers", _has_odd_membership),
    ("default colour spaces", _has_other_colours),
    ("transfer functions, blending", _has_odd_states),
)


# --- Annotations (12.5) ---------------------------------------------------------------------------


def lids_of(drawing: Drawing) -> Iterator[Box]:
    """Yield where annotations lie, in user space, that are not shown just as pdfium shows them."""
    form = _entries(drawing.document.catalog, "/AcroForm")
    is_redrawn = bool(resolved(form, "/NeedAppearances"))
    for annotation in drawing.annotations:
        lid = _lid_of(annotation, is_redrawn=is_redrawn)
        if lid is not None:
            yield lid


def _lid_of(annotation: DictionaryObject, *, is_redrawn: bool) -> Box | None:
    kind, flags = resolved(annotation, "/Subtype"), resolved(annotation, "/F")
    held = int(flags) if isinstance(flags, int) else 0
    look = resolved(_entries(annotation, "/AP"), "/N")
    width = _width_of(annotation)
    if kind == "/Popup" and resolved(annotation, "/Open") in (None, False):
        return None  # it is shown only to whoever asks for it
    if kind == "/Link" and look is None and 0 <= width <= WIDEST:
        return None
    is_plain = kind in _DRAWN and not held & (_HIDDEN | _NO_VIEW | _NO_ZOOM)
    if kind == "/Widget":
        is_plain = is_plain and isinstance(look, DictionaryObject) and not is_redrawn
    if is_plain and isinstance(look, (StreamObject if kind != "/Widget" else DictionaryObject)):
        return None
    room = abs(width) * (ENDS if kind in _LINES else 1.0) + (ENDS if kind in _LINES else 0.0)
    return _reach(annotation, room)


_LINES = {"/Line", "/PolyLine", "/Polygon", "/Ink", "/FreeText"}


def _reach(annotation: DictionaryObject, room: float) -> Box:
    """Return all that an annotation may cover."""
    points = list(_numbers(resolved(annotation, name) for name in _PLACES))
    across, down = points[::2], points[1::2]
    if len(points) >= MOST_NUMBERS or not down or not all(map(math.isfinite, (*points, room))):
        return EVERYWHERE
    flags = resolved(annotation, "/F")
    if isinstance(flags, int) and flags & _NO_ZOOM:
        room += max(across) - min(across) + max(down) - min(down)
    return min(across) - room, min(down) - room, max(across) + room, max(down) + room


def _numbers(values: Iterable[object]) -> Iterator[float]:
    """Yield the numbers in arrays and in arrays of these; NaN for anything else."""
    left = MOST_NUMBERS
    for value in values:
        for part in value if isinstance(value, ArrayObject) else ():
            one = part.get_object()
            for number in one if isinstance(one, ArrayObject) else (one,):
                plain = number.get_object() if isinstance(number, PdfObject) else number
                yield float(plain) if isinstance(plain, (int, float)) else math.nan
                left -= 1
                if left <= 0:
                    return


def _width_of(annotation: DictionaryObject) -> float:
    """Return how wide its border is; NaN where it does not say so plainly."""
    border = resolved(annotation, "/Border")
    width = resolved(_entries(annotation, "/BS"), "/W")
    if isinstance(border, ArrayObject):
        third = border[2].get_object() if len(border) > 2 else math.nan  # noqa: PLR2004  table 166
        widths = [third] if width is None else [third, width]
    else:
        widths = [] if border is None and width is None else [math.nan if width is None else width]
    plain = [float(one) if isinstance(one, (int, float)) else math.nan for one in widths]
    return math.nan if any(map(math.isnan, plain)) else max(plain, default=1.0)


def _entries(held: DictionaryObject, name: str) -> DictionaryObject:
    """Return a dictionary in another; an empty one where there is none."""
    found = resolved(held, name)
    return found if isinstance(found, DictionaryObject) else DictionaryObject()
