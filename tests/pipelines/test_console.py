"""Progress without a terminal: a line a minute."""

from pipelines.console import Bar


def test_the_search_for_near_duplicates_is_counted_by_itself(capsys):
    with Bar("build") as bar:
        bar.update(8, 8, "pictures compared", title="near-duplicates")
        bar.update(1, 4)
        bar.update(4, 4, "clips")
    assert [line.partition(",")[0] for line in capsys.readouterr().out.splitlines()] == [
        "near-duplicates: 8 of 8",
        "build: 4 of 4",
    ]
