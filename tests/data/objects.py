"""Objects that live for different times; the output depends on nothing but the code."""
import json


class Node:
    __slots__ = ("name", "children", "weight")

    def __init__(self, name, weight):
        self.name, self.weight, self.children = name, weight, []


def tree(depth, name="r"):
    node = Node(name, depth * 1.5)
    if depth:
        node.children = [tree(depth - 1, f"{name}.{i}") for i in range(5)]
    return node


def total(node):
    return node.weight + sum(total(child) for child in node.children)


root = tree(6)
print(total(root))
texts = {}
for i in range(30000):
    texts[f"key {i}"] = [i, str(i) * 3, (i, i + 1)]
    if i % 3 == 0:
        del texts[f"key {i // 3}"]
print(len(texts))
for _ in range(3):
    copy = json.loads(json.dumps(texts))
print(sum(value[0] for value in copy.values()))
