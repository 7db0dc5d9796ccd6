"""The `vfgan` command, with a subcommand for each stage. Only the module of the chosen stage is imported."""

import atexit
import contextlib
import importlib
import os
import re
import signal
import sys
from typing import NoReturn

from vfgan import __version__
from vfgan.errors import VfganError

#: name -> (module, class, what it does)
COMMANDS = {
    "doctor": ("pipelines.commands.doctor", "Doctor", "check versions, devices, codecs, models, memory, write access"),
    "synthesize": ("pipelines.commands.synthesize", "Synthesize", "make the embedded corpus of talking heads"),
    "build": ("pipelines.commands.build", "Build", "turn recordings into a data set of TFRecords"),
    "inspect": ("pipelines.commands.inspect", "Inspect", "show what is in a data set, with pictures"),
    "train extractor": (
        "pipelines.commands.train_extractor",
        "TrainExtractor",
        "train the voice attribute extractor on voices",
    ),
    "train emotion-cnn": (
        "pipelines.commands.train_faces",
        "TrainEmotionCnn",
        "train the emotion CNN, which guides the generator",
    ),
    "train judge": ("pipelines.commands.train_faces", "TrainJudge", "train the judge, which only evaluates"),
    "train mouth": ("pipelines.commands.train_mouth", "TrainMouth", "train the mouth that follows the moment's sound"),
    "train gan": ("pipelines.commands.train_gan", "TrainGan", "train the voice-conditioned CycleGAN"),
    "personalise": ("pipelines.commands.personalise", "Personalise", "fine-tune a generator on footage of one person"),
    "adapt-voice": ("pipelines.commands.adapt_voice", "AdaptVoice", "let a generator hear speakers of your own"),
    "cross-validate": ("pipelines.commands.cross_validate", "CrossValidate", "measure the extractor on unseen actors"),
    "robustness": (
        "pipelines.commands.robustness",
        "Robustness",
        "measure the extractor on noise, telephone, MP3 and cuts",
    ),
    "export": ("pipelines.commands.export", "Export", "write SavedModels for generate and TF Serving"),
    "generate": ("pipelines.commands.generate", "Generate", "show a voice's emotion on a face: picture or video"),
    "serve": ("pipelines.commands.serve", "Serve", "serve SavedModels over gRPC and REST, as TF Serving does"),
    "client": ("pipelines.commands.client", "AskServer", "do what generate does, computed by a server"),
    "studio": ("pipelines.commands.studio", "OpenStudio", "serve a web page for generate and listen"),
    "listen": ("pipelines.commands.listen", "Listen", "follow the emotion in a recording over time"),
    "evaluate": ("pipelines.commands.evaluate", "Evaluate", "measure a generator: table, JSON, figure"),
    "rate": ("pipelines.commands.rate", "Rate", "serve a page on which people judge, and report their answers"),
    "figure paper": (
        "pipelines.commands.figure_paper",
        "FigurePaper",
        "draw the paper's figure: happy, sad, with and without CNN",
    ),
    "figure film": (
        "pipelines.commands.figure_film",
        "FigureFilm",
        "film people side by side, voice by voice",
    ),
    "figure intensity": (
        "pipelines.commands.figure_paper",
        "FigureIntensity",
        "draw a face over the intensity dial, 0 to 1.5",
    ),
    "compare": (
        "pipelines.commands.compare",
        "Compare",
        "train variants of the CycleGAN for the same time and compare them",
    ),
    "demo": ("pipelines.commands.demo", "Demo", "run every stage on the embedded corpus"),
}


#: Commands that start over after an interruption; they leave no unfinished file.
NOT_RESUMED = (
    "doctor",
    "inspect",
    "export",
    "generate",
    "listen",
    "evaluate",
    "serve",
    "client",
    "studio",
    "figure paper",
    "figure film",
    "figure intensity",
)


def usage() -> str:
    """The text shown without a command or with an unknown one."""
    lines = [
        f"vfgan {__version__}: reads the emotion in a voice and shows it on a face",
        "",
        "usage: vfgan COMMAND …",
        "",
    ]
    lines += [f"  {name:18} {what}" for name, (_, _, what) in COMMANDS.items()]
    return "\n".join([*lines, "", "vfgan COMMAND --help explains a command's options."])


def main(arguments: list[str] | None = None) -> int:
    """Runs one command.

    Returns:
        The exit code: 0, 2 for a mistake that the user can fix, 130 when interrupted.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):  # a console that is not UTF-8 gets a question mark, not a traceback
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("GLOG_minloglevel", "2")
    name = next((n for n in (" ".join(arguments[:2]), " ".join(arguments[:1])) if n in COMMANDS), None)
    if name is None:
        asked = not arguments or arguments[0] in ("-h", "--help", "--version")
        print(usage(), file=sys.stdout if asked else sys.stderr)
        if not asked:
            print(f"\nunknown command: {' '.join(arguments[:2])}", file=sys.stderr)
        return 0 if asked else 2
    import tyro

    arguments = [*arguments[:1], *map(as_value, arguments[1:])]
    module, cls, _ = COMMANDS[name]
    try:
        kind = getattr(importlib.import_module(module), cls)
        options = arguments[len(name.split()) :]
        beginning = {"default": kind.beginning(options)} if hasattr(kind, "beginning") else {}
        tyro.cli(kind, prog=f"vfgan {name}", args=options, **beginning).main()
    except VfganError as error:
        return _say(str(error), 2)
    except BrokenPipeError:  # the reader has closed the pipe, as in `vfgan … --help | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        if name in NOT_RESUMED:
            return _say("interrupted; nothing unfinished was left; the same command starts over", 130)
        return _say("interrupted; run the same command again to resume", 130)
    return 0


def run() -> NoReturn:
    """Runs one command as a program, and ends its process at once.

    Python would take TensorFlow's modules apart first, which takes 1.2 s. The first to register is the last that is
    called: threads have ended and others have cleaned up by then.
    """
    code = 1  # of an error that is not caught

    def end() -> None:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):  # its reader has gone, or it is closed
                stream.flush()
        os._exit(code)

    atexit.register(end)
    try:
        code = main()
    except SystemExit as ended:  # tyro's, after --help or for a wrong option
        code = int(ended.code or 0)
    sys.exit(code)


def as_value(argument: str) -> str:
    """A file's name that begins with a dash as a path that cannot be taken for an option.

    >>> as_value("-1.5"), as_value("--out"), as_value("-my voice.wav")
    ('-1.5', '--out', './-my voice.wav')
    """
    is_option = argument.startswith("--") or argument in ("-h", "-") or re.fullmatch(r"-[\d.]+(e-?\d+)?", argument)
    is_file = argument.startswith("-") and "=" not in argument and os.path.lexists(argument)
    return f"./{argument}" if is_file or (argument.startswith("-") and not is_option) else argument


def _say(message: str, code: int) -> int:
    from pipelines.console import errors

    errors.print(message, style="red" if code == 2 else "yellow", markup=False, highlight=False)
    return code


if __name__ == "__main__":
    run()
