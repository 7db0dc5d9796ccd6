"""Fakes of earlier steps for the discriminators (Shrivastava et al., 2017), kept with their condition."""

import tensorflow as tf

#: A variable of each replica's own.
PER_REPLICA = {
    "trainable": False,
    "synchronization": tf.VariableSynchronization.ON_READ,
    "aggregation": tf.VariableAggregation.ONLY_FIRST_REPLICA,
}


class ImagePool(tf.Module):
    """Keeps `size` earlier fakes; half of what goes in comes out as an earlier one.

    Its content and its count of steps are variables, so a checkpoint holds them and a resumed run draws the same.
    Each replica has a pool of its own.

    Args:
        size: pictures kept; 0 gives back what it is given.
        face_shape: of one picture.
        z_size: numbers of the condition kept with it.
        seed: of the draws.
    """

    def __init__(self, size: int, face_shape: tuple[int, int, int], z_size: int, seed: int = 0):
        super().__init__()
        self.size, self.seed = size, seed
        if size:
            self.faces = tf.Variable(tf.zeros((size, *face_shape)), **PER_REPLICA)
            self.z = tf.Variable(tf.zeros((size, z_size)), **PER_REPLICA)
            self.steps = tf.Variable(0, dtype=tf.int64, **PER_REPLICA)
            self.filled = tf.Variable(0, dtype=tf.int32, **PER_REPLICA)

    def exchange(self, faces: tf.Tensor, z: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Puts fakes in and takes as many out.

        While there is room each is kept and given back; then each is, with probability 1/2, exchanged for one kept.

        Args:
            faces: float32 [batch, height, width, channels].
            z: float32 [batch, z_size].
        Returns:
            (faces, z) of the same shapes.
        """
        if not self.size:
            return faces, z
        count = tf.shape(faces)[0]
        place = self.filled + tf.range(count)  # where each goes while there is room
        room = place < self.size
        seeds = tf.unstack(tf.random.split(tf.stack([tf.constant(self.seed, tf.int64), self.steps]), 2))
        # a random order of the places that are filled, the others behind them: each is drawn once at most
        keys = tf.random.stateless_uniform([self.size], seeds[1])
        order = tf.argsort(keys + tf.cast(tf.range(self.size) >= self.filled, tf.float32))
        rank = tf.range(count)
        drawn = tf.gather(order, tf.minimum(rank, self.size - 1))
        swap = ~room & (tf.random.stateless_uniform([count], seeds[0]) < 0.5) & (rank < self.filled)
        slot = tf.where(room, place, drawn)
        old_faces, old_z = tf.gather(self.faces, drawn), tf.gather(self.z, drawn)
        stored = tf.where(room | swap)[:, 0]
        index = tf.gather(slot, stored)[:, None]
        self.faces.assign(tf.tensor_scatter_nd_update(self.faces, index, tf.gather(faces, stored)))
        self.z.assign(tf.tensor_scatter_nd_update(self.z, index, tf.gather(z, stored)))
        self.filled.assign(tf.minimum(self.size, self.filled + count))
        self.steps.assign_add(1)
        return tf.where(swap[:, None, None, None], old_faces, faces), tf.where(swap[:, None], old_z, z)
