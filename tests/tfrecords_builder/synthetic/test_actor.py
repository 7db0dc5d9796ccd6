"""Synthetic people: always the same, and each another."""

from tfrecords_builder.synthetic.actor import draw_actor


def test_an_actor_is_always_the_same():
    assert draw_actor(3, 5) == draw_actor(3, 5)
    assert draw_actor(3, 5) != draw_actor(4, 5)


def test_actors_differ_in_face_and_voice():
    looks, voices = zip(*((actor.look, actor.voice) for actor in (draw_actor(1, number) for number in range(1, 9))))
    assert all(a != b for i, a in enumerate(looks) for b in looks[:i])
    assert all(a != b for i, a in enumerate(voices) for b in voices[:i])


def test_odd_numbers_are_men():
    assert [draw_actor(1, number).look.male for number in (1, 2, 3, 4)] == [True, False, True, False]
