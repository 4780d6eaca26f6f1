"""Rewrite a published ONNX file into the one that Pixora loads, as its manifest's [prepare] table says.

usage: prepare_model.py ORIGINAL PREPARED JSON     (JSON: the [prepare] table)

Runs with the packages of tools/requirements.txt. The bytes written depend on the input alone, so that
the manifest can pin them. Ends with status 1 when the prepared network answers anything else than the
original.
"""

import json
import sys

import numpy
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

TOLERANCE = 1e-5  # of the largest output value; float32 rounding of a rewritten PRelu stays below
# A weight this small changes no output of float32, but a denormal one (below 1.2e-38, or a product of two
# small ones) makes a multiplication many times slower on common CPUs.
NEGLIGIBLE = 1e-12


def strip_initializers_from_inputs(graph):
    """Weights that are also graph inputs may be replaced by a caller, so a runtime cannot fold them."""
    weights = {tensor.name for tensor in graph.initializer}
    kept = [value for value in graph.input if value.name not in weights]
    del graph.input[:]
    graph.input.extend(kept)


def zero_negligible_weights(graph):
    """Sets weights below NEGLIGIBLE to zero and returns how many there were."""
    zeroed = 0
    for tensor in graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT:
            continue
        weights = numpy_helper.to_array(tensor)
        negligible = (numpy.abs(weights) < NEGLIGIBLE) & (weights != 0)
        if negligible.any():
            zeroed += int(negligible.sum())
            tensor.CopyFrom(numpy_helper.from_array(numpy.where(negligible, numpy.float32(0), weights), tensor.name))
    return zeroed


def set_shape(value, shape):
    """A number fixes a dimension, a name leaves it open, None forgets what the file declared."""
    for declared, wanted in zip(value.type.tensor_type.shape.dim, shape):
        declared.Clear()
        if isinstance(wanted, int):
            declared.dim_value = wanted
        elif wanted is not None:
            declared.dim_param = wanted


def open_batch_of_reshapes(graph):
    """A Reshape to [1, …] pins the batch to one; 0 copies the dimension that comes in."""
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Reshape" and node.input[1] in weights:
            tensor = weights[node.input[1]]
            target = numpy_helper.to_array(tensor).copy()
            if target[0] == 1:
                target[0] = 0
                tensor.CopyFrom(numpy_helper.from_array(target, tensor.name))


def rewrite_prelu(graph):
    """PRelu(x) = a·x + (1 − a)·Relu(x), spelt with operators that every CPU kernel vectorises."""
    weights = {tensor.name: tensor for tensor in graph.initializer}
    nodes, replaced = [], set()
    for node in graph.node:
        if node.op_type != "PRelu":
            nodes.append(node)
            continue
        x, slope = node.input
        y = node.output[0]
        a = numpy_helper.to_array(weights[slope]).astype(numpy.float32).reshape(1, -1, 1, 1)
        replaced.add(slope)
        graph.initializer.append(numpy_helper.from_array(a, y + "_a"))
        graph.initializer.append(numpy_helper.from_array(1 - a, y + "_1_minus_a"))
        nodes += [
            helper.make_node("Relu", [x], [y + "_relu"]),
            helper.make_node("Mul", [y + "_relu", y + "_1_minus_a"], [y + "_positive"]),
            helper.make_node("Mul", [x, y + "_a"], [y + "_linear"]),
            helper.make_node("Add", [y + "_positive", y + "_linear"], [y]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
    kept = [tensor for tensor in graph.initializer if tensor.name not in replaced]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def largest_difference(original, prepared, shape):
    """Both networks on the same noise, in the reference implementation: relative to the largest value."""
    # The smallest picture that a network with open sides takes; two sizes of stride fit into it.
    shape = [64 if isinstance(side, str) else side for side in shape]
    shape[0] = 1
    noise = numpy.random.default_rng(7).uniform(-1, 1, shape).astype(numpy.float32)
    name = prepared.graph.input[0].name
    before = ReferenceEvaluator(original).run(None, {name: noise})
    after = ReferenceEvaluator(prepared).run(None, {name: noise})
    return max(
        float(numpy.abs(b - a).max() / max(1.0, numpy.abs(b).max())) for b, a in zip(before, after)
    )


def main(original_path, prepared_path, recipe):
    original = onnx.load(original_path)
    prepared = onnx.load(original_path)
    graph = prepared.graph
    strip_initializers_from_inputs(graph)
    shape = recipe.get("input_shape")
    if shape is None:
        shape = [side.dim_value or side.dim_param for side in graph.input[0].type.tensor_type.shape.dim]
    else:
        set_shape(graph.input[0], shape)
        # The recorded shapes of the inner tensors follow from the old input, and no longer hold.
        del graph.value_info[:]
        for output in graph.output:
            known = [None] * len(output.type.tensor_type.shape.dim)
            known[0] = shape[0]
            set_shape(output, known)
        if isinstance(shape[0], str):
            open_batch_of_reshapes(graph)
    if recipe.get("rewrite_prelu"):
        rewrite_prelu(graph)
    zeroed = zero_negligible_weights(graph)
    onnx.checker.check_model(prepared)
    difference = largest_difference(original, prepared, shape)
    if difference > TOLERANCE:
        sys.exit(f"the prepared network differs from the original by {difference:.1e}, allowed {TOLERANCE:.0e}")
    with open(prepared_path, "wb") as file:
        file.write(prepared.SerializeToString(deterministic=True))
    print(f"{zeroed} negligible weights zeroed, largest difference from the original {difference:.1e}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
