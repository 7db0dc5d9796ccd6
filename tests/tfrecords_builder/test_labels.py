"""Names of emotions of common sets, and mapping files for others."""

import pytest

from tfrecords_builder.inputs import gather_clips
from vfgan.emotions import EMOTIONS
from vfgan.errors import ConfigError

FOLDERS = {f"{name}/a.jpg": b"" for name in ("Ekel", "fear", "7", "contempt", "other")}


def emotions(folder):
    return {clip.key.split("/")[0]: EMOTIONS[clip.emotion] for clip in gather_clips([f"images:{folder}"])}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("emotions.json", '{"ekel": "disgust", "7": "neutral", "contempt": "", "FEAR": "surprise"}'),
        ("emotions.csv", "name,emotion\nEkel,disgust\n7,neutral\ncontempt,\nfear,surprise\n"),
    ],
)
def test_mapping_files_explain_names_and_win(corpus_of, name, text):
    folder = corpus_of(FOLDERS | {name: text.encode()})
    assert emotions(folder) == {"Ekel": "disgust", "7": "neutral", "fear": "surprised"}


def test_without_one_only_known_names_count(corpus_of):
    assert emotions(corpus_of(FOLDERS)) == {"fear": "fearful"}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("emotions.json", '{"ekel": "yuck"}', r"emotions\.json: 'ekel': unknown emotion 'yuck'"),
        ("emotions.json", '["ekel"]', r"emotions\.json: expected \{\"name\": \"emotion\""),
        ("emotions.json", '{"ekel": 3}', "an emotion is not text"),
        ("emotions.json", "{", r"emotions\.json: expected"),
        ("emotions.csv", "ekel|disgust\n", "expected lines of name,emotion"),
    ],
)
def test_unusable_mapping_files_are_named(corpus_of, name, text, says):
    folder = corpus_of(FOLDERS | {name: text.encode()})
    with pytest.raises(ConfigError, match=says):
        emotions(folder)
