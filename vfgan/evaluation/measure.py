"""The evaluation of a generator: every figure beside its baselines.

Judge: a network that was used for nothing else. Three agreements tell apart where an emotion is lost: judge with
what the extractor heard (the generator's part), heard with the voice's true emotion (the extractor's), judge with true
(both).
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from vfgan.data.face_set import Faces
from vfgan.emotions import EMOTIONS, FACE_EMOTIONS, FACE_LABEL
from vfgan.evaluation.feature_distances import frechet_distance, halves_by_recording, kernel_distance
from vfgan.evaluation.identity import same_person, shape_distance, similarity
from vfgan.evaluation.scores import balanced_mean, confusion_matrix, unweighted_average_recall

N = len(FACE_EMOTIONS)
#: Fewer faces than this have no distribution to compare.
LEAST_FACES = 8
#: Emotions that are told from faces alone best; of never-seen people they are also looked at by themselves.
FOUR = ("happy", "sad", "angry", "surprised")


@dataclasses.dataclass(frozen=True)
class PredictedVoices:
    """Utterances as a generator hears them."""

    z: np.ndarray  #: float32 [voices, z_size]
    predicted: np.ndarray  #: int [voices], 0…6: what the extractor hears
    true: np.ndarray  #: int [voices], 0…6: calm counts as neutral
    intensity: np.ndarray  #: int [voices]


def face_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Eight emotions of a voice -> the seven of a face: calm is added to neutral. float [..., 7]."""
    out = np.zeros((*probabilities.shape[:-1], N), probabilities.dtype)
    for index in range(len(EMOTIONS)):
        out[..., FACE_LABEL[index]] += probabilities[..., index]
    return out


@dataclasses.dataclass
class Measurement:
    """Figures by row (what was measured) and column; and the judge's confusions."""

    rows: dict[str, dict[str, float]]
    confusion: np.ndarray  #: int [7, 7]: voice's emotion heard (row), judge of the generated face (column)
    counts: dict[str, int]
    by_emotion: dict[str, dict[str, float]]  #: share in which the judge sees it: of faces with voices that are heard
    #: as this emotion, and of real faces that show it
    by_corpus: dict[str, dict[str, float]]  #: of the judge on real faces: accuracy, UAR, number of faces
    effect: tuple[float, float, float] | None  #: of heard right, generated minus shuffled voice; 95 % from and to


def measure(
    edit: Callable[[np.ndarray, np.ndarray], np.ndarray],
    judge: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    sources: Faces,
    real: Faces,
    voices: PredictedVoices,
    *,
    landmarks: Callable[[np.ndarray], np.ndarray] | None = None,
    sources_per_voice: int = 8,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Measurement:
    """Generates faces of held-back sources with held-back voices and compares them.

    Args:
        edit: (luma uint8 [n, size, size, 1], z [n, z_size]) -> uint8 [n, size, size, 1].
        judge: uint8 [n, size, size, 1] -> (probabilities [n, 7], features [n, features]).
        sources: faces X that were not in training.
        real: faces that show their emotion and were not in training.
        voices: of actors that neither extractor nor generator was trained on.
        landmarks: uint8 [n, size, size, 1] -> float [n, 468, 2], NaN where no face is found; for the column "shape".
        sources_per_voice: source faces drawn for each voice.
    """
    rng = np.random.default_rng(seed)
    voice = np.repeat(np.arange(len(voices.z)), sources_per_voice)
    source = rng.integers(0, len(sources), len(voice))
    made = []
    for start in range(0, len(voice), 32):
        part = slice(start, start + 32)
        made.append(edit(sources.pixels[source[part]], voices.z[voice[part]]))
        progress(min(start + 32, len(voice)), len(voice))
    made = np.concatenate(made)
    made_p, made_features = judge(made)
    input_p, input_features = judge(sources.pixels[source])
    real_p, real_features = judge(real.pixels[:])
    # another voice's face, judged by this voice's emotion: what chance agreement is worth
    other = _shuffled(voice, len(voices.z), rng)
    predicted, true = voices.predicted[voice], voices.true[voice]
    label, right = made_p.argmax(1), predicted == true
    rows = {
        "generated": _agreement(made_p, predicted, true, right) | _strength(made_p, true, voices.intensity[voice]),
        "shuffled voice": _agreement(made_p, voices.predicted[other], voices.true[other], right)
        | _strength(made_p, voices.true[other], voices.intensity[other]),
        "unchanged input": _agreement(input_p, predicted, true, right)
        | _strength(input_p, true, voices.intensity[voice]),
        "real faces": {"judge = true": unweighted_average_recall(real.emotion, real_p.argmax(1), N)}
        | _strength(real_p, real.emotion, real.intensity),
    }
    rows["generated"]["heard = true"] = unweighted_average_recall(voices.true, voices.predicted, N)
    yard = halves_by_recording(real.clip_id, real.emotion)
    sets = {
        "half": (real_features[yard[1]], real.emotion[yard[1]]),
        "real faces": (real_features[yard[0]], real.emotion[yard[0]]),
        "generated": (made_features, true),
        "unchanged input": (input_features, true),
        "shuffled voice": (made_features, voices.true[other]),
    }
    drawn = _equal_numbers(sets, rng)
    half = drawn.pop("half")
    if len(half) >= LEAST_FACES:
        for name, features in drawn.items():
            rows[name] |= {"Frechet": frechet_distance(features, half), "kernel": kernel_distance(features, half)}
    rows["generated"]["identity"] = float(similarity(made, sources.pixels[source]).mean())
    first, second = same_person(sources, real, rng)
    if len(first):
        rows["real faces"]["identity"] = float(similarity(sources.pixels[first], real.pixels[second]).mean())
    if landmarks:
        some = np.linspace(0, len(first) - 1, min(len(first), len(made))).astype(np.int64)
        looked_at, place = np.unique(np.concatenate([source, first[some]]), return_inverse=True)
        known = landmarks(sources.pixels[looked_at])[place]
        rows["generated"]["shape"] = _known_mean(shape_distance(known[: len(made)], landmarks(made)))
        rows["real faces"]["shape"] = _known_mean(
            shape_distance(known[len(made) :], landmarks(real.pixels[second[some]]))
        )
    by_emotion = {
        name: {
            "generated": float((label == e)[predicted == e].mean()),
            "real faces": float((real_p.argmax(1) == e)[real.emotion == e].mean()),
        }
        for e, name in enumerate(FACE_EMOTIONS)
        if (predicted == e).any() and (real.emotion == e).any()
    }
    effect = _effect(label, true, voices.true[other], np.where(right, voice, -1), np.random.default_rng(seed))
    counts = {"generated": len(made), "voices": len(voices.z), "sources": len(sources), "real": len(real)}
    rows = {name: {key: value for key, value in row.items() if np.isfinite(value)} for name, row in rows.items()}
    counts["compared with real"] = len(half)
    return Measurement(
        rows, confusion_matrix(predicted, label, N), counts, by_emotion, _by_corpus(real_p.argmax(1), real), effect
    )


def shares(result: Measurement) -> dict[str, float]:
    """The figures of a generator as shares of what the same measure gives for real faces, where that is not 0."""
    made, real, found = result.rows["generated"], result.rows["real faces"], result.by_emotion
    pairs = {"judge = heard / real faces": (made["judge = heard"], real["judge = true"])}
    if set(FOUR) <= set(found):
        mine, yardstick = (float(np.mean([found[name][row] for name in FOUR])) for row in ("generated", "real faces"))
        pairs[f"{', '.join(FOUR)} / real faces"] = mine, yardstick
    for column, name in (("identity", "identity / real faces"), ("Frechet", "Frechet / halves of real faces")):
        if column in made and column in real:
            pairs[name] = made[column], real[column]
    out = {name: mine / yardstick for name, (mine, yardstick) in pairs.items() if yardstick > 0}
    if result.effect:
        names = ("of heard right, matched - shuffled", "… 95 % from", "… 95 % to")
        out |= dict(zip(names, result.effect, strict=True))
    return out


def _by_corpus(label: np.ndarray, real: Faces) -> dict[str, dict[str, float]]:
    out = {}
    for name in np.unique(real.corpus):
        inside = real.corpus == name
        seen, shown = label[inside], real.emotion[inside]
        uar = unweighted_average_recall(shown, seen, N)
        out[str(name)] = {"accuracy": float((seen == shown).mean()), "UAR": uar, "faces": len(seen)}
    return out


def _effect(label, true, other, voice, rng, draws: int = 1000) -> tuple[float, float, float] | None:
    """Agreement with the voice's emotion minus that with another voice's; its interval by bootstrap over voices.

    Args:
        label, true, other: int [n], what the judge sees, the voice's emotion, the other voice's.
        voice: int [n], -1 where it does not count.
    """
    rows = [np.flatnonzero(voice == one) for one in np.unique(voice[voice >= 0])]
    if len(rows) < 2:
        return None

    def gain(chosen):
        index = np.concatenate([rows[one] for one in chosen])
        seen, a, b = label[index], true[index], other[index]
        return agreement(seen, a, a) - agreement(seen, b, b)

    again = [gain(rng.integers(0, len(rows), len(rows))) for _ in range(draws)]
    low, high = (float(np.percentile(again, percent)) for percent in (2.5, 97.5))
    return gain(range(len(rows))), low, high


def _known_mean(values: np.ndarray) -> float:
    """Without what is NaN; NaN where nothing else is there."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _shuffled(voice: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """For each entry another voice: int like `voice`."""
    return (voice + rng.integers(1, max(2, count), len(voice))) % count


def agreement(a: np.ndarray, b: np.ndarray, true: np.ndarray) -> float:
    """Share of examples in which a = b; each true emotion counts the same. With b = true it is the UAR."""
    return balanced_mean(a == b, true)[0]


def _agreement(
    probabilities: np.ndarray, predicted: np.ndarray, true: np.ndarray, right: np.ndarray
) -> dict[str, float]:
    """`right`: whether the voice that made the face is heard right."""
    label = probabilities.argmax(1)
    figures = {"judge = heard": agreement(label, predicted, true), "judge = true": agreement(label, true, true)}
    if right.any():
        figures["of heard right"] = agreement(label[right], true[right], true[right])
    return figures


def _strength(probabilities: np.ndarray, true: np.ndarray, intensity: np.ndarray) -> dict[str, float]:
    """The judge's probability of the true emotion, strong minus normal, without neutral (which has one intensity)."""
    shown = probabilities[np.arange(len(true)), true]
    emotional = true != FACE_EMOTIONS.index("neutral")
    strong, normal = shown[emotional & (intensity == 2)], shown[emotional & (intensity == 1)]
    return {"strong - normal": float(strong.mean() - normal.mean())} if len(strong) and len(normal) else {}


def _equal_numbers(sets: dict, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Of each set as many features of each emotion as the smallest set has, drawn without replacement.

    A distance between two sets depends on their sizes and on their emotions; only so can the rows be compared.

    Args:
        sets: name -> (features float [n, features], emotion int [n]).
    """
    kept: dict[str, list] = {name: [] for name in sets}
    for label in range(N):
        count = min(int((emotion == label).sum()) for _, emotion in sets.values())
        for name, (_, emotion) in sets.items():
            kept[name].append(rng.permutation(np.flatnonzero(emotion == label))[:count])
    return {name: features[np.concatenate(kept[name])] for name, (features, _) in sets.items()}
