"""Encodes and decodes one document over and over."""
import json

document = {"users": [{"id": i, "name": f"user {i}", "tags": ["a", f"t{i % 7}", None], "score": i / 3} for i in range(400)]}
length = 0
for i in range(350):
    document["users"][i % 400]["name"] = f"renamed {i}"
    text = json.dumps(document, indent=1 if i % 2 else None)
    document = json.loads(text)
    length += len(text)
print(length)
