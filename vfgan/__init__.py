"""vfgan reads the emotion in a voice and shows it on a face."""

__version__ = "0.1.0"
