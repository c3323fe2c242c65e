"""An ONNX graph while it is written: its nodes and constants, as they come.

Operators: https://onnx.ai/onnx/operators.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

MAX = np.iinfo("int64").max  # where a slice ends that has no end


class Graph:
    """Nodes and constants. A tensor is known by its name.

    Args:
        weights: type of the numbers in matrices of weights: "float16": they are made float32 when the file is loaded;
            "int8": they are float32 until they are quantized.
    """

    def __init__(self, weights: str = "float32"):
        self.weights = weights
        self.nodes: list[NodeProto] = []
        self._constants: dict[Any, TensorProto] = {}

    @property
    def constants(self) -> list[TensorProto]:
        """The arrays that nodes read."""
        return list(self._constants.values())

    def constant(self, value: Any, dtype: str | None = None, shared: bool = True) -> str:
        """Name of an array; of equal ones that are shared there is one."""
        array = np.asarray(value, dtype)
        key = (array.dtype, array.shape, array.tobytes()) if shared else len(self._constants)
        if key not in self._constants:
            self._constants[key] = numpy_helper.from_array(array, f"constant_{len(self._constants)}")
        return self._constants[key].name

    def integers(self, *values: int) -> str:
        """Name of an array of int64, as operators take axes, shapes and places."""
        return self.constant(values, "int64")

    def weight(self, value: Any, shared: bool = True) -> str:
        """Name of a layer's weight, float32 or kept in float16. Vectors are few numbers, and stay as they are."""
        array = keras.ops.convert_to_numpy(value)
        if self.weights != "float16" or array.ndim < 2:
            return self.constant(array, shared=shared)
        return self.add("Cast", self.constant(array, "float16"), to=TensorProto.FLOAT)

    def operand(self, value: Any, dtype: str) -> str:
        """Name of what an operation reads: a tensor, which has one; a weight; or numbers."""
        if isinstance(value, str):
            return value
        return self.weight(value) if isinstance(value, keras.Variable) else self.constant(value, dtype)

    def add(self, operator: str, *inputs: str, output: str | None = None, outputs: int = 1, **attributes: Any) -> Any:
        """Name of the output of a new node, or the names of `outputs` of them."""
        prefix = f"{operator}_{len(self.nodes)}"
        names = [output or f"{prefix}_{place}" for place in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, name=prefix, **attributes))
        return names[0] if outputs == 1 else names

    def filled(self, shape: str, value: float, dtype: str) -> str:
        """Name of a tensor of one value; the shape is the name of one."""
        return self.add("ConstantOfShape", shape, value=numpy_helper.from_array(np.array([value], dtype)))
