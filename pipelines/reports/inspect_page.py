"""The page of `vfgan inspect`: one HTML file with its pictures and sounds inside."""

import base64
import csv
import html
import io
import itertools
from pathlib import Path

import numpy as np

from vfgan.config.data import MfscConfig
from vfgan.data.quality import MEASURES
from vfgan.data.survey import INTENSITIES, Survey
from vfgan.emotions import EMOTIONS
from vfgan.figures.plots import new_figure
from vfgan.figures.voice_map import VoiceMap, draw_voice_map
from vfgan.storage.files import write_text
from vfgan.voice.mfsc import band_centres_hz

_FACES, _FACE_PX, _MAP_PX = 6, 72, (432, 150)  # of a clip's card
_MOST_ROWS = 60
_OPEN_ROWS = 30
_MOST_SECONDS = 20.0

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1360px; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .2rem; }
p { margin: .2rem 0 .8rem; opacity: .8; }
.tables { display: flex; flex-wrap: wrap; gap: 2rem; align-items: flex-start; }
table { border-collapse: collapse; } caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { padding: .1rem .6rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child, td.text { text-align: left; }
td { font-variant-numeric: tabular-nums; } td.bar { min-width: 90px; padding-right: 0; }
td.bar div { background: #4a90d9; height: .7em; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(432px, 1fr)); gap: 1rem; }
.card { border: 1px solid var(--line); border-radius: 6px; padding: .5rem; background: var(--soft); width: 432px; }
.card b { float: right; font-size: 1.1rem; } .card .name { font-family: monospace; overflow-wrap: anywhere; }
.card img { display: block; width: 432px; }
.card .none { width: 432px; padding: .6rem 0; opacity: .6; font-style: italic; }
audio { width: 432px; height: 32px; margin-top: .3rem; display: block; } nav a { margin-right: 1rem; }
"""


def write_page(path: Path, dataset, found: Survey) -> None:
    """Writes the page, which needs no other file."""
    name, config = html.escape(str(dataset.folder.resolve().name)), dataset.config.mfsc
    waveforms = sum(total["waveforms"] for total in found.totals.values())
    sound = "" if waveforms else " The data set holds no sound: build it with --keep-waveform to hear the clips here."
    links = "".join(f'<a href="#{_anchor(m.name)}">{m.name}</a>' for m in MEASURES if found.worst[m.name])
    parts = [
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{name}</title><style>{_STYLE}</style></head>",
        f"<body><h1>{name}</h1><p>{_totals(found)}{sound}</p>",
        f"<nav>Worst by: {links}<a href='#examples'>Examples</a></nav>",
        f"<h2>Counts</h2><div class=tables>{''.join(_table(kind, found) for kind in found.counts)}</div>",
        f"<h2>Quality</h2>{_quality(found)}",
        _rejected(dataset.folder / "rejected.csv"),
    ]
    for measure in MEASURES:
        clips = found.worst[measure.name]
        if clips:
            title = f"Worst by {measure.name}: {measure.worst}est first"
            cards = "".join(_card(record, f"{value:.4g}{measure.unit}", config) for value, record in clips)
            parts.append(_section(_anchor(measure.name), title, measure.meaning, cards))
    cards = "".join(_card(record, "", config) for record in found.examples)
    parts.append(_section("examples", "Examples", "of as many emotions and kinds of media as there are", cards))
    write_text(path, "\n".join([*parts, "</body></html>\n"]))


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _section(anchor: str, title: str, meaning: str, cards: str) -> str:
    return f"<h2 id='{anchor}'>{title}</h2><p>{meaning}</p><div class=cards>{cards}</div>"


def _totals(found: Survey) -> str:
    lines = (
        f"{split}: {total['clips']:,} clips, {total['faces']:,} faces, {total['seconds'] / 60:,.1f} minutes of sound"
        for split, total in found.totals.items()
    )
    return ".<br>".join(lines) + "."


def _table(kind: str, found: Survey) -> str:
    """Counts of clips by the values of one kind, and by split."""
    order = {"emotion": EMOTIONS.index, "intensity": INTENSITIES.index}.get(kind, str)
    counts, splits = found.counts[kind], list(found.totals)
    values = sorted(counts, key=order)
    most = max(sum(count.values()) for count in counts.values())
    head = "".join(f"<th>{split}</th>" for split in splits)
    rows = []
    for value in values[:_MOST_ROWS]:
        cells = "".join(f"<td>{counts[value][split] or '·'}</td>" for split in splits)
        width = 100 * sum(counts[value].values()) / most
        bar = f"<td class=bar><div style='width:{width:.0f}%'></div></td>"
        rows.append(f"<tr><td>{html.escape(value)}</td>{cells}<td>{sum(counts[value].values())}</td>{bar}</tr>")
    if len(values) > _MOST_ROWS:
        rows.append(f"<tr><td colspan={len(splits) + 3}>… and {len(values) - _MOST_ROWS} more</td></tr>")
    table = f"<table><caption>By {kind}</caption><tr><th></th>{head}<th>all</th><th></th></tr>{''.join(rows)}</table>"
    if len(values) <= _OPEN_ROWS:
        return table
    return f"<details><summary>By {kind}: {len(values)}</summary>{table}</details>"  # folded, because it is long


def _quality(found: Survey) -> str:
    """For each measure: the number of clips with it, and the spread of its values from bad to good."""
    rows = []
    for measure in MEASURES:
        values = found.values[measure.name]
        if not values:
            continue
        spread = np.percentile(values, (0, 5, 50, 95, 100) if measure.worst == "low" else (100, 95, 50, 5, 0))
        cells = "".join(f"<td>{value:.4g}</td>" for value in spread)
        name = f"<a href='#{_anchor(measure.name)}'>{measure.name}</a>" if found.worst[measure.name] else measure.name
        rows.append(
            f"<tr><td>{name} {measure.unit}</td><td>{len(values)}</td>{cells}<td class=text>{measure.meaning}</td></tr>"
        )
    names = ("", "clips", "worst", "worst 5 %", "median", "best 5 %", "best", "")
    return f"<table><tr>{''.join(f'<th>{name}</th>' for name in names)}</tr>{''.join(rows)}</table>"


def _rejected(path: Path) -> str:
    """The first rows of rejected.csv, if there are any."""
    if not path.is_file():
        return ""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        return ""
    cells = (
        f"<tr><td>{html.escape(r['clip_id'])}</td><td class=text>{html.escape(r['reason'])}</td></tr>" for r in rows
    )
    more = f"<p>… and {len(rows) - _MOST_ROWS} more in rejected.csv</p>" if len(rows) > _MOST_ROWS else ""
    shown = "".join(itertools.islice(cells, _MOST_ROWS))
    return f"<h2>Rejected, whole or in part: {len(rows)}</h2><table>{shown}</table>{more}"


def _card(record: dict, value: str, config: MfscConfig) -> str:
    """One clip: its faces, its MFSC map and its sound."""
    about = [EMOTIONS[record["emotion"]], INTENSITIES[record["intensity"]], record["modality"]]
    about += [f"{record['num_samples'] / record['sample_rate_hz']:.1f} s"] if record["num_samples"] else []
    about += [f"{len(record['faces'])} of {record['frames_seen']} frames"] if record["frames_seen"] else []
    parts = [
        f"<div><b>{value}</b><span class=name>{html.escape(record['clip_id'])}</span><br>{', '.join(about)}</div>",
        f"<img alt=faces src='{_strip(record['faces'])}'>" if record["faces"] else "<div class=none>no faces</div>",
    ]
    if len(record["mfsc"]):
        parts.append(f"<img class=map alt=MFSC src='{_map(record, config)}'>")
    if len(record["waveform"]):
        parts.append(f"<audio controls preload=metadata src='{_sound(record)}'></audio>")
    return f"<div class=card>{''.join(parts)}</div>"


def _strip(faces: list[bytes]) -> str:
    """Faces side by side, evenly spaced in time, as a JPEG in a data URL."""
    import cv2

    index = np.linspace(0, len(faces) - 1, min(_FACES, len(faces))).round().astype(int)
    cells = [cv2.imdecode(np.frombuffer(faces[i], np.uint8), cv2.IMREAD_COLOR) for i in index]
    cells = [cv2.resize(cell, (_FACE_PX, _FACE_PX), interpolation=cv2.INTER_AREA) for cell in cells]
    blank = np.full((_FACE_PX, _FACE_PX, 3), 128, np.uint8)
    strip = np.hstack(cells + [blank] * (_FACES - len(cells)))
    return _link("image/jpeg", cv2.imencode(".jpg", strip, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes())


def _map(record: dict, config: MfscConfig) -> str:
    """Log energy of a record over time, in seconds and Hz, as a PNG in a data URL."""
    figure, axes = new_figure(_MAP_PX[0] / 100, _MAP_PX[1] / 100)
    voice = VoiceMap(record["mfsc"][..., 0], record["mfsc_times"], band_centres_hz(config))
    draw_voice_map(axes[0, 0], voice, font_size=6)
    content = io.BytesIO()
    figure.savefig(content, dpi=100)
    return _link("image/png", content.getvalue())


def _sound(record: dict) -> str:
    """The clip's sound, or the beginning of it, as MP3 in a data URL."""
    import soundfile

    rate_hz, content = record["sample_rate_hz"], io.BytesIO()
    samples = record["waveform"][: int(_MOST_SECONDS * rate_hz)]
    soundfile.write(content, np.clip(samples, -1.0, 1.0), rate_hz, format="MP3")
    return _link("audio/mpeg", content.getvalue())


def _link(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
