# SPDX-License-Identifier: MIT
"""The figures that are held to something, beside what they are held to."""


def verdict(value, must, aim, more):
    if more:
        value, must, aim = -value, -must, -aim
    if value <= aim:
        return "aim met"
    return "aim missed" if must is None else "must met" if value <= must else "MUST MISSED"


def line(figure, value, digits, must, aim, said):
    bound = f"must {must:<5g}" if must is not None else " " * 10
    return f"  {figure:46}{value:9.{digits}f}   {bound} aim {aim:<5g} {said}"


class Figures:
    def __init__(self):
        self.judged = []  # in the order in which they were measured
        self.runs = {}  # every single one, by part and contender

    def judge(self, figure, part, value, must, aim, digits=3, more=False, beside="", busy=False):
        """Prints the figure of a part beside its bounds, and keeps it. `must` may be None. `more`: the bounds are lower
        ones. `busy`: the machine was, so that it says nothing."""
        said = "not judged, the machine was busy" if busy else verdict(value, must, aim, more)
        self.judged.append({"figure": figure, "part": part, "value": value, "must": must, "aim": aim, "verdict": said,
                            "digits": digits})
        print(line(figure, value, digits, must, aim, said) + beside, flush=True)

    def keep(self, part, **values):
        self.runs.setdefault(part, {}).update(values)

    def print_summary(self):
        """For each figure the part where it is worst."""
        if len(self.judged) < 2:
            return
        print("\nwhere each is worst")
        for name in dict.fromkeys(one["figure"] for one in self.judged):
            those = [one for one in self.judged if one["figure"] == name and not one["verdict"].startswith("not")]
            if not those:
                print(f"  {name:46}        -   the machine was busy")
                continue
            more = those[0]["must"] is not None and those[0]["must"] < those[0]["aim"]
            worst = (min if more else max)(those, key=lambda one: one["value"])
            print(line(name, worst["value"], worst["digits"], worst["must"], worst["aim"], worst["verdict"])
                  + f" ({worst['part']}, of {len(those)})")

    def kept(self):
        return {"figures": self.judged, "parts": self.runs}
