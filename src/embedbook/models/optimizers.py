"""Keras optimizers that move an embedding row by what its summed gradient says, however often the word occurs.

When an id occurs k times in a batch, TensorFlow hands the optimizer a gradient with k rows for that one id. The chain
rule says: add them. Keras (measured with 3.15.1) squares them one by one instead, so the second moment of Adam and its
relatives becomes Σg² where (Σg)² is meant, and the row moves |Σg| / √Σg² times too far: twice as far for an id that
occurs four times with equal gradients. Frequent words then train at a higher rate than rare ones. The classes here add
the rows up first. On other backends, and for layers whose gradient is dense, they are the optimizers of Keras.

Compile with ``jit_compile=False``: the number of distinct ids in a batch is known only when it comes, which XLA does
not always accept (Adadelta fails, measured with TensorFlow 2.21).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

__all__ = ["Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Nadam", "RMSprop", "merge_repeated_rows"]

_PACKAGE = "embedbook"


def merge_repeated_rows(gradient: Any) -> Any:
    """Add up the rows of a sparse gradient that belong to the same id.

    Parameters
    ----------
    gradient : tensorflow.IndexedSlices, or anything else
        ``gradient.indices`` (k ids, in any order, repeated or not) and ``gradient.values`` (k × d).

    Returns
    -------
    tensorflow.IndexedSlices, or `gradient` itself
        Each id once, with the sum of its rows; what is not an `IndexedSlices` is returned as it is.

    Examples
    --------
    >>> import tensorflow as tf
    >>> twice = tf.IndexedSlices(values=tf.constant([[1.0], [2.0]]), indices=tf.constant([7, 7]))
    >>> merge_repeated_rows(twice).values.numpy().tolist()
    [[3.0]]
    """
    if keras.backend.backend() != "tensorflow":
        return gradient
    import tensorflow as tf

    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    ids, position = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, position, tf.size(ids))
    return tf.IndexedSlices(values=values, indices=ids, dense_shape=gradient.dense_shape)


class _MergesRepeatedRows:
    """Put before a Keras optimizer in a class's bases, this adds up repeated rows before each step."""

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Any] | None = None) -> None:
        """Take one step; see `keras.optimizers.Optimizer.apply`."""
        super().apply([merge_repeated_rows(gradient) for gradient in grads], trainable_variables)  # type: ignore[misc]


@keras.saving.register_keras_serializable(package=_PACKAGE)
class Adam(_MergesRepeatedRows, keras.optimizers.Adam):
    """Adam (Kingma & Ba 2015, algorithm 1) with repeated rows merged; the parameters of `keras.optimizers.Adam`.

    A step also moves the rows that the batch does not name, since their means decay, so its cost is that of the whole
    matrix. On TensorFlow it is taken by one kernel for all of the arithmetic instead of one for each operation.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Move one variable; called by `apply`."""
        if keras.backend.backend() != "tensorflow" or self.amsgrad:
            super().update_step(gradient, variable, learning_rate)
            return
        import tensorflow as tf

        index = self._get_variable_index(variable)
        own = [
            each.value if isinstance(each, keras.Variable) else each
            for each in (variable, self._momentums[index], self._velocities[index])
        ]
        numbers = own[0].dtype
        step = tf.cast(self.iterations.value + 1, numbers)
        beta_1, beta_2 = (tf.constant(beta, numbers) for beta in (self.beta_1, self.beta_2))
        tf.raw_ops.ResourceApplyAdam(
            var=own[0].handle,
            m=own[1].handle,
            v=own[2].handle,
            beta1_power=beta_1**step,
            beta2_power=beta_2**step,
            lr=tf.cast(learning_rate, numbers),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.constant(self.epsilon, numbers),
            grad=tf.cast(tf.convert_to_tensor(gradient), numbers),
        )


@keras.saving.register_keras_serializable(package=_PACKAGE)
class AdamW(_MergesRepeatedRows, keras.optimizers.AdamW):
    """AdamW (Loshchilov & Hutter 2019) with repeated rows merged; the parameters of `keras.optimizers.AdamW`."""


@keras.saving.register_keras_serializable(package=_PACKAGE)
class Nadam(_MergesRepeatedRows, keras.optimizers.Nadam):
    """Nadam (Dozat 2016) with repeated rows merged; the parameters of `keras.optimizers.Nadam`."""


@keras.saving.register_keras_serializable(package=_PACKAGE)
class RMSprop(_MergesRepeatedRows, keras.optimizers.RMSprop):
    """RMSprop (Tieleman & Hinton 2012) with repeated rows merged; the parameters of `keras.optimizers.RMSprop`."""


@keras.saving.register_keras_serializable(package=_PACKAGE)
class Adagrad(_MergesRepeatedRows, keras.optimizers.Adagrad):
    """Adagrad (Duchi et al. 2011) with repeated rows merged; the parameters of `keras.optimizers.Adagrad`."""


@keras.saving.register_keras_serializable(package=_PACKAGE)
class Adadelta(_MergesRepeatedRows, keras.optimizers.Adadelta):
    """Adadelta (Zeiler 2012) with repeated rows merged; the parameters of `keras.optimizers.Adadelta`."""


@keras.saving.register_keras_serializable(package=_PACKAGE)
class Adafactor(_MergesRepeatedRows, keras.optimizers.Adafactor):
    """Adafactor (Shazeer & Stern 2018) with repeated rows merged; the parameters of `keras.optimizers.Adafactor`."""
