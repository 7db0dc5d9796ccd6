"""One family of errors: the command line catches it, and what lacks a face is a matter of media."""

import inspect

from vfgan import errors


def test_all_errors_are_of_the_family():
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    assert len(kinds) >= 8
    assert all(issubclass(kind, errors.VfganError) for kind in kinds)
    assert issubclass(errors.NoFaceError, errors.MediaError)


def test_their_bugs_are_not_caught_with_them():
    assert not issubclass(errors.VfganError, (ValueError, OSError, RuntimeError))
