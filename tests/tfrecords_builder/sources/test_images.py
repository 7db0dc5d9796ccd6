"""Pictures in folders named after emotions."""

from tfrecords_builder.inputs import gather_clips
from vfgan.emotions import EMOTIONS


def test_pictures_in_folders_named_after_emotions(corpus_of):
    folder = corpus_of(
        {
            "fear/sub/a.JPG": b"", "Happy/b.png": b"", "neutral/b.webp": b"", "smiling/b.jpeg": b"", "other/c.jpg": b"",
            "sad/notes.txt": b"", "d.jpg": b"",
        }, "fer",
    )  # fmt: skip
    clips = gather_clips([f"images:{folder}"])
    assert [(clip.clip_id, EMOTIONS[clip.emotion], clip.actor, clip.modality) for clip in clips] == [
        ("fer/Happy/b", "happy", "", "image"),
        ("fer/fear/sub/a", "fearful", "", "image"),
        ("fer/neutral/b", "neutral", "", "image"),
        ("fer/smiling/b", "happy", "", "image"),
    ]
    people = gather_clips([f"people:{folder}"])
    assert [clip.actor for clip in people] == ["b", "a", "b", "b"]
