"""What an SVG may hold for its notice to be called perceivable: names and plain values.

On all that is listed here resvg and browsers agree; what is `SHELTERED` they may draw differently
(fonts, filters, references), which does not matter under a notice that is drawn last.
Everything else is a doubt (https://www.w3.org/TR/SVG2/propidx.html, attindex.html).
"""

from __future__ import annotations

import re

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ACTED_ON = ("http://www.w3.org/", "http://www.mozilla.org/")
"""Where the namespaces begin that browsers act on: XHTML, MathML, XML events, XBL."""

# --- Values ---------------------------------------------------------------------------------------

_W = r"[ \t\r\n]*+"
_C = rf"{_W}(?:,{_W})?+"
_EXPONENT = r"(?:[eE](?:-[0-9]{1,2}|\+?[0-3])(?![0-9]))?+"
_N = rf"[+-]?(?:[0-9]{{1,7}}+(?![0-9])(?:\.[0-9]++)?+|\.[0-9]++){_EXPONENT}"
"""Up to ten thousand million: beyond it renderers overflow, each in its own way."""
_UNITLESS = rf"{_W}{_N}{_W}"
_UNIT = r"(?:px|pt|pc|mm|cm|in|%)?"
_COLOURS = """
    aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue
    blueviolet brown burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk
    crimson cyan darkblue darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki
    darkmagenta darkolivegreen darkorange darkorchid darkred darksalmon darkseagreen
    darkslateblue darkslategray darkslategrey darkturquoise darkviolet deeppink deepskyblue
    dimgray dimgrey dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite
    gold goldenrod gray green greenyellow grey honeydew hotpink indianred indigo ivory khaki
    lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan
    lightgoldenrodyellow lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen
    lightskyblue lightslategray lightslategrey lightsteelblue lightyellow lime limegreen linen
    magenta maroon mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen
    mediumslateblue mediumspringgreen mediumturquoise mediumvioletred midnightblue mintcream
    mistyrose moccasin navajowhite navy oldlace olive olivedrab orange orangered orchid
    palegoldenrod palegreen paleturquoise palevioletred papayawhip peachpuff peru pink plum
    powderblue purple red rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell
    sienna silver skyblue slateblue slategray slategrey snow springgreen steelblue tan teal
    thistle tomato turquoise violet wheat white whitesmoke yellow yellowgreen
"""
_FLAGS = rf"{_N}{_C}{_N}{_C}{_N}{_C}[01]{_C}[01]{_C}{_N}{_C}{_N}"


def _many(arguments: str) -> str:
    return rf"{_W}{arguments}(?:{_C}{arguments})*+"


def _run(count: int) -> str:
    return _many(_C.join([_N] * count))


_STEPS = "|".join(
    (
        rf"[LlTt]{_run(2)}",
        rf"[HhVv]{_run(1)}",
        rf"[Cc]{_run(6)}",
        rf"[SsQq]{_run(4)}",
        rf"[Aa]{_many(_FLAGS)}",
        "[Zz]",
    )
)
_MOVE = rf"[Mm]{_run(2)}"
_TRANSFORM = "|".join(
    (
        rf"(?:translate|scale)\({_W}{_N}(?:{_C}{_N})?+{_W}\)",
        rf"(?:rotate|skewX|skewY)\({_W}{_N}{_W}\)",
        rf"rotate\({_W}{_N}{_C}{_N}{_C}{_N}{_W}\)",
        rf"matrix\({_run(6)}{_W}\)",
    )
)
PATH = re.compile(rf"{_W}(?:{_MOVE}{_W}(?:(?:{_MOVE}|{_STEPS}){_W})*+)?+")
POINTS = re.compile(rf"{_W}(?:{_run(2)})?+{_W}")
TRANSFORM = re.compile(rf"{_W}(?:(?:{_TRANSFORM}){_C})*+")
LENGTH = re.compile(rf"{_W}{_N}{_UNIT}{_W}")
NUMBER = re.compile(_UNITLESS)
VIEW_BOX = re.compile(rf"{_run(4)}{_W}")
ASPECT = re.compile(r"none|x(?:Min|Mid|Max)Y(?:Min|Mid|Max)(?: (?:meet|slice))?")
PLAIN = re.compile(r"[\w \t\r\n.,%#'\"+-]*", re.ASCII)
"""Numbers, keywords, colours and quoted names, without functions and escapes."""
REFERENCE = re.compile(r"url\((['\"]?)#[\w.:-]+\1\)(?: (?:none|#[0-9a-fA-F]{3,6}))?", re.ASCII)
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_RGB = re.compile(r"rgb\( *[0-9]{1,3}(?:\.[0-9]+)?%?(?: *, *[0-9]{1,3}(?:\.[0-9]+)?%?){2} *\)")


def is_colour(value: str) -> bool:
    """Whether it is a colour that needs no CSS beyond SVG 1.1."""
    return bool(value in _COLOURS.split() or _HEX.fullmatch(value) or _RGB.fullmatch(value))


# --- Properties, as attributes and in CSS ---------------------------------------------------------

_COLOURED = {"fill", "stroke", "color", "stop-color", "flood-color", "lighting-color",
             "solid-color", "background", "background-color"}  # fmt: skip
_NUMERIC = {"opacity", "fill-opacity", "stroke-opacity", "stop-opacity", "flood-opacity"}
_WORDS = {
    "display": "none inline block",
    "visibility": "visible hidden",
    "fill-rule": "nonzero evenodd",
    "clip-rule": "nonzero evenodd",
    "stroke-linecap": "butt round square",
    "stroke-linejoin": "miter round bevel",
    "mix-blend-mode": "normal",
    "transform": "none",
    "filter": "none",
    "mask": "none",
    "clip-path": "none",
    "marker": "none",
    "marker-start": "none",
    "marker-mid": "none",
    "marker-end": "none",
    "overflow": "visible hidden",
    "shape-rendering": "auto geometricPrecision",
}
SHELTERED_PROPERTIES = {
    "font", "font-family", "font-size", "font-style", "font-weight", "font-variant",
    "font-stretch", "font-size-adjust", "font-feature-settings", "font-variation-settings",
    "font-variant-ligatures", "font-variant-caps", "font-variant-numeric",
    "font-variant-east-asian", "font-variant-position", "font-variant-alternates",
    "font-kerning", "-inkscape-font-specification", "-inkscape-stroke", "text-anchor",
    "text-align", "text-decoration", "text-decoration-line", "text-decoration-style",
    "text-decoration-color", "text-indent", "text-transform", "text-orientation",
    "text-rendering", "line-height", "letter-spacing", "word-spacing", "white-space",
    "writing-mode", "direction", "unicode-bidi", "dominant-baseline", "alignment-baseline",
    "baseline-shift", "block-progression", "glyph-orientation-vertical", "kerning",
    "stroke-dasharray", "stroke-dashoffset", "stroke-miterlimit", "paint-order",
    "vector-effect", "isolation", "mix-blend-mode", "color-interpolation",
    "color-interpolation-filters", "color-rendering", "image-rendering", "shape-rendering",
    "enable-background", "mask-type", "solid-opacity", "shape-padding", "shape-margin",
    "inline-size", "pointer-events", "cursor", "overflow",
}  # fmt: skip
"""Those of which the drawing may differ; on our own notice they are set, or do nothing."""
_LENGTHS = {"stroke-width"}
REFERRING = {"fill", "stroke", "filter", "mask", "clip-path", "marker", "marker-start",
             "marker-mid", "marker-end"}  # fmt: skip
PROPERTIES = _COLOURED | _NUMERIC | set(_WORDS) | SHELTERED_PROPERTIES | _LENGTHS | REFERRING
ROOT_PROPERTIES = (
    {name for name in SHELTERED_PROPERTIES if name.startswith(("font", "text-", "stroke-"))}
    | {"fill", "stroke", "color", "fill-opacity", "stroke-opacity", "fill-rule", "clip-rule",
       "stroke-linecap", "stroke-linejoin", "stroke-width", "background", "background-color",
       "enable-background", "shape-rendering", "image-rendering", "color-interpolation",
       "white-space", "letter-spacing", "word-spacing"}
)  # fmt: skip
"""Of the root, which holds the notice: what a notice of ours sets for itself, or does not use."""


def is_plain(name: str, value: str) -> bool:
    """Whether resvg and browsers understand the same by a property's value."""
    if name in _WORDS:
        return value in _WORDS[name].split()
    if name in _COLOURED:
        return value in ("none", "currentColor") or is_colour(value)
    if name in _NUMERIC:
        return bool(NUMBER.fullmatch(value))
    return name in _LENGTHS and bool(LENGTH.fullmatch(value))


# --- Elements and their attributes ----------------------------------------------------------------

_BOX = dict.fromkeys(("x", "y", "width", "height"), LENGTH)
_MOVED = {"transform": TRANSFORM}
ELEMENTS: dict[str, dict[str, re.Pattern[str]]] = {
    "g": _MOVED,
    "defs": _MOVED,
    "title": {},
    "desc": {},
    "metadata": {},
    "path": _MOVED | {"d": PATH},
    "rect": _MOVED | _BOX | {"rx": LENGTH, "ry": LENGTH},
    "circle": _MOVED | dict.fromkeys(("cx", "cy", "r"), LENGTH),
    "ellipse": _MOVED | dict.fromkeys(("cx", "cy", "rx", "ry"), LENGTH),
    "line": _MOVED | dict.fromkeys(("x1", "y1", "x2", "y2"), LENGTH),
    "polyline": _MOVED | {"points": POINTS},
    "polygon": _MOVED | {"points": POINTS},
    "style": {"type": re.compile("text/css")},
}
_SHELTERED = (
    "text tspan textPath linearGradient radialGradient stop clipPath mask pattern marker symbol use"
    " image filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix"
    " feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB"
    " feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset"
    " fePointLight feSpecularLighting feSpotLight feTile feTurbulence"
)
SHELTERED = frozenset(_SHELTERED.split())
_ATTRIBUTES = (
    "transform x y z width height rx ry cx cy r fx fy fr x1 y1 x2 y2 dx dy rotate textLength"
    " lengthAdjust startOffset method spacing side offset gradientUnits gradientTransform"
    " spreadMethod clipPathUnits maskUnits maskContentUnits patternUnits patternContentUnits"
    " patternTransform viewBox preserveAspectRatio refX refY markerWidth markerHeight markerUnits"
    " orient in in2 result mode type values operator k1 k2 k3 k4 order kernelMatrix divisor bias"
    " targetX targetY edgeMode preserveAlpha surfaceScale diffuseConstant kernelUnitLength scale"
    " xChannelSelector yChannelSelector azimuth elevation stdDeviation tableValues slope"
    " intercept amplitude exponent radius specularConstant specularExponent pointsAtX pointsAtY"
    " pointsAtZ limitingConeAngle baseFrequency numOctaves seed stitchTiles filterUnits"
    " primitiveUnits filterRes"
)
SHELTERED_ATTRIBUTES = frozenset(_ATTRIBUTES.split())
ROOT = _BOX | {"viewBox": VIEW_BOX, "preserveAspectRatio": ASPECT}
INERT = {"id", "class", "role", "version", "baseProfile", "lang", "enable-background",
         f"{XML} space", f"{XML} lang"}  # fmt: skip
"""Attributes that draw nothing, whatever they say."""
