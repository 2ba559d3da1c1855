"""Builds nested dictionaries, encodes, decodes and counts the pieces of the text, over and over."""
import json
import sys


def parcel(number):
    return {"number": number, "to": f"street {number % 97}", "weight": number * 0.25, "stamps": [f"s{number % 5}", "paid"]}


def shelf(number, levels):
    if levels == 0:
        return parcel(number)
    return {f"place {i}": shelf(number * 3 + i, levels - 1) for i in range(3)}


length = 0
for i in range(int(sys.argv[1]) if len(sys.argv) > 1 else 300):
    text = json.dumps(shelf(i, 4))
    back = json.loads(text)
    pieces = {}
    for piece in text.split(", "):
        pieces[piece] = pieces.get(piece, 0) + 1
    length += len(text) + len(back) + sum(sorted(pieces.values())[-3:])
print(length)
