"""Progress without a terminal: a line a minute."""

from pipelines.console import LINE, Bar, scores_text


def test_the_search_for_near_duplicates_is_counted_by_itself(capsys):
    with Bar("build") as bar:
        bar.update(8, 8, "pictures compared", title="near-duplicates")
        bar.update(1, 4)
        bar.update(4, 4, "clips")
    assert [line.partition(",")[0] for line in capsys.readouterr().out.splitlines()] == [
        "near-duplicates: 8 of 8",
        "build: 4 of 4",
    ]


def test_a_line_of_the_cyclegan_has_what_a_person_watches():
    scores = {
        "d_y": 1.2,
        "agreement": 0.61234,
        "agreement_error": 0.02,
        "identity": 0.9,
        "frechet": 3.0,
        "monitor": 0.5,
    }
    assert scores_text(scores) == "emotion seen 0.61, likeness 0.90"
    assert scores_text({"loss": 1.0, "accuracy": 0.5, "validation_uar_a": 0.7, "validation_uar_b": 0.1}) == (
        "recognised 0.50, validation people 0.70"
    )


def test_a_progress_line_is_short(capsys):
    with Bar("CycleGAN") as bar:
        bar.update(1, 2)
        bar.update(2, 2, "x" * 200)
    assert [len(line) for line in capsys.readouterr().out.splitlines()] == [LINE]
