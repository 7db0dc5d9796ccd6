"""The page: 1 a voice, 2 a face, 3 a button; below them the results."""

from collections.abc import Iterator
from pathlib import Path

import gradio as gr

from vfgan.errors import VfganError
from vfgan.generate.voice_face import MAX_INTENSITY
from vfgan.media.kinds import kind_of
from vfgan.studio.config import StudioConfig
from vfgan.studio.examples import Example, Examples
from vfgan.studio.gate import COOKIE
from vfgan.studio.inputs import GivenFile, Order, in_own_words
from vfgan.studio.job import Made, Studio
from vfgan.studio.results import message, sections
from vfgan.studio.visitors import Visitors

_PROGRESS = gr.Progress()  # as a default argument it makes Gradio pass the call's own
STYLE = Path(__file__).with_name("style.css")
_FAULT = "The studio failed; your files are not the cause. Its log says more."
_HEADER = """<header class="studio-header"><h1>vfgan studio</h1>
<p>Give a voice and a face. See the face with the emotion of the voice.</p></header>"""
_FOOTER = """<footer class="studio-footer"><p>Show only people who have agreed to it. All that is made here says in its
metadata that it is synthetic.</p><p>Your files are seen by you alone. They are removed {leave:g} minutes after you
close the page, at the latest after {keep:g} minutes.</p></footer>"""


def theme() -> gr.themes.Base:
    """A plain theme with fonts of the visitor's machine: nothing is loaded from elsewhere."""
    fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
    return gr.themes.Base(
        primary_hue="teal", neutral_hue="slate", radius_size="md", font=fonts, font_mono=["ui-monospace", "monospace"]
    )


def build_page(studio: Studio, visitors: Visitors, examples: Examples, config: StudioConfig) -> gr.Blocks:
    """Builds the page and its actions."""
    page = gr.Blocks(title="vfgan studio", analytics_enabled=False, fill_width=False)
    with page:
        gr.HTML(_HEADER)
        with gr.Row(elem_classes="studio-inputs"):
            voice = _voice_input(config)
            photo, footage, tabs, kind = _face_input(config)
            model, intensity, button = _choices(studio.models)
        gr.HTML('<p class="studio-or">Or press an example (drawn and spoken by this program):</p>')
        with gr.Row(elem_classes="studio-examples"):
            ready = [gr.Button(one.title, icon=str(one.thumbnail), min_width=200) for one in examples.ready]
        status = gr.HTML(elem_id="status", elem_classes="studio-status")
        results = [gr.HTML(elem_id=name) for name in ("heard", "faces", "strips", "video")]
        gr.HTML(_FOOTER.format(leave=config.leave_minutes, keep=config.keep_minutes))
        # raw values: the gate has checked whose files they are, and vfgan checks their contents
        job = {
            "fn": _runner(studio, visitors),
            "inputs": [voice, photo, footage, kind, model, intensity],
            "outputs": [status, *results],
            "preprocess": False,
            "show_progress_on": [status],
            "concurrency_id": "job",
            "concurrency_limit": 1,
            "scroll_to_output": True,
        }
        button.click(**job)
        for choice, example in zip(ready, examples.ready):
            filled = choice.click(
                _filler(example), outputs=[voice, photo, footage, kind, tabs], postprocess=False, show_progress="hidden"
            )
            filled.then(**job)
    return page.queue(max_size=config.max_waiting, api_open=False)


def _voice_input(config: StudioConfig) -> gr.Audio:
    with gr.Column(elem_classes="studio-step"):
        gr.HTML(f"<h2><b>1</b> A voice</h2><p>Speech of up to {config.max_voice_seconds:g} seconds.</p>")
        return gr.Audio(
            sources=["upload", "microphone"],
            type="filepath",
            show_label=False,
            container=False,
            elem_id="voice",
            buttons=[],
        )


def _face_input(config: StudioConfig) -> tuple[gr.Image, gr.Video, gr.Tabs, gr.State]:
    with gr.Column(elem_classes="studio-step"):
        gr.HTML("<h2><b>2</b> A face</h2><p>Looking at the camera, in good light.</p>")
        kind = gr.State("photo")
        with gr.Tabs(selected="photo") as tabs:
            with gr.Tab("Photo", id="photo") as photo_tab:
                photo = gr.Image(
                    sources=["upload", "webcam"],
                    type="filepath",
                    image_mode=None,
                    show_label=False,
                    container=False,
                    height=230,
                    elem_id="photo",
                    buttons=[],
                )
            with gr.Tab("Footage", id="footage") as footage_tab:
                footage = gr.Video(
                    sources=["upload", "webcam"],
                    show_label=False,
                    container=False,
                    height=230,
                    elem_id="footage",
                    buttons=[],
                )
        photo_tab.select(lambda: "photo", outputs=kind, show_progress="hidden", concurrency_limit=None)
        footage_tab.select(lambda: "footage", outputs=kind, show_progress="hidden", concurrency_limit=None)
        return photo, footage, tabs, kind


def _choices(models: tuple[str, ...]) -> tuple[gr.Dropdown, gr.Slider, gr.Button]:
    with gr.Column(elem_classes="studio-step"):
        gr.HTML("<h2><b>3</b> Press</h2><p>A picture first, then the video.</p>")
        model = gr.Dropdown(list(models), value=models[0], label="Model", elem_id="model", filterable=False)
        intensity = gr.Slider(
            0,
            MAX_INTENSITY,
            value=1.0,
            step=0.05,
            label="Strength",
            info="0: neutral, 1: as the voice",
            elem_id="strength",
        )
        return model, intensity, gr.Button("Show the voice on the face", variant="primary", elem_id="go", size="lg")


def _runner(studio: Studio, visitors: Visitors):
    """The function that runs when the button is pressed."""

    def run(voice, photo, footage, kind, model, intensity, request: gr.Request, progress=_PROGRESS) -> Iterator[tuple]:
        face = (photo or footage) if kind == "photo" else (footage or photo)
        order = Order(_given(voice), _given(face), model, intensity)
        made = Made()
        secret = request.cookies[COOKIE]

        def report(share: float, what: str) -> None:
            if not visitors.is_here(secret):
                raise VfganError("The page was closed; the work stopped.")
            progress(share, desc=what)

        yield message("Working …"), *sections(made)
        try:
            with visitors.job(secret) as folder:
                for made in studio.make(order, folder, report):
                    for path in made.files():
                        visitors.own(secret, path)
                    yield message("Working …"), *sections(made)
        except VfganError as error:
            yield message(in_own_words(error, order), is_error=True), *sections(made)
            return
        except Exception:
            yield message(_FAULT, is_error=True), *sections(made)
            raise
        yield message(" ".join(["Done.", *made.notes])), *sections(made)

    return run


def _filler(example: Example):
    """Puts an example in the place of a visitor's files."""

    def fill() -> tuple:
        is_photo = kind_of(example.face) == "picture"
        kind, face = "photo" if is_photo else "footage", _file_data(example.face)
        faces = (face, None) if is_photo else (None, face)
        return _file_data(example.voice), *faces, kind, gr.Tabs(selected=kind)

    return fill


def _given(payload: dict | None) -> GivenFile | None:
    if not payload:
        return None
    path = Path(payload["path"])
    return GivenFile(path, payload.get("orig_name") or path.name)


def _file_data(path: Path) -> dict:
    return {"path": str(path), "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}
