"""Who is in training, validation and test."""

import dataclasses
import itertools

import pytest

from tfrecords_builder.clip import Clip
from tfrecords_builder.splits import SPLITS, assign_splits
from vfgan.config.data import BuildConfig
from vfgan.errors import ConfigError


def clips_of(actors, corpus="ravdess", takes=3):
    return [
        Clip(corpus=corpus, key=f"{actor or 'x'}-{emotion}-{take}", emotion=emotion, actor=actor)
        for actor, emotion, take in itertools.product(actors, range(8), range(takes))
    ]


def actors_by_split(clips, split_of):
    return {name: {clip.actor for clip in clips if split_of[clip.clip_id] == name} for name in SPLITS}


@pytest.mark.parametrize("count", [3, 4, 10, 24])
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_actors_are_on_one_side_only(count, seed):
    clips = clips_of([f"{number:02d}" for number in range(1, count + 1)])
    split_of, basis = assign_splits(clips, BuildConfig(split_seed=seed))
    assert basis == {"ravdess": "actor"}
    assert set(split_of) == {clip.clip_id for clip in clips}
    sides = actors_by_split(clips, split_of)
    assert sum(len(side) for side in sides.values()) == count
    assert len(sides["test"]) == max(1, round(0.2 * count))
    assert len(sides["validation"]) == max(1, round(0.1 * count))


def test_the_last_actors_are_held_out_and_a_seed_draws_others():
    clips = clips_of([f"{number:02d}" for number in range(1, 21)])
    sides = actors_by_split(clips, assign_splits(clips, BuildConfig())[0])
    assert sides["test"] == {"17", "18", "19", "20"}
    assert sides["validation"] == {"15", "16"}
    drawn = [actors_by_split(clips, assign_splits(clips, BuildConfig(split_seed=s))[0])["test"] for s in (1, 1, 2)]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
    assert drawn[0] != sides["test"]


def test_named_actors_are_exactly_the_test():
    clips = clips_of([f"{number:02d}" for number in range(1, 11)])
    config = BuildConfig(test_actors=("03", "07"), validation_actors=("10",))
    sides = actors_by_split(clips, assign_splits(clips, config)[0])
    assert sides["test"] == {"03", "07"}
    assert sides["validation"] == {"10"}
    only_test = actors_by_split(clips, assign_splits(clips, BuildConfig(test_actors=("10",)))[0])
    assert only_test["test"] == {"10"}
    assert only_test["validation"] == {"09"}


def test_the_same_name_in_two_corpora_is_two_people():
    clips = clips_of(["01", "02", "03", "04"]) + clips_of(["01", "02", "03", "04"], corpus="savee")

    def sides(**config):
        split_of, _ = assign_splits(clips, BuildConfig(validation=0.0, test=0.0, **config))
        return sorted({clip.corpus + "/" + clip.actor for clip in clips if split_of[clip.clip_id] == "test"})

    assert sides(test_actors=("savee/02",)) == ["savee/02"]
    assert sides(test_actors=("02",)) == ["ravdess/02", "savee/02"]
    with pytest.raises(ConfigError, match="nemo/02 are not in the inputs, which have 01, 02, 03, 04"):
        sides(test_actors=("nemo/02",))


@pytest.mark.parametrize("corpus", ["ravdess", "cremad", "mead", "savee", "nemo", "people", "footage"])
def test_no_speaker_of_any_corpus_is_on_two_sides(corpus):
    clips = clips_of([f"P{number}" for number in range(9)], corpus=corpus)
    clips += [dataclasses.replace(clip, key=f"song-{clip.key}", channel="song") for clip in clips]
    split_of, _ = assign_splits(clips, BuildConfig(split_seed=3))
    sides = actors_by_split(clips, split_of)
    assert all(sides.values())
    assert sum(len(side) for side in sides.values()) == 9


def test_shares_of_nothing_leave_everything_in_training():
    clips = clips_of(["01", "02", "03"])
    assert set(assign_splits(clips, BuildConfig(test=0.0, validation=0.0))[0].values()) == {"train"}


@pytest.mark.parametrize("actors", [["01"], ["01", "02"], [""], ["", "01", "02", "03"]])
def test_few_or_nameless_people_are_divided_by_recording(actors):
    clips = clips_of(actors, takes=10)
    split_of, basis = assign_splits(clips, BuildConfig())
    assert basis == {"ravdess": "recording"}
    for emotion in range(8):
        mine = [split_of[clip.clip_id] for clip in clips if clip.emotion == emotion]
        assert mine.count("test") == 2 * len(actors)
        assert mine.count("validation") == len(actors)
    assert split_of == assign_splits(clips[::-1], BuildConfig())[0]
    assert split_of != assign_splits(clips, BuildConfig(split_seed=5))[0]


@pytest.mark.parametrize("seed", [None, 3])
def test_repetitions_of_a_sentence_are_on_one_side(seed):
    clips = [
        Clip(corpus="one", key=f"{e}-{i}-{s}-{r}", emotion=e, actor="01", intensity=i, statement=s, repetition=r)
        for e, i, s, r in itertools.product(range(3), (1, 2), (1, 2), (1, 2))
        if e or i == 1
    ]
    split_of, _ = assign_splits(clips, BuildConfig(split_seed=seed))
    for clip in clips:
        twin = dataclasses.replace(clip, key=f"{clip.key[:-1]}{3 - clip.repetition}")
        assert split_of[clip.clip_id] == split_of[twin.clip_id]
    for emotion, wanted in ((0, [2, 0, 2]), (1, [4, 2, 2]), (2, [4, 2, 2])):
        mine = [split_of[clip.clip_id] for clip in clips if clip.emotion == emotion]
        assert [mine.count(name) for name in SPLITS] == wanted


def test_by_recording_can_be_asked_for():
    clips = clips_of(["01", "02", "03", "04"], takes=5)
    split_of, basis = assign_splits(clips, BuildConfig(split="recording"))
    assert basis == {"ravdess": "recording"}
    assert any(len({split_of[c.clip_id] for c in clips if c.actor == actor}) > 1 for actor in ("01", "02"))


def test_each_corpus_is_divided_by_itself():
    clips = clips_of(["01", "02", "03"]) + clips_of([""], corpus="fer2013", takes=10)
    split_of, basis = assign_splits(clips, BuildConfig(test_actors=("01",)))
    assert basis == {"ravdess": "actor", "fer2013": "recording"}
    assert actors_by_split([clip for clip in clips if clip.corpus == "ravdess"], split_of)["test"] == {"01"}
    assert {split_of[clip.clip_id] for clip in clips if clip.corpus == "fer2013"} == set(SPLITS)


def test_splits_that_cannot_be_made_are_refused():
    two = clips_of(["01", "02"])
    with pytest.raises(ConfigError, match=r"--split actor: ravdess has 2 named actors, expected at least 3"):
        assign_splits(two, BuildConfig(split="actor"))
    with pytest.raises(ConfigError, match=r"actors 24, 99 are not in the inputs, which have 01, 02"):
        assign_splits(two, BuildConfig(test_actors=("99", "01"), validation_actors=("24",)))


@pytest.mark.parametrize("split", ["auto", "recording"])
def test_named_actors_are_never_silently_ignored(split):
    config = BuildConfig(split=split, test_actors=("02",))
    clips = clips_of(["01", "02"] if split == "auto" else ["01", "02", "03"])
    with pytest.raises(ConfigError, match=r"actors 02 are named for test or validation, but ravdess is split by rec"):
        assign_splits(clips, config)
    assign_splits(clips, dataclasses.replace(config, test_actors=()))


@pytest.mark.parametrize("seed", [None, 3])
@pytest.mark.parametrize(("actors", "folds"), [(24, 5), (20, 4), (6, 6), (5, 2)])
def test_every_actor_is_in_the_test_of_one_fold(actors, folds, seed):
    clips = clips_of([f"{number:02d}" for number in range(1, actors + 1)], takes=1)
    seen = []
    for fold in range(folds):
        config = BuildConfig(folds=folds, fold=fold, split_seed=seed)
        sides = actors_by_split(clips, assign_splits(clips, config)[0])
        assert len(sides["test"]) in (actors // folds, actors // folds + 1)
        assert len(sides["validation"]) == max(1, round(0.1 * actors))
        assert sum(map(len, sides.values())) == actors
        seen += sides["test"]
    assert sorted(seen) == sorted({clip.actor for clip in clips})


def test_one_actor_out_leaves_out_each_in_turn():
    clips = clips_of(["01", "02", "03", "04"], takes=1)
    for fold, actor in enumerate(["01", "02", "03", "04"]):
        config = BuildConfig(split="one-actor-out", fold=fold)
        sides = actors_by_split(clips, assign_splits(clips, config)[0])
        assert sides["test"] == {actor}
        assert sides["validation"] == {["04", "01", "02", "03"][fold]}
    with pytest.raises(ConfigError, match=r"--fold 4: ravdess has 4 actors"):
        assign_splits(clips, BuildConfig(split="one-actor-out", fold=4))
    with pytest.raises(ConfigError, match=r"--split one-actor-out: ravdess has 2 named actors"):
        assign_splits(clips_of(["01", "02"]), BuildConfig(split="one-actor-out"))
    with pytest.raises(ConfigError, match=r"--folds 5 --fold 0: ravdess has 4 actors"):
        assign_splits(clips, BuildConfig(folds=5))


def test_folds_by_recording_cover_every_clip_once():
    clips = clips_of([""], takes=11)
    tests = []
    for fold in range(3):
        split_of, _ = assign_splits(clips, BuildConfig(folds=3, fold=fold))
        tests += [clip_id for clip_id, side in split_of.items() if side == "test"]
        assert "validation" in split_of.values()
    assert sorted(tests) == sorted(clip.clip_id for clip in clips)


@pytest.mark.parametrize(
    "values",
    [{"folds": 1}, {"fold": -1}, {"folds": 3, "fold": 3}, {"fold": 1}, {"folds": 3, "split": "one-actor-out"},
     {"folds": 3, "test_actors": ("01",)}],
)  # fmt: skip
def test_folds_that_make_no_sense_are_refused(values):
    with pytest.raises(ConfigError, match="fold"):
        BuildConfig(**values)


@pytest.mark.parametrize("folds", [0, 3])
def test_near_duplicates_stay_on_one_side(folds):
    clips = clips_of([""], takes=30)
    group_of = {clip.clip_id: f"{clip.emotion}-{int(clip.key.rpartition('-')[2]) // 3}" for clip in clips}
    split_of, _ = assign_splits(clips, BuildConfig(folds=folds), lambda mine: group_of)
    sides = {}
    for clip in clips:
        sides.setdefault(group_of[clip.clip_id], set()).add(split_of[clip.clip_id])
    assert all(len(side) == 1 for side in sides.values())
    assert {side for both in sides.values() for side in both} == set(SPLITS)
    alone, _ = assign_splits(clips, BuildConfig(folds=folds))
    assert alone != split_of


def piece(file, start, end, emotion=1):
    key = f"{file}@{start:.2f}-{end:.2f}"
    return Clip(corpus="own", key=key, emotion=emotion, audio=file, start_seconds=start, end_seconds=end)


@pytest.mark.parametrize("seed", [None, 3, 4])
def test_pieces_of_a_file_are_on_one_side(seed):
    """Also where it has pieces of several emotions."""
    clips = [piece(f"{n}.wav", at, at + 2.0, 1 + at % 2) for n in range(8) for at in range(0, 12, 3)]
    split_of, basis = assign_splits(clips, BuildConfig(split_seed=seed))
    assert basis == {"own": "recording"}
    for n in range(8):
        assert len({split_of[clip.clip_id] for clip in clips if clip.audio == f"{n}.wav"}) == 1
    for emotion in (1, 2):
        assert {split_of[clip.clip_id] for clip in clips if clip.emotion == emotion} == set(SPLITS)


def test_of_one_file_pieces_that_overlap_are_on_one_side():
    overlapping = [piece("bob.wav", start, start + 1.3) for start in (0.0, 0.1, 0.2, 0.3, 1.5)]
    clips = overlapping + [piece("bob.wav", at, at + 1.0) for at in range(10, 30, 2)]
    split_of, _ = assign_splits(clips, BuildConfig(split_seed=3))
    assert len({split_of[clip.clip_id] for clip in overlapping}) == 1
    assert set(split_of.values()) == set(SPLITS)
