"""Folds of actors, for the commands that train and test by actor."""

from tests.fixtures.folds import data, finished

__all__ = ["data", "finished"]
