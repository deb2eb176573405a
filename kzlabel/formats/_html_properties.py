"""CSS properties: those that cannot hide text, and those that stand for several."""

from __future__ import annotations

from collections.abc import Sequence

_SAFE = """
    -moz-appearance -moz-box-sizing -moz-hyphens -moz-osx-font-smoothing -moz-text-size-adjust
    -moz-transition -moz-user-select -ms-flex -ms-flex-align -ms-flex-pack -ms-hyphens
    -ms-interpolation-mode -ms-overflow-style -ms-text-size-adjust -ms-touch-action
    -ms-transition -ms-user-select -o-transition -webkit-appearance -webkit-backface-visibility
    -webkit-box-align -webkit-box-flex -webkit-box-orient -webkit-box-pack -webkit-box-sizing
    -webkit-column-break-inside -webkit-font-feature-settings -webkit-font-smoothing
    -webkit-hyphens -webkit-overflow-scrolling -webkit-print-color-adjust
    -webkit-tap-highlight-color -webkit-text-size-adjust -webkit-touch-callout
    -webkit-transition -webkit-user-select accent-color appearance backface-visibility
    border-bottom-color border-bottom-style border-collapse border-color border-left-color
    border-left-style border-right-color border-right-style border-style border-top-color
    border-top-style box-decoration-break box-sizing break-after break-before break-inside
    caret-color clear color-adjust color-interpolation column-rule cursor empty-cells fill flex
    flex-basis flex-grow flex-shrink font-kerning font-optical-sizing font-stretch font-style
    font-synthesis font-variant-ligatures font-variant-numeric font-weight grid-auto-flow
    hyphens image-rendering isolation justify-items justify-self list-style-position
    mso-line-height-rule mso-table-lspace mso-table-rspace object-fit object-position orphans
    outline-color overflow-anchor overflow-wrap overscroll-behavior overscroll-behavior-x
    overscroll-behavior-y page-break-after page-break-before page-break-inside pointer-events
    print-color-adjust quotes resize scroll-behavior scroll-margin scroll-margin-top
    scroll-padding scroll-padding-top scroll-snap-align scrollbar-color scrollbar-gutter
    scrollbar-width src stroke text-decoration-color text-decoration-skip-ink
    text-decoration-style text-rendering text-size-adjust text-transform text-wrap-style
    touch-action transition transition-delay transition-duration transition-property
    transition-timing-function user-select widows will-change word-break word-wrap
"""
SAFE = frozenset(_SAFE.split())
"""Whatever their value, text keeps its place, size and colours; at most it wraps otherwise.

Those of flex items are here because nothing in a flex container is taken to be in its place."""

_TRACKED = """
    display visibility opacity color -webkit-text-fill-color background-color background-image
    background-clip font-size font-family line-height text-indent letter-spacing word-spacing
    position top right bottom left z-index padding-top padding-left min-height margin-top
    margin-right margin-bottom margin-left width height max-width max-height overflow-x
    overflow-y clip clip-path mask filter backdrop-filter mix-blend-mode transform animation
    content-visibility content color-scheme writing-mode text-overflow box-shadow flex-direction
    justify-content align-items float direction unicode-bidi white-space outline-offset outline
    text-decoration text-shadow contain columns other padding-bottom padding-right min-width
    align-content align-self aspect-ratio border-radius caption-side flex-wrap font-variant
    list-style list-style-image list-style-type outline-style scroll-snap-type tab-size
    table-layout text-align text-decoration-thickness text-underline-offset text-wrap
    vertical-align white-space-collapse
"""
_LENGTHS = """
    border border-block border-block-end border-block-start border-bottom border-bottom-width
    border-inline border-inline-end border-inline-start border-left border-left-width
    border-right border-right-width border-spacing border-top border-top-width border-width
    column-gap gap grid-auto-columns grid-auto-rows grid-column-gap grid-gap grid-row-gap
    grid-template-columns grid-template-rows row-gap
"""
LENGTHS = frozenset(_LENGTHS.split())
"""Harmless while they are short: each is kept as written, the longest counts."""
TRACKED = frozenset(_TRACKED.split()) | LENGTHS
"""What is judged; `other` is all that nobody here knows."""

_SIDES = {
    "background": ("background-color", "background-image", "background-clip"),
    "font": ("font-size", "font-family", "line-height"),
    "margin": ("margin-top", "margin-right", "margin-bottom", "margin-left"),
    "margin-block": ("margin-top", "margin-bottom"),
    "margin-block-start": ("margin-top",),
    "margin-block-end": ("margin-bottom",),
    "margin-inline": ("margin-left", "margin-right"),
    "margin-inline-start": ("margin-left",),
    "margin-inline-end": ("margin-right",),
    "padding": ("padding-top", "padding-right", "padding-bottom", "padding-left"),
    "padding-block": ("padding-top", "padding-bottom"),
    "padding-block-end": ("padding-bottom",),
    "padding-block-start": ("padding-top",),
    "padding-inline": ("padding-left", "padding-right"),
    "padding-inline-start": ("padding-left",),
    "padding-inline-end": ("padding-right",),
    "min-inline-size": ("min-width",),
    "min-block-size": ("min-height",),
    "inset": ("top", "right", "bottom", "left"),
    "inset-block": ("top", "bottom"),
    "inset-inline": ("left", "right"),
    "inset-block-start": ("top",),
    "inset-block-end": ("bottom",),
    "inset-inline-start": ("left",),
    "inset-inline-end": ("right",),
    "overflow": ("overflow-x", "overflow-y"),
    "block-size": ("height",),
    "inline-size": ("width",),
    "max-block-size": ("max-height",),
    "max-inline-size": ("max-width",),
    "place-content": ("align-content", "justify-content"),
    "place-items": ("align-items",),
    "flex-flow": ("flex-direction", "flex-wrap"),
    "all": tuple(sorted(TRACKED - {"direction", "unicode-bidi", "other"})),
    "translate": ("transform",),
    "rotate": ("transform",),
    "scale": ("transform",),
    "text-decoration-line": ("text-decoration",),
    "column-count": ("columns",),
    "column-width": ("columns",),
    "font-variant-caps": ("font-variant",),
    "outline-width": ("outline-style",),
    "-moz-tab-size": ("tab-size",), "-moz-border-radius": ("border-radius",),
    "grid-template-areas": (), "grid-template": (), "background-repeat": (),
    "background-position": (), "background-size": (), "background-attachment": (),
    "background-origin": (), "font-feature-settings": ("other",),
}  # fmt: skip
_PREFIXED = ("-webkit-",)


def sides(name: str) -> Sequence[str]:
    """Return what a property comes to: itself, the sides of a shorthand, or `other`."""
    if name.startswith("--") or name in TRACKED:
        return (name,)
    if name in _SIDES:
        return _SIDES[name]
    base = name.removeprefix("-webkit-")
    if base != name and (base in TRACKED or base in _SIDES):
        return sides(base)
    for family in ("animation", "mask"):
        if base.startswith(f"{family}-"):
            return (family,)
    if base.startswith("border-") and base.endswith("-radius"):
        return ("border-radius",)
    return ("other",)
