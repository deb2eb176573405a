"""Residue of workflows: each in files of tools that are not ours, and what only looks like it."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from marked import exif, marks_in, marks_of, only_mark_of, png, stealth, xmp
from mutagen.flac import FLAC
from mutagen.id3 import TXXX
from mutagen.mp3 import MP3
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from samples import FIXTURES

from kzlabel.model import Evidence, Origin

PROMPT = "a lighthouse, (dawn:1.2)\nsecond line"
STEPS = (
    "Steps: 20, Sampler: Euler a, Schedule type: Karras, CFG scale: 7, Seed: 12345, "
    "Size: 512x768, Model hash: 6ce0161689, "
    'ADetailer prompt: "a \\"face\\", Version: secret, Model: secret", Model: v1-5-pruned, Version: v1.6.0'
)
A1111 = f"{PROMPT}\nNegative prompt: lowres,\nbad hands\n{STEPS}"
GRAPH = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 20, "model": ["4", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sdxl.safetensors"}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red boat", "clip": ["4", 1]}},
}
WORKFLOW = {
    "last_node_id": 9,
    "nodes": [
        {"id": 6, "type": "CLIPTextEncode", "widgets_values": ["a red boat"]},
        {"id": 3, "type": "KSampler", "widgets_values": [1, "fixed", 20]},
    ],
    "links": [[1, 4, 0, 3, 0, "MODEL"]],
    "version": 0.4,
}
NOVELAI = {
    "Title": "AI generated image",
    "Description": "1girl, harbour",
    "Software": "NovelAI",
    "Source": "NovelAI Diffusion V4 37442FCA",
    "Comment": json.dumps(
        {"prompt": "1girl, harbour", "steps": 28, "sampler": "k_euler", "scale": 5, "uc": "lowres"}
    ),
}


# --- Stable Diffusion web UIs ---------------------------------------------------------------------


@pytest.mark.parametrize("zipped", [False, True])
def test_a_web_ui_in_png(tmp_path, zipped):
    mark = only_mark_of(png(tmp_path / "a.png", parameters=A1111, zipped=zipped))
    assert (mark.scheme, mark.origin, mark.evidence) == (
        "stable-diffusion", Origin.AI_GENERATED, Evidence.RESIDUE
    )  # fmt: skip
    assert mark.tag == "png-text: parameters"
    assert mark.system == "Stable Diffusion web UI v1.6.0 (v1-5-pruned)"
    assert mark.personal == {"prompt": PROMPT, "negative prompt": "lowres,\nbad hands"}


@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
def test_a_web_ui_in_exif(tmp_path, name):
    mark = only_mark_of(exif(tmp_path / name, comment=A1111 + "\n世界"))
    assert (mark.scheme, mark.tag) == ("stable-diffusion", "exif: UserComment")
    assert mark.personal["prompt"] == PROMPT


@pytest.mark.parametrize(
    ("end", "system"),
    [
        ("App: SD.Next, Version: 0eb4a98", "SD.Next 0eb4a98"),
        (
            "Version: f2.0.1v1.10.1-previous-224",
            "Stable Diffusion WebUI Forge f2.0.1v1.10.1-previous-224",
        ),
        ("Version: neo", "Stable Diffusion WebUI Forge neo"),
        ("Version: Fooocus v2.5.5", "Fooocus v2.5.5"),
        ("Version: ComfyUI", "ComfyUI"),
        ("Civitai resources: []", "Stable Diffusion"),
        ("Model: flux1-dev", "Stable Diffusion (flux1-dev)"),
    ],
)
def test_the_tool_is_named_by_its_version(end, system):
    text = f"x\nSteps: 8, Sampler: DPM++ 2M, CFG scale: 1.5, Seed: 7, {end}"
    assert marks_in({"png-text": {"parameters": text}})["stable-diffusion"].system == system


def test_settings_without_a_prompt_and_in_a_gif_comment():
    mark = marks_in({"comment": {"COM": STEPS}})["stable-diffusion"]
    assert mark.personal == {}


def test_what_was_painted_into_another_picture_is_modified():
    inpainted = STEPS + ", Denoising strength: 0.75, Mask blur: 4"
    tags = {"png-text": {"parameters": inpainted}}
    assert marks_in(tags)["stable-diffusion"].origin is Origin.AI_MODIFIED
    held = json.dumps({"generation_mode": "sdxl_inpaint", "app_version": "4.2.0"})
    tags = {"png-text": {"invokeai_metadata": held}}
    assert marks_in(tags)["invokeai"].origin is Origin.AI_MODIFIED


def test_what_was_enlarged_may_be_ai(tmp_path):
    text = "Postprocess upscale by: 4, Postprocess upscaler: R-ESRGAN 4x+"
    mark = only_mark_of(png(tmp_path / "a.png", postprocessing=text))
    assert (mark.origin, [one.code for one in mark.findings]) == (
        Origin.POSSIBLY_AI, ["kz.marker.enlarged"]
    )  # fmt: skip
    for near in ("Postprocess upscale by hand", f"A guide: {text}"):
        assert marks_in({"png-text": {"postprocessing": near, "parameters": text}}) == {}


@pytest.mark.parametrize(
    "text",
    [
        "-quality 90",
        "Steps: 1. Mix the flour, 2. Seed: two spoons, Size: large",
        "Steps: 3, Size: large, Seed: sesame",
        "Steps: many, Sampler: tea, Seed: 4, CFG scale: 7",
        "Steps: 20, Seed: 4",
        "A tutorial says Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1",
        "Steps: 20, Sampler, CFG scale, Seed",
    ],
)
def test_what_only_looks_like_settings(text):
    for family, name in (("png-text", "parameters"), ("exif", "UserComment"), ("id3", "COMM:")):
        assert marks_in({family: {name: text}}) == {}


# --- ComfyUI --------------------------------------------------------------------------------------


def test_comfyui_in_png(tmp_path):
    path = png(tmp_path / "a.png", prompt=json.dumps(GRAPH), workflow=json.dumps(WORKFLOW))
    mark = only_mark_of(path)
    assert (mark.scheme, mark.tag) == ("comfyui", "png-text: prompt")
    assert mark.system == "ComfyUI (sdxl.safetensors)"
    assert mark.personal == {"prompt": "a red boat"}
    alone = only_mark_of(png(tmp_path / "b.png", workflow=json.dumps(WORKFLOW)))
    assert alone.personal == {"prompt": "a red boat"}


def test_comfyui_in_webp_and_jpeg(tmp_path):
    webp = exif(tmp_path / "a.webp", Model="prompt:" + json.dumps(GRAPH))
    assert only_mark_of(webp).tag == "exif: Model"
    make = exif(tmp_path / "b.webp", Make="workflow:" + json.dumps(WORKFLOW))
    assert only_mark_of(make).tag == "exif: Make"
    both = json.dumps({"prompt": GRAPH, "workflow": WORKFLOW})
    assert only_mark_of(exif(tmp_path / "a.jpg", comment=both)).tag == "exif: UserComment"


def test_what_people_wrote_is_in_the_nodes_that_encode_it():
    graph = {
        "1": {"class_type": "TextPrompt", "inputs": {"prompt": "a red boat"}},
        "2": {"class_type": "CLIPTextEncodeSDXL", "inputs": {"text_g": "at sea", "text_l": 5}},
        "3": {"class_type": "SaveImage", "inputs": {"text": "not this"}},
    }
    bundle = json.dumps({"workflow": {"nodes": []}, "prompt": json.dumps(graph)})
    mark = marks_in({"mp4": {"©cmt": bundle}})["comfyui"]
    assert (mark.system, mark.personal) == ("ComfyUI", {"prompt": "a red boat\nat sea"})


def test_comfyui_in_animations(tmp_path):
    info = PngInfo()
    info.add(b"comf", b"prompt\0" + json.dumps(GRAPH).encode("latin-1"), after_idat=True)
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("teal", "red")]
    path = tmp_path / "a.png"
    frames[0].save(path, save_all=True, append_images=frames[1:], pnginfo=info)
    assert only_mark_of(path).tag == "png-text: prompt"


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.webm"])
def test_comfyui_in_films(tmp_path, name):
    comment, key = tmp_path / f"c-{name}", tmp_path / f"k-{name}"
    bundle = json.dumps({"prompt": json.dumps(GRAPH), "workflow": WORKFLOW, "NaN": float("nan")})
    base = ["ffmpeg", "-v", "error", "-i", str(FIXTURES / name), "-map", "0", "-c", "copy"]
    run = [*base, "-metadata", f"comment={bundle}", str(comment)]
    run += ["-map", "0", "-c", "copy", "-movflags", "use_metadata_tags"]
    subprocess.run([*run, "-metadata", f"prompt={json.dumps(GRAPH)}", str(key)], check=True)
    assert only_mark_of(comment).personal == {"prompt": "a red boat"}
    assert "prompt" in only_mark_of(key).tag.lower()


def test_comfyui_in_sound(tmp_path):
    flac, mp3 = tmp_path / "a.flac", tmp_path / "a.mp3"
    shutil.copy(FIXTURES / "sound.flac", flac)
    shutil.copy(FIXTURES / "sound.mp3", mp3)
    tagged = FLAC(flac)
    tagged["prompt"] = json.dumps(GRAPH)
    tagged.save()
    sound = MP3(mp3)
    if sound.tags is None:
        sound.add_tags()
    sound.tags.add(TXXX(encoding=3, desc="workflow", text=[json.dumps(WORKFLOW)]))
    sound.save()
    assert only_mark_of(flac).tag == "vorbis: PROMPT"
    assert only_mark_of(mp3).tag == "id3: TXXX:workflow"


@pytest.mark.parametrize(
    "value",
    [
        "type your name",
        "{}",
        "[]",
        '{"nodes": [], "links": []}',
        '{"nodes": [{"id": 1, "type": "city"}], "links": [{"source": 1, "target": 2}]}',
        '{"name": "nightly", "jobs": {"build": {"steps": []}}}',
        '{"class_type": "yoga", "inputs": "none"}',
        '{"a": {"class_type": "KSampler"}}',
        '{"a": {"class_type": "KSampler", "inputs": []}}',
        '{"a": {"class_type": 5, "inputs": {}}}',
        '{"nodes": [{"type": "KSampler", "widgets_values": []}]}',
        '{"nodes": [{"type": "KSampler"}, null, "x"], "links": []}',
        '{"nodes": [{"type": 5, "widgets_values": []}], "links": []}',
        '{"nodes": {"type": "KSampler", "widgets_values": []}, "links": []}',
        '{"nodes": [{"type": "KSampler", "widgets_values": []}], "links": {}}',
        '{"a": {"class_type": "KSampler", "inputs": {',
    ],
)
def test_what_only_looks_like_a_graph(tmp_path, value):
    assert marks_in({"png-text": {"prompt": value, "workflow": value, "Comment": value}}) == {}
    assert marks_in({"exif": {"Model": f"prompt:{value}"}, "vorbis": {"WORKFLOW": value}}) == {}


# --- NovelAI --------------------------------------------------------------------------------------


def test_novelai_in_png_texts_and_exif(tmp_path):
    mark = only_mark_of(png(tmp_path / "a.png", **NOVELAI))
    assert (mark.scheme, mark.system, mark.provider) == (
        "novelai", "NovelAI Diffusion V4 37442FCA", "NovelAI"
    )  # fmt: skip
    assert mark.personal == {"prompt": "1girl, harbour", "negative prompt": "lowres"}
    assert mark.findings == ()
    assert only_mark_of(exif(tmp_path / "a.webp", comment=json.dumps(NOVELAI))).scheme == "novelai"


@pytest.mark.parametrize(
    ("texts", "system"),
    [
        ({"Software": "NovelAI", "Comment": '{"steps": 28, "uc": "x"}'}, "NovelAI"),
        ({"Software": "NovelAI", "Source": "Stable Diffusion 1D44365E"}, "Stable Diffusion 1D44365E"),
        ({"Software": "NovelAI", "Source": "NovelAI Diffusion V4"}, "NovelAI Diffusion V4"),
        ({"Source": "NovelAI Diffusion V4", "Comment": '{"steps": 28, "signed_hash": "x"}'},
         "NovelAI Diffusion V4"),
    ],
)  # fmt: skip
def test_what_is_enough_for_novelai(texts, system):
    assert marks_in({"png-text": texts})["novelai"].system == system


@pytest.mark.parametrize("zipped", [False, True])
def test_novelai_in_the_alpha_channel(tmp_path, zipped):
    mark = only_mark_of(stealth(tmp_path / "a.png", json.dumps(NOVELAI), zipped=zipped))
    assert mark.scheme == "novelai"
    assert mark.tag == f"stealth: stealth_png{'comp' if zipped else 'info'}"
    assert [one.code for one in mark.findings] == ["kz.marker.hidden"]


def test_a_web_ui_in_the_alpha_channel(tmp_path):
    mark = only_mark_of(stealth(tmp_path / "a.png", A1111))
    assert (mark.scheme, mark.tag) == ("stable-diffusion", "stealth: stealth_pngcomp")


@pytest.mark.parametrize(
    "texts",
    [
        {"Title": "NovelAI", "Software": "Krita"},
        {"Title": "NovelAI", "Description": "A novel by NovelAI", "Comment": "NovelAI"},
        {"Software": "NovelAI"},
        {"Software": "NovelAI reader", "Comment": json.dumps({"steps": 1, "uc": "x"})},
        {"Software": "GIMP", "Comment": json.dumps({"steps": 12, "sampler": "drum"})},
        {"Software": "GIMP", "Source": "NovelAI Diffusion V4", "Comment": "a cover"},
    ],
)
def test_what_only_speaks_of_novelai(texts):
    assert marks_in({"png-text": texts}) == {}
    assert marks_in({"exif": {"UserComment": json.dumps({"Title": "NovelAI"})}}) == {}


# --- InvokeAI, Fooocus, SwarmUI, Easy Diffusion, Draw Things ---------------------------------------


INVOKEAI = {
    "app_version": "4.2.0",
    "generation_mode": "sdxl_txt2img",
    "positive_prompt": "a lighthouse",
    "negative_prompt": "fog",
    "model": {"name": "sdxl-base", "base": "sdxl", "type": "main"},
}
LEGACY = {
    "model": "stable diffusion",
    "model_weights": "stable-diffusion-1.5",
    "app_id": "invoke-ai/InvokeAI",
    "app_version": "2.2.4",
    "image": {"prompt": [{"prompt": "a lighthouse", "weight": 1}], "steps": 50},
}
DREAM = '"a lighthouse [fog]" -s 50 -S 1234 -W 512 -H 512 -C 7.5 -A k_lms'


@pytest.mark.parametrize(
    ("key", "value", "system", "prompt"),
    [
        ("invokeai_metadata", json.dumps(INVOKEAI), "InvokeAI 4.2.0 (sdxl-base)", "a lighthouse"),
        (
            "sd-metadata",
            json.dumps(LEGACY),
            "InvokeAI 2.2.4 (stable-diffusion-1.5)",
            "a lighthouse",
        ),
        (
            "sd-metadata",
            '{"app_id": "invoke-ai/InvokeAI", "image": {"prompt": "x"}}',
            "InvokeAI",
            "x",
        ),
        ("sd-metadata", '{"model_weights": "m", "image": {"prompt": []}}', "InvokeAI (m)", None),
        ("sd-metadata", '{"model_weights": "m", "image": {"prompt": [5]}}', "InvokeAI (m)", None),
        (
            "invokeai_metadata",
            '{"app_version": "3", "model": {"model_name": "m"}}',
            "InvokeAI 3 (m)",
            None,
        ),
        ("invokeai_metadata", '{"app_version": "3", "model": "m"}', "InvokeAI 3", None),
        ("Dream", DREAM, "InvokeAI", "a lighthouse [fog]"),
        ("invokeai_graph", '{"nodes": {"a": {"type": "noise"}}, "edges": []}', "InvokeAI", None),
    ],
)
def test_invokeai(tmp_path, key, value, system, prompt):
    mark = only_mark_of(png(tmp_path / "a.png", **{key: value}))
    assert (mark.scheme, mark.system) == ("invokeai", system)
    assert mark.personal.get("prompt") == prompt


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("invokeai_metadata", "{}"),
        ("invokeai_metadata", "see the log"),
        ("sd-metadata", '{"image": {"width": 5}}'),
        ("sd-metadata", '{"app_id": "x", "image": {}}'),
        ("sd-metadata", '{"app_id": "x", "about": "image"}'),
        ("Dream", "I have a dream"),
        ("Dream", '"I have a dream" -1963'),
        ("Dream", "-s 50 -S 1234 -C 7.5"),
        ("Dream", 'x "a" -s 50 -S 1234 -C 7.5'),
        ("invokeai_graph", '{"nodes": {}}'),
        ("invokeai_graph", '{"nodes": {}, "edges": []}'),
        ("invokeai_graph", '{"nodes": {"a": 1}}'),
        ("invokeai_graph", '["nodes", "edges"]'),
    ],
)
def test_what_only_looks_like_invokeai(key, value):
    assert marks_in({"png-text": {key: value}}) == {}


FOOOCUS = {
    "prompt": "a fox", "negative_prompt": "blur", "base_model": "juggernautXL_v8",
    "metadata_scheme": "fooocus", "version": "Fooocus v2.5.5",
}  # fmt: skip


def test_fooocus(tmp_path):
    texts = {"parameters": json.dumps(FOOOCUS), "fooocus_scheme": "fooocus"}
    mark = only_mark_of(png(tmp_path / "a.png", **texts))
    assert (mark.scheme, mark.system) == ("fooocus", "Fooocus v2.5.5 (juggernautXL_v8)")
    assert mark.personal == {"prompt": "a fox", "negative prompt": "blur"}
    exif(tmp_path / "a.jpg", comment=json.dumps(FOOOCUS), Software="Fooocus v2.5.5")
    assert only_mark_of(tmp_path / "a.jpg").scheme == "fooocus"
    for beside, key, value in (
        ({}, "version", "v2.5.5 Fooocus"),
        ({}, "metadata_scheme", "fooocus"),
        ({"fooocus_scheme": "fooocus"}, "seed", "1"),
    ):
        held = {"parameters": json.dumps({"prompt": "a fox", key: value}), **beside}
        assert "Fooocus" in marks_in({"png-text": held})["fooocus"].system
    near = json.dumps({"prompt": "type your name", "version": "1.0", "base_model": "oak"})
    assert marks_in({"png-text": {"parameters": near, "Comment": near}}) == {}


SWARM = {"sui_image_params": {"prompt": "a fox", "negativeprompt": "blur", "model": "sdxl",
                              "steps": 20, "swarm_version": "0.9.3.1"}}  # fmt: skip


def test_swarmui(tmp_path):
    mark = only_mark_of(png(tmp_path / "a.png", parameters=json.dumps(SWARM, indent=1)))
    assert (mark.scheme, mark.system) == ("swarmui", "SwarmUI 0.9.3.1 (sdxl)")
    assert only_mark_of(exif(tmp_path / "a.jpg", comment=json.dumps(SWARM))).scheme == "swarmui"
    assert only_mark_of(exif(tmp_path / "b.jpg", Model=json.dumps(SWARM))).scheme == "swarmui"
    near = '{"sui_image_params": "none"}', "sui_image_params", '{"sui_image_params": {}}'
    assert [marks_in({"png-text": {"parameters": text}}) for text in near] == [{}, {}, {}]


def test_easy_diffusion(tmp_path):
    texts = {"prompt": "a fox", "seed": "42", "use_stable_diffusion_model": "sd-v1-5",
             "negative_prompt": "blur", "num_inference_steps": "25"}  # fmt: skip
    mark = only_mark_of(png(tmp_path / "a.png", **texts))
    assert (mark.scheme, mark.system) == ("easy-diffusion", "Easy Diffusion (sd-v1-5)")
    shown = {"Prompt": "a fox", "Seed": 42, "Stable Diffusion model": "sd-v1-5", "Steps": 25}
    assert only_mark_of(exif(tmp_path / "a.jpg", comment=json.dumps(shown))).personal == {
        "prompt": "a fox"
    }
    near = {key: value for key, value in texts.items() if key != "use_stable_diffusion_model"}
    assert marks_of(png(tmp_path / "b.png", **near)) == {}


def test_draw_things(tmp_path):
    settings = {"c": "a fox", "uc": "blur", "sampler": "DPM++ 2M Karras", "steps": 20, "seed": 1,
                "scale": 7, "size": "512x512", "model": "SDXL"}  # fmt: skip
    text = json.dumps(settings).replace('"', "&quot;")
    alt = f'<exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></exif:UserComment>'
    mark = only_mark_of(xmp(tmp_path / "a.jpg", alt))
    assert (mark.scheme, mark.system) == ("draw-things", "Draw Things (SDXL)")
    assert mark.personal == {"prompt": "a fox", "negative prompt": "blur"}
    assert marks_in({"xmp": {"exif:UserComment": '{"c": 1, "uc": 2, "sampler": "x"}'}}) == {}


def test_a_job_of_hugging_face_may_be_ai(tmp_path):
    texts = {"hf-job-id": "ec8380a6-2091-423a-b835-209420f99ee1"}
    mark = only_mark_of(png(tmp_path / "a.png", **texts))
    assert (mark.scheme, mark.origin) == ("hugging-face", Origin.POSSIBLY_AI)
    assert marks_in({"png-text": {"hf-job-id": "17"}}) == {}


# --- Hostile --------------------------------------------------------------------------------------

PLACES = [
    ("png-text", ("parameters", "prompt", "workflow", "Comment", "Description", "Dream",
                  "invokeai_metadata", "sd-metadata", "Source", "Software", "fooocus_scheme")),
    ("exif", ("UserComment", "ImageDescription", "Make", "Model", "Artist")),
    ("xmp", ("photoshop:Credit", "dc:description", "exif:UserComment")),
    ("mp4", ("©cmt", "mdta:prompt", "mdta:aigc_info")),
    ("stealth", ("stealth_pngcomp",)),
]  # fmt: skip
MILLION = 1_000_000
HOSTILE = {
    "deep": '{"prompt":' * 100_000,
    "deeper": '{"a":[' + "[" * 100_000 + "]" * 100_000 + "]}",
    "words": "Steps: " + "a" * MILLION,
    "lines": "\nSteps: 1, " * 100_000,
    "quotes": "Steps: 1, " + 'a: "' * 250_000,
    "colons": "Steps: 1" + ":" * MILLION,
    "flags": "--v " * 250_000 + "Job ID: x",
    "dream": '"' + " -s 1" * 200_000,
    "big": '{"prompt": ' + "9" * MILLION + "}",
    "surrogates": '{"class_type": "\\ud800"}',
    "nul": "\0" * MILLION,
    "objects": '{"class_type nodes": [' + "{}," * 300_000 + "{}]}",
    "signature": "Signature: " + "A" * MILLION + "!",
    "suno": "made with suno;" + "=;" * 500_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_is_too_much(text):
    tags = {family: dict.fromkeys(names, text) for family, names in PLACES}
    assert marks_in(tags) == {}


def test_what_is_shown_of_long_prompts_and_names_is_short():
    text = "x" * 100_000 + f"\nSteps: 1, Seed: 1, Size: 1x1, Model: {'m' * 5000}"
    mark = marks_in({"png-text": {"parameters": text}})["stable-diffusion"]
    assert len(mark.personal["prompt"]) == 20_001
    assert len(mark.system) == 100


def test_what_is_shown_can_be_written_anywhere():
    graph = '{"1": {"class_type": "CLIPTextEncode", "inputs": {"text": "a \\ud800 boat"}}}'
    mark = marks_in({"id3": {"TXXX:prompt": graph, "COMM:\x1b[31m": STEPS}})
    assert mark["comfyui"].personal == {"prompt": "a ? boat"}
    assert mark["stable-diffusion"].tag == "id3: COMM:\\x1b[31m"
    name = {"Software": "NovelAI", "Source": "NovelAI Diffusion \x1b[2J\ud800V4"}
    assert marks_in({"png-text": name})["novelai"].system == r"NovelAI Diffusion \x1b[2J\x00V4"


# --- Every container ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.needs("exiftool")
@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("picture.jpg", "EXIF:UserComment"),
        ("picture.jpg", "File:Comment"),
        ("picture.webp", "EXIF:UserComment"),
        ("picture.tiff", "EXIF:UserComment"),
        ("picture.avif", "EXIF:UserComment"),
        ("picture.heic", "EXIF:UserComment"),
        ("picture.png", "PNG:Comment"),
        ("animation.gif", "Comment"),
        ("picture.jpg", "XMP-dc:Description"),
        ("film.mp4", "ItemList:Comment"),
        ("film.mov", "Keys:Comment"),
    ],
)
def test_settings_wherever_exiftool_writes_them(tmp_path, name, tag):
    path, text = tmp_path / name, tmp_path / "text"
    shutil.copy(FIXTURES / name, path)
    text.write_text(A1111)
    subprocess.run(["exiftool", "-q", "-m", f"-{tag}<={text}", str(path)], check=True)
    assert only_mark_of(path).personal["prompt"] == PROMPT
