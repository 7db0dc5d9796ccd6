"""Draws the emotion in a recording over time."""

from collections.abc import Sequence
from pathlib import Path

from vfgan.emotions import EMOTIONS
from vfgan.figures.plots import new_figure, save_figure
from vfgan.figures.voice_map import VoiceMap, draw_voice_map
from vfgan.generate.listener import UtteranceEmotion

#: In the order of `EMOTIONS`.
COLOURS = ("#7f8790", "#3fa39b", "#e0a100", "#3b6fb6", "#c8323c", "#7d4fa8", "#5f8f2f", "#ee7a30")


def draw_emotion_over_time(
    path: Path,
    heard: Sequence[UtteranceEmotion],
    title: str,
    *,
    voice: VoiceMap | None = None,
    width: float = 11,
    height: float = 4.2,
) -> None:
    """Draws the probabilities over time, and below them the most likely emotion of each utterance.

    Args:
        path: .png to write.
        heard: from `Listener.listen`.
        voice: the recording's map, drawn below on the same axis of time; None: without.
        width: width of the picture, inches.
        height: height of the picture, inches.
    """
    figure, axes = new_figure(width, height * (1.5 if voice else 1.0), 2 if voice else 1, 1)
    pen = axes[0, 0]
    if voice:
        draw_voice_map(axes[1, 0], voice)
        pen.sharex(axes[1, 0])
    for index, name in enumerate(EMOTIONS):
        for number, one in enumerate(heard):
            pen.plot(
                one.window_times,
                one.window_probabilities[:, index],
                color=COLOURS[index],
                marker=".",
                markersize=3,
                label=name if not number else None,
            )
    for one in heard:
        index = int(one.probabilities.argmax())
        pen.axvspan(one.start_seconds, one.end_seconds, ymax=0.04, color=COLOURS[index])
        pen.axvspan(one.start_seconds, one.end_seconds, color="grey", alpha=0.06)
    pen.spines[["top", "right"]].set_visible(False)
    pen.set_ylim(-0.05, 1.02)
    pen.set_xlabel("s")
    pen.set_ylabel("probability; bar: heard in the utterance")
    figure.suptitle(title, fontsize=9)
    if heard:
        pen.legend(fontsize=8, ncol=len(EMOTIONS), loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)
    save_figure(figure, path)
