"""Origins that disagree in real files: made by c2pa, exiftool and Pillow, verified from end to end."""

from __future__ import annotations

import io
import subprocess

import c2pa
import pytest
from PIL import Image, PngImagePlugin

from kzlabel import verify, verify_bytes
from kzlabel.model import AssetReport

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
STEPS = (
    "a castle by a lake\nNegative prompt: fog\nSteps: 20, Sampler: Euler a, CFG scale: 7,"
    " Seed: 1234, Size: 512x512, Model hash: abcdef12, Model: castles, Version: v1.9.3"
)


def picture(form: str = "PNG", **more) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 64), 40).convert("RGB").save(out, form, **more)
    return out.getvalue()


def captured(content: bytes, credential, media_type="image/png") -> bytes:
    """Sign as a camera does: `c2pa.created`, digitalCapture."""
    action = {"action": "c2pa.created", "digitalSourceType": IPTC + "digitalCapture"}
    pem = b"".join(_pem(der) for der in credential.chain).decode()
    signer = c2pa.Signer.from_callback(credential.sign, c2pa.C2paSigningAlg.ES256, pem)
    context = c2pa.Context.from_dict({"verify": {"verify_after_sign": False}})
    definition = {"assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}]}
    out = io.BytesIO()
    c2pa.Builder(definition, context=context).sign(signer, media_type, io.BytesIO(content), out)
    return out.getvalue()


def _pem(der: bytes) -> bytes:
    import ssl

    return ssl.DER_cert_to_PEM_cert(der).encode()


def pairs(row: AssetReport) -> list[tuple[str, ...]]:
    names = ("first", "first_origin", "first_evidence", "second", "second_evidence")
    return [
        tuple(one.values[name] for name in names)
        for one in row.findings
        if one.code == "kz.origin.conflict"
    ]


def diffused() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("parameters", STEPS)
    return picture(pnginfo=text)


def test_a_signed_camera_capture_over_a_stable_diffusion_block(credential) -> None:
    row = verify_bytes(captured(diffused(), credential), "a.png")
    assert (row.origin, row.integrity) == ("ai-generated", "intact")
    ((mark, origin, evidence, manifest, basis),) = pairs(row)
    assert (origin, evidence, basis) == ("ai-generated", "residue", "signed")
    assert mark.endswith("(png-text: parameters)")
    assert manifest.startswith("c2pa (embedded: urn:c2pa:")
    assert manifest.endswith(" c2pa.actions.v2 actions[0].digitalSourceType)")
    assert all("castle" not in one.message for one in row.findings)


def test_the_capture_alone_and_the_block_alone_do_not_disagree(credential) -> None:
    camera = verify_bytes(captured(picture(), credential), "a.png")
    assert (camera.origin, pairs(camera)) == ("not-ai", [])
    block = verify_bytes(diffused(), "a.png")
    assert (block.origin, pairs(block)) == ("ai-generated", [])


@pytest.mark.slow
@pytest.mark.needs("exiftool")
def test_a_block_put_into_a_signed_capture_breaks_and_contradicts_it(credential, tmp_path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(captured(picture("JPEG"), credential, "image/jpeg"))
    command = ["exiftool", "-q", "-overwrite_original", f"-EXIF:UserComment={STEPS}", path]
    subprocess.run(command, check=True)
    row = verify(path)
    assert (row.origin, row.integrity) == ("ai-generated", "broken")
    ((mark, _, evidence, manifest, basis),) = pairs(row)
    assert mark.endswith("(exif: UserComment)")
    assert manifest.startswith("c2pa (embedded: ")
    assert (evidence, basis) == ("residue", "standard")


@pytest.mark.needs("exiftool")
def test_two_families_of_tags_that_say_the_contrary(tmp_path) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("DigitalSourceType", IPTC + "trainedAlgorithmicMedia")
    path = tmp_path / "a.png"
    path.write_bytes(picture(pnginfo=text))
    said = f"-XMP-iptcExt:DigitalSourceType={IPTC}digitalCapture"
    subprocess.run(["exiftool", "-q", "-overwrite_original", said, path], check=True)
    row = verify(path)
    assert row.origin == "ai-generated"
    assert pairs(row) == [
        ("iptc (png-text: DigitalSourceType)", "ai-generated", "standard",
         "iptc (xmp: Iptc4xmpExt:DigitalSourceType)", "standard"),
    ]  # fmt: skip


def test_our_own_label_on_a_signed_capture(credential, disclosure, trust, tmp_path) -> None:
    from kzlabel import label
    from kzlabel.model import NoticeConfig, NoticeStyle

    source, made = tmp_path / "a.png", tmp_path / "b.png"
    source.write_bytes(captured(picture(), credential))
    label(source, made, disclosure, credential, notice=NoticeConfig(style=NoticeStyle.NONE))
    row = verify(made, trust=trust, look=False)
    assert (row.origin, row.integrity, pairs(row)) == ("ai-generated", "intact", [])
