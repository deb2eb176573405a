"""One room per family of third-party mark: tags in, marker out; pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.markers.bytedance import ByteDanceMarker
from kzlabel.markers.c2pa_generator import C2paGeneratorMarker
from kzlabel.markers.c2pa_watermark import C2paWatermarkMarker
from kzlabel.markers.comfyui import ComfyUiMarker
from kzlabel.markers.draw_things import DrawThingsMarker
from kzlabel.markers.easy_diffusion import EasyDiffusionMarker
from kzlabel.markers.fooocus import FooocusMarker
from kzlabel.markers.gb45438 import Gb45438Marker
from kzlabel.markers.grok import GrokMarker
from kzlabel.markers.html_disclosure import HtmlDisclosureMarker
from kzlabel.markers.hugging_face import HuggingFaceMarker
from kzlabel.markers.invokeai import InvokeAiMarker
from kzlabel.markers.iptc import IptcMarker
from kzlabel.markers.makers import (
    AphroditeMarker,
    AppleMarker,
    FireflyMarker,
    GoogleMarker,
    IdeogramMarker,
    LumaMarker,
    ReveMarker,
)
from kzlabel.markers.midjourney import MidjourneyMarker
from kzlabel.markers.novelai import NovelAiMarker
from kzlabel.markers.samsung import SamsungMarker
from kzlabel.markers.schema_org import SchemaOrgMarker
from kzlabel.markers.stable_diffusion import StableDiffusionMarker
from kzlabel.markers.suno import SunoMarker
from kzlabel.markers.swarmui import SwarmUiMarker
from kzlabel.markers.tencent import TencentMarker

if TYPE_CHECKING:
    from kzlabel.model import MarkerDetector

MARKERS: tuple[MarkerDetector, ...] = (
    IptcMarker(),
    SchemaOrgMarker(),
    HtmlDisclosureMarker(),
    Gb45438Marker(),
    C2paGeneratorMarker(),
    C2paWatermarkMarker(),
    GoogleMarker(),
    MidjourneyMarker(),
    GrokMarker(),
    ByteDanceMarker(),
    TencentMarker(),
    SunoMarker(),
    AppleMarker(),
    SamsungMarker(),
    FireflyMarker(),
    IdeogramMarker(),
    LumaMarker(),
    ReveMarker(),
    AphroditeMarker(),
    StableDiffusionMarker(),
    ComfyUiMarker(),
    NovelAiMarker(),
    InvokeAiMarker(),
    FooocusMarker(),
    SwarmUiMarker(),
    EasyDiffusionMarker(),
    DrawThingsMarker(),
    HuggingFaceMarker(),
)
"""Standards first, then vendors, then what tools leave behind."""
