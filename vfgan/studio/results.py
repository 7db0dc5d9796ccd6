"""Shows the results as HTML: each under its title, with a link to download it."""

import html
from pathlib import Path
from urllib.parse import quote

import numpy as np

from vfgan.emotions import EMOTIONS
from vfgan.generate.voice_face import VoiceEmotion
from vfgan.studio.gate import FILE
from vfgan.studio.job import Made


def file_url(path: Path) -> str:
    """Gives the URL of a file.

    >>> file_url(Path("/tmp/a b.png"))
    '/gradio_api/file=/tmp/a%20b.png'
    """
    return FILE + quote(str(path))


def sections(made: Made) -> tuple[str, str, str, str]:
    """Writes the sections (heard, faces, strips, video) as HTML; a section is empty until its result exists."""
    heard = faces = strips = ""
    if made.heard and made.curve:
        curve = _figure(made.curve, "Over time", "studio-curve")
        heard = _section("What is heard", _lead(made.heard), _bars(made.heard.probabilities), curve)
    if made.heard and made.source and made.picture:
        faces = _section(
            "The face",
            '<div class="studio-pair">',
            _figure(made.source, "Source"),
            _figure(made.picture, f"With the voice ({made.heard.emotion})"),
            "</div>",
        )
    if made.intensities and made.emotions:
        strips = _section(
            "More and less, and other voices",
            _figure(made.intensities, "Strength 0 to 1.5: 0 is a neutral voice, 1 your voice", "studio-strip"),
            _figure(made.emotions, "Sample voices of all emotions, in place of yours", "studio-strip"),
        )
    video = _section("The video", _video(made.video)) if made.video else ""
    return heard, faces, strips, video


def message(text: str, *, is_error: bool = False) -> str:
    """Writes a line for the visitor.

    >>> message("a < b", is_error=True)
    '<p class="studio-message studio-error" role="alert">a &lt; b</p>'
    """
    kind, role = ("studio-message studio-error", "alert") if is_error else ("studio-message", "status")
    return f'<p class="{kind}" role="{role}">{html.escape(text)}</p>'


def _section(title: str, *parts: str) -> str:
    return f'<section class="studio-result"><h2>{html.escape(title)}</h2>{"".join(parts)}</section>'


def _lead(heard: VoiceEmotion) -> str:
    lead = f'<p class="studio-lead">{heard.emotion} <span>{heard.probabilities.max():.0%}</span></p>'
    return lead + (message("This voice is unlike any that was learnt from: a guess.") if heard.unlike else "")


def _bars(probabilities: np.ndarray) -> str:
    """The probability of each emotion as bars, the most likely first."""
    rows = "".join(
        f'<li><span>{EMOTIONS[index]}</span><i style="width:{100 * probabilities[index]:.1f}%"></i>'
        f"<b>{probabilities[index]:.0%}</b></li>"
        for index in probabilities.argsort()[::-1]
    )
    return f'<ul class="studio-bars">{rows}</ul>'


def _figure(path: Path, caption: str, kind: str = "") -> str:
    """A picture with its caption. Wide ones scroll sideways on a narrow screen."""
    url = file_url(path)
    picture = f'<div class="studio-scroll"><img src="{url}" alt="{html.escape(caption)}"></div>'
    return f'<figure class="{kind}">{picture}{_caption(caption, path)}</figure>'


def _video(path: Path) -> str:
    video = f'<video controls playsinline preload="auto" src="{file_url(path)}"></video>'
    return f"<figure>{video}{_caption('With the sound of your voice', path)}</figure>"


def _caption(text: str, path: Path) -> str:
    link = f'<a href="{file_url(path)}" download="{path.name}">Download</a>'
    return f"<figcaption><span>{html.escape(text)}</span>{link}</figcaption>"
