# SPDX-License-Identifier: MIT
"""Why eu-addr2line says something else, address by address.

Nothing is believed because we say it: what we say has to be what .debug_info and .debug_line state,
read by brute force (witness.c), and what a second reader of DWARF says, which shares no code with
elfutils.  Then the difference has to be one of those below, each a condition on these facts.
"""

from answers import INLINED, SUBPROGRAM, UNKNOWN, Frame, plain

# What each kind of difference means.
REASONS = {
    "enclosing": "it prints DW_AT_name of a function without DW_AT_linkage_name; we put the classes, functions and "
                 "namespaces around its DIE before that",
    "elsewhere": "it knows only the .symtab symbol: the innermost DIE is a DW_TAG_inlined_subroutine whose "
                 "DW_AT_abstract_origin is in another unit",
    "below": "it knows only the .symtab symbol: the function's DIE is below one that states no code, a namespace or an "
             "abstract function",
    "symbol": "it shows the .symtab symbol (an alias, or a clone's name) of the function that .debug_info names",
    "call": "it tells a call (DW_AT_call_file, DW_AT_call_line) that no DIE with code at the address has",
    "skipped": "it leaves out a DW_TAG_inlined_subroutine that has code at the address",
    "after": "no function's DIE and no symbol has the address (padding); it goes on with calls that no DIE there has",
    "outside": "no unit's DW_AT_ranges and no symbol has the address (padding); it tells the row of .debug_line before",
    "units": "it finds no unit: that at the address is not in .debug_aranges",
    "version": "it shows the version in the symbol's name",
}

# These say that there is nothing: no second reader has to.  (binutils names the function before a gap.)
ABSENT = {"after", "outside"}


def stated(dies, place, symbol):
    """The frames that a unit's DIES (outermost first) and the PLACE of its last row make; None if they are no chain."""
    functions = [die for die in dies if die.tag in (SUBPROGRAM, INLINED)]
    for outer, inner in zip(functions, functions[1:]):
        if inner.tag == SUBPROGRAM or outer.offset not in [offset for _, offset in inner.around]:
            return None
    if not functions:
        return [Frame(symbol, *place)]
    frames = []
    for die in reversed(functions):
        frames.append(Frame(die.name if die.linkage == UNKNOWN else die.linkage, *place))
        place = die.call_file, die.call_line
    return frames


def names_it(ours, theirs, symbols):
    """Whether two names are of one function: with all that is around it, or by a symbol at the address."""
    return ours == theirs or ours.endswith("::" + theirs) or theirs in symbols


def same_but_names(ours, theirs, symbols):
    """A symbol of .symtab is a name of the function that is in the code, the last."""
    ours, theirs = plain(ours), plain(theirs)
    return len(ours) == len(theirs) and all(
        (a.file, a.line) == (b.file, b.line) and
        names_it(a.function, b.function, symbols if i == len(ours) - 1 else ())
        for i, (a, b) in enumerate(zip(ours, theirs)))


def place_of(frame):
    return frame.file, frame.line


class Case:
    """One address at which they differ."""

    def __init__(self, ours, theirs, facts, symbols, in_aranges):
        self.ours, self.theirs, self.symbols, self.in_aranges = plain(ours), plain(theirs), symbols, in_aranges
        self.rows = facts.rows
        self.all_units = facts.units()
        # Those that state what we say: a function may have been compiled into many.
        self.units = {unit: dies for unit, dies in self.all_units.items() if self.is_stated(unit, dies)}
        self.functions = [die for dies in self.units.values() for die in dies if die.tag in (SUBPROGRAM, INLINED)]
        self.calls = {place_of(frame) for frame in plain(Frame("", die.call_file, die.call_line)
                                                         for die in self.functions)}

    def is_stated(self, unit, dies):
        places = [(row.file, row.line) for row in self.rows if row.unit == unit]
        frames = stated(dies, places[-1] if places else (UNKNOWN, 0), self.ours[-1].function)
        return frames and same_but_names(self.ours, frames, ())

    def reason(self):
        """A key of REASONS, or None if nothing proves that they are wrong or that it is a convention."""
        if self.all_units and not self.units:
            return None
        if not self.functions and len(self.ours) == len(self.theirs) == 1:
            return self.no_function(self.ours[0], self.theirs[0])
        return self.symbol_only() or self.chain()

    def no_function(self, ours, theirs):
        if theirs.function.split("@")[0] != ours.function:
            return None
        if place_of(theirs) == place_of(ours):
            return "version"
        if self.all_units:
            return "units" if self.has_no_unit(theirs) else None
        rows = [place_of(frame) for frame in plain(Frame("", row.file, row.line) for row in self.rows)]
        return "outside" if not self.symbols and place_of(theirs) in rows else None

    def has_no_unit(self, theirs):
        return place_of(theirs) == (UNKNOWN, 0) and not self.in_aranges & self.all_units.keys()

    def symbol_only(self):
        """Their one frame is a symbol at our innermost place."""
        ours, theirs = self.ours[0], self.theirs[0]
        if len(self.theirs) > 1 or theirs.function not in self.symbols or not self.functions:
            return None
        if place_of(theirs) != place_of(ours):
            return "units" if self.has_no_unit(theirs) else None
        for unit, dies in self.units.items():
            here = [die.offset for die in dies]
            functions = [die for die in dies if die.tag in (SUBPROGRAM, INLINED)]
            if len(functions) == 1:
                return "symbol"
            if any(offset not in here for _, offset in functions[0].around):
                return "below"
            if functions[-1].origin_unit != unit:
                return "elsewhere"
        return None

    def chain(self):
        """Both begin at one place; then calls that are nowhere, missing frames and names are looked for."""
        ours, theirs = self.ours, self.theirs
        if place_of(theirs[0]) != place_of(ours[0]):
            return None
        if any(place_of(frame) not in self.calls for frame in theirs[1:]):
            return "call" if self.functions else None if self.symbols else "after"
        if not self.is_part(lambda a, b: place_of(a) == place_of(b)) or not self.is_part(self.same_or_bare):
            return None
        return "enclosing" if len(theirs) == len(ours) else "skipped"

    def same_or_bare(self, ours, theirs):
        bare = [die.name for die in self.functions if die.linkage == UNKNOWN]
        return ours.function == theirs.function or (theirs.function in bare and
                                                    ours.function.endswith("::" + theirs.function))

    def is_part(self, same):
        """Whether their frames are some of ours, in our order."""
        left = iter(self.ours)
        return all(any(same(ours, frame) for ours in left) for frame in self.theirs)
