"""`vfgan listen`: writes the emotion in a recording over time, as a table and a picture."""

import csv
import dataclasses
from pathlib import Path

from vfgan.errors import ConfigError

#: Utterances printed; the table file has all.
MOST_LINES = 30
#: Longer recordings are drawn without their map, which would show nothing any more.
LONGEST_MAP_SECONDS = 600.0


@dataclasses.dataclass(frozen=True)
class Listen:
    """Recognises the emotion in a recording, utterance by utterance, and draws it over time.

    An utterance ends at a pause, or after 20 seconds. Recordings may be hours long.
    """

    voice: Path
    """Recording of speech, or a video with sound. Any container, codec and sample rate."""
    out: Path | None = None
    """Picture to write (.png): probabilities over time, and the log mel energy in seconds and Hz of up to 10 minutes.
    Beside it a table of the same name (.csv), with a row for each utterance and each window."""
    model: str = "extractor"
    """Extractor: a name in saved_models, or the folder of a SavedModel."""
    audio_track: int | None = None
    """Of several audio tracks, 1 is the first. Default: the one with the voice."""

    def main(self) -> None:
        """Prints the utterances and writes table and picture."""
        from pipelines.console import Bar, console
        from vfgan.figures.emotion_over_time import draw_emotion_over_time
        from vfgan.generate.listener import Listener
        from vfgan.media.audio import track_note
        from vfgan.storage.files import check_writable

        if self.out and self.out.suffix.lower() != ".png":
            raise ConfigError(f"--out {self.out}: expected a name that ends in .png")
        if self.out:
            check_writable(self.out.parent)
        if note := track_note(self.voice, self.audio_track):
            console.print(note, highlight=False)
        with Bar("listen") as bar:
            listener = Listener(self.model)

            def tell(done: float, total: float) -> None:
                bar.update(round(done), round(total), "s")

            heard = list(listener.listen(self.voice, tell, self.audio_track))
        if not heard:
            console.print(f"{self.voice}: no voice found, only silence or clicks", highlight=False)
        for one in heard[:MOST_LINES]:
            console.print(line(one), highlight=False)
        if len(heard) > MOST_LINES:
            console.print(f"… {len(heard) - MOST_LINES} more utterances", highlight=False)
        if self.out:
            write_table(self.out.with_suffix(".csv"), heard)
            voice = voice_map(self.voice, listener.mfsc, self.audio_track) if heard else None
            draw_emotion_over_time(self.out, heard, self.voice.name, voice=voice)
            console.print(f"{self.out}, {self.out.with_suffix('.csv')}", highlight=False)


def voice_map(path: Path, mfsc, track: int | None):
    """The log mel energy of a recording, or None of one that is longer than `LONGEST_MAP_SECONDS`."""
    from vfgan.figures.voice_map import VoiceMap
    from vfgan.media.audio import load_waveform
    from vfgan.media.containers import probe
    from vfgan.voice.mfsc import band_centres_hz, frame_times, mfsc_of_waveform

    if probe(path).seconds > LONGEST_MAP_SECONDS:
        return None
    energy = mfsc_of_waveform(load_waveform(path, mfsc.sample_rate_hz, track=track), mfsc)[..., 0]
    return VoiceMap(energy, frame_times(len(energy), mfsc), band_centres_hz(mfsc))


def line(one) -> str:
    """Writes an utterance, its two most likely emotions, and whether they are a guess."""
    from vfgan.emotions import EMOTIONS

    best = one.probabilities.argsort()[::-1][:2]
    words = ", ".join(f"{EMOTIONS[index]} {one.probabilities[index]:.0%}" for index in best)
    guess = "  (unlike any voice it has learnt from: a guess)" if one.unlike else ""
    return f"{one.start_seconds:8.2f} to {one.end_seconds:8.2f} s  {words}{guess}"


def write_table(path: Path, heard: list) -> None:
    """Writes a row for each utterance, and one for each window with the time of its middle.

    The column `kind` tells them apart: utterance, window.
    """
    from vfgan.emotions import EMOTIONS
    from vfgan.storage.files import atomic_path

    with atomic_path(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["kind", "start_seconds", "end_seconds", "heard", *EMOTIONS])
        for one in heard:
            row = ["utterance", f"{one.start_seconds:.3f}", f"{one.end_seconds:.3f}", one.emotion]
            writer.writerow([*row, *(f"{value:.4f}" for value in one.probabilities)])
            for time, values in zip(one.window_times, one.window_probabilities):
                row = ["window", f"{time:.3f}", f"{time:.3f}", EMOTIONS[int(values.argmax())]]
                writer.writerow([*row, *(f"{value:.4f}" for value in values)])
