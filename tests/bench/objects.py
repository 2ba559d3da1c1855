"""Builds and drops trees of small objects."""
import sys


class Node:
    __slots__ = ("left", "right", "label")

    def __init__(self, depth, label):
        self.label = (label, str(label))
        self.left = Node(depth - 1, 2 * label) if depth else None
        self.right = Node(depth - 1, 2 * label + 1) if depth else None


def count(node):
    return 1 + count(node.left) + count(node.right) if node else 0


total = 0
keep = []
for i in range(int(sys.argv[1]) if len(sys.argv) > 1 else 24):
    tree = Node(14, i)
    total += count(tree)
    keep.append(tree.left.left)
    if len(keep) > 4:
        keep.pop(0)
print(total)
