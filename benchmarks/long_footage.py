"""`vfgan generate` on long footage: memory over time, frames, rate, rotation, and whether the sound stays in sync.

    python -m benchmarks.long_footage CLIP --minutes 10 --figure memory.png

The footage is a clip with a face, played forth and back and looped: 1280 x 720, upright by its rotation flag only, with
a second without a face in every ten. At irregular times a corner of the picture flashes while the sound beeps; in the
result the same flashes and beeps are found again, and the time between each pair is told. If it grew: a drift.
"""

import argparse
import itertools
import re
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soxr

from vfgan.generate.frames import Footage
from vfgan.media.audio import load_waveform
from vfgan.media.sound_track import encode_audio
from vfgan.media.video import probe_video, read_frames
from vfgan.media.video_writer import write_video

RATE_HZ, TRACK_HZ = 16_000, 48_000
#: The marks, and the second without a face, of one period; seconds.
PERIOD, MARKS, NO_FACE = 10.0, (1.0, 3.0, 6.0), (8.0, 9.0)
_CORNER_PX, _FLASH_SECONDS, _BEEP_HZ, _HOP_SECONDS = 48, 0.12, 3_000.0, 0.005


def make_footage(path: Path, clip: Path, seconds: float, *, fps: int = 25, height: int = 720, period: float = PERIOD):
    """Writes the footage; of its `seconds` only one period is encoded, the rest are copies of its packets.

    Args:
        clip: a video with a face and its voice.
        seconds: a multiple of the period.
        height: of the picture, which is 16 : 9.
        period: seconds; marks and gap lie at the same shares of it.
    """
    import cv2

    width, stretch = round(height * 16 / 18) * 2, period / PERIOD
    frames = []
    for index, rgb in enumerate(itertools.islice(Footage(clip).forth_and_back(), round(period * fps))):
        now = index / fps / stretch
        scale = height / rgb.shape[0]
        small = cv2.resize(rgb, (min(width, round(scale * rgb.shape[1])), height), interpolation=cv2.INTER_AREA)
        picture = np.full((height, width, 3), 90, np.uint8)
        if not NO_FACE[0] <= now < NO_FACE[1]:
            left = (width - small.shape[1]) // 2
            picture[:, left : left + small.shape[1]] = small
        # a mark that falls on a frame, but for rounding, is of this frame
        flash = any(-1e-6 <= (now - mark) * stretch < _FLASH_SECONDS - 1e-6 for mark in MARKS)
        picture[:_CORNER_PX, :_CORNER_PX] = 255 if flash else 0
        frames.append(np.ascontiguousarray(np.rot90(picture)))  # stored lying on its side
    once = path.with_name(f"once-{path.name}")
    write_video(once, frames, fps)
    _loop(once, path, round(seconds / period), period, _sound(clip, seconds, period))
    _turn_upright(path)


def _sound(clip: Path, seconds: float, period: float) -> np.ndarray:
    """The clip's voice again and again, and the beeps: float32 [samples]."""
    voice = load_waveform(clip)
    sound = np.resize(0.5 * voice / max(1e-6, np.abs(voice).max()), round(seconds * RATE_HZ))
    beep = 0.4 * np.sin(2 * np.pi * _BEEP_HZ * np.arange(round(_FLASH_SECONDS * RATE_HZ)) / RATE_HZ)
    for mark in _marks(seconds, period):
        start = round(mark * RATE_HZ)
        sound[start : start + len(beep)] += beep
    return sound.astype(np.float32)


def _marks(seconds: float, period: float) -> list[float]:
    starts = np.arange(round(seconds / period)) * period
    return [float(start + mark * period / PERIOD) for start in starts for mark in MARKS]


def _loop(once: Path, path: Path, times: int, period: float, sound: np.ndarray) -> None:
    """The packets of a video so many times, with a sound track of 48 kHz."""
    import av

    with av.open(str(path), "w") as out, av.open(str(once)) as source:
        stream = source.streams.video[0]
        video = out.add_stream_from_template(stream)
        audio = out.add_stream("aac", rate=TRACK_HZ, layout="mono")
        for turn in range(times):
            shift = round(turn * period / stream.time_base)
            with av.open(str(once)) as again:
                for packet in again.demux(again.streams.video[0]):
                    if packet.dts is not None:
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        packet.stream = video
                        out.mux(packet)
        encode_audio(out, audio, [soxr.resample(sound, RATE_HZ, TRACK_HZ)[None]], TRACK_HZ)


def _turn_upright(path: Path) -> None:
    """The rotation flag of phones: the player turns the picture by a quarter (ISO 14496-12, track header)."""
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 4
    place += 4 + (32 if content[place] == 1 else 20) + 16
    content[place : place + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(content)


def flashes(path: Path) -> tuple[int, list[float]]:
    """(frames of a video, times at which its corner lights up)."""
    fps, lit, found, count = float(probe_video(path).fps), False, [], 0
    inner = slice(_CORNER_PX // 4, _CORNER_PX // 2)
    for count, (_, rgb) in enumerate(read_frames(path), 1):
        before, lit = lit, bool(rgb[inner, inner].mean() > 128)
        if lit and not before:
            found.append((count - 1) / fps)
    return count, found


def beeps(path: Path) -> list[float]:
    """Times at which the beep sets in: its power, in steps of 5 ms, passes a quarter of its highest."""
    sound, hop = load_waveform(path), round(_HOP_SECONDS * RATE_HZ)
    turning = np.exp(-2j * np.pi * _BEEP_HZ * np.arange(len(sound)) / RATE_HZ)
    steps = (sound * turning)[: len(sound) // hop * hop].reshape(-1, hop).mean(axis=1)
    power = np.square(np.abs(np.convolve(steps, np.ones(4) / 4, "same")))
    loud = power > np.percentile(power, 99.5) / 4
    starts = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
    kept = [start for index, start in enumerate(starts) if not index or start - starts[index - 1] > 20]
    return [float(start * _HOP_SECONDS) for start in kept]


def sync(path: Path) -> tuple[int, np.ndarray]:
    """(frames, beep - flash of every mark in seconds); a mark without its partner within a second is NaN."""
    count, seen = flashes(path)
    heard = np.array(beeps(path) or [np.inf])
    nearest = [heard[np.abs(heard - time).argmin()] - time for time in seen]
    return count, np.array([offset if abs(offset) < 1.0 else np.nan for offset in nearest])


def run(command: list[str]) -> tuple[str, np.ndarray, float]:
    """(what a command printed, MiB of memory it held in every second, seconds it took)."""
    started, memory = time.monotonic(), []
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text()
            found = re.search(r"VmRSS:\s+(\d+)", status)
            memory.append(int(found[1]) / 1024 if found else 0.0)
            time.sleep(1.0)
        log.seek(0)
        printed = log.read()
    if process.returncode:
        raise SystemExit(printed)
    return printed, np.array(memory), time.monotonic() - started


def draw(path: Path, memory: np.ndarray) -> None:
    """Memory over time."""
    from vfgan.figures.plots import new_figure, save_figure

    figure, axes = new_figure(7, 3, 1, 1)
    axes[0, 0].plot(np.arange(len(memory)) / 60, memory)
    axes[0, 0].set_xlabel("minutes")
    axes[0, 0].set_ylabel("MiB")
    axes[0, 0].set_ylim(0)
    save_figure(figure, path)


def main() -> None:
    """Makes the footage, runs the command, prints what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path, help="a video with a face and its voice")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--model", default="vfgan")
    parser.add_argument("--figure", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        footage, out = Path(folder) / "footage.mp4", Path(folder) / "out.mp4"
        make_footage(footage, args.clip, args.minutes * 60, fps=args.fps)
        options = ["--length", "footage", "--no-face", "hold", "--model", args.model]
        command = [sys.executable, "-m", "pipelines.cli", "generate", "--voice", footage, "--face", footage]
        printed, memory, seconds = run([*map(str, command), "--out", str(out), *options])
        before, after = probe_video(footage), probe_video(out)
        (frames_in, offset_in), (frames_out, offset_out) = sync(footage), sync(out)
    print(printed)
    print(f"{args.minutes:g} minutes at {before.width}x{before.height} in {seconds / 60:.1f} minutes")
    print(f"frames {frames_in} -> {frames_out}; frames/s {before.fps} -> {after.fps}")
    print(f"upright size {before.width}x{before.height} -> {after.width}x{after.height}")
    for name, offset in (("footage", offset_in), ("result", offset_out)):
        third = [f"{1000 * part.mean():.1f}" for part in np.array_split(offset, 3)]
        print(f"beep - flash, {name}: {', '.join(third)} ms at begin, middle, end; {len(offset)} marks", end="; ")
        print(f"{1000 * np.abs(offset - offset.mean()).max():.1f} ms from their mean at most")
    quarter = [part.mean() for part in np.array_split(memory[len(memory) // 10 :], 4)]
    print("memory, MiB, in four quarters:", ", ".join(f"{mean:.0f}" for mean in quarter), f"; most {memory.max():.0f}")
    if args.figure:
        draw(args.figure, memory)


if __name__ == "__main__":
    main()
