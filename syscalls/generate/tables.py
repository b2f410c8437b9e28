# SPDX-License-Identifier: GPL-2.0-or-later
"""Readers of the tables in syscalls/: every generator sees them through these, and so refuses the same mistakes."""
import os
import re
import sys


class TableError(Exception):
    def __init__(self, path, line, text):
        super().__init__(f"{os.path.basename(path)}:{line}: {text}")


def read_lines(path):
    """(number, text) of the lines that say something; comments begin with # and run to the end of the line."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            text = line.split("#", 1)[0].rstrip()
            if text.strip():
                yield number, text


# ---- abis.table ----

class Abi:
    def __init__(self, name, bits, order, align, machine, numbers, pairs, clone):
        self.name, self.bits, self.big = name, int(bits), order == "big"
        self.align, self.machine, self.numbers, self.pairs, self.clone = int(align), machine, numbers, pairs, clone


def read_abis(path):
    abis = []
    for number, text in read_lines(path):
        words = text.split()
        if len(words) != 8:
            raise TableError(path, number, "an ABI has eight columns")
        if words[1] not in ("32", "64") or words[2] not in ("little", "big") or words[3] not in ("4", "8"):
            raise TableError(path, number, "bits are 32 or 64, order little or big, alignment 4 or 8")
        if words[6] not in ("any", "even") or words[7] not in ("fourth", "fifth"):
            raise TableError(path, number, "pairs are any or even, clone is fourth or fifth")
        if any(abi.name == words[0] for abi in abis):
            raise TableError(path, number, f"{words[0]} is there twice")
        abis.append(Abi(*words))
    return abis


def find_abi(abis, name):
    for abi in abis:
        if abi.name == name:
            return abi
    raise SystemExit(f"no ABI {name} in abis.table")


# ---- numbers/ ----

def read_numbers(directory, name, bits):
    """{number: call} for one architecture and word size."""
    path = os.path.join(directory, name + ".table")
    numbers = {}
    for line, text in read_lines(path):
        words = text.split()
        if words[0] == "include" and len(words) == 2:
            numbers.update(read_numbers(directory, words[1], bits))
        elif words[0] == "remove" and len(words) == 2:
            found = [n for n, call in numbers.items() if call == words[1]]
            if not found:
                raise TableError(path, line, f"{words[1]} has no number that could be removed")
            for n in found:
                del numbers[n]
        elif len(words) == 3 and words[0].isdigit() and words[1] in ("both", "32", "64"):
            if words[1] not in ("both", str(bits)):
                continue
            if int(words[0]) in numbers:
                raise TableError(path, line, f"number {words[0]} is {numbers[int(words[0])]} already")
            if words[2] in numbers.values():
                raise TableError(path, line, f"{words[2]} has two numbers")
            numbers[int(words[0])] = words[2]
        else:
            raise TableError(path, line, "expected: number both|32|64 name, include name, or remove name")
    return numbers


# ---- constants/ ----

class ConstantSet:
    def __init__(self, kind, name, path, line):
        self.kind, self.name, self.path, self.line = kind, name, path, line
        self.headers, self.zero, self.values, self.overrides = [], None, {}, {}

    def values_of(self, abi_name):
        values = dict(self.values)
        for name, value in self.overrides.get(abi_name, {}).items():
            if value is None:
                values.pop(name, None)
            else:
                values[name] = value
        return values


def parse_number(text, path, line):
    try:
        if re.fullmatch(r"-?0[0-7]+", text):
            return int(text, 8)
        return int(text, 0)
    except ValueError:
        raise TableError(path, line, f"{text} is no number") from None


def add_constant(target, words, current, path, line):
    if len(words) != 2 or not re.fullmatch(r"[A-Za-z_]\w*", words[0]):
        raise TableError(path, line, "expected: NAME value")
    if words[0] in target:
        raise TableError(path, line, f"{words[0]} is there twice")
    if words[1] == "none" and target is not current.values:
        target[words[0]] = None
    else:
        target[words[0]] = parse_number(words[1], path, line)


def read_constants(directory):
    sets = {}
    for file in sorted(os.listdir(directory)):
        if not file.endswith(".table"):
            continue
        path = os.path.join(directory, file)
        current, target = None, None
        for line, text in read_lines(path):
            words = text.split()
            if words[0] in ("flags", "enum") and len(words) == 2:
                if words[1] in sets:
                    raise TableError(path, line, f"set {words[1]} is there twice")
                current = sets[words[1]] = ConstantSet(words[0], words[1], path, line)
                target = current.values
            elif current is None:
                raise TableError(path, line, "expected: flags NAME or enum NAME")
            elif words[0] == "headers":
                current.headers = words[1:]
            elif words[0] == "zero":
                mask = parse_number(words[2], path, line) if len(words) > 2 else 0xFFFFFFFFFFFFFFFF
                current.zero = (words[1], mask)
            elif words[0] == "override" and len(words) == 2:
                target = current.overrides.setdefault(words[1], {})
            else:
                add_constant(target, words, current, path, line)
    return sets


# ---- layouts/ ----

SCALARS = {"s8": (1, True), "u8": (1, False), "s16": (2, True), "u16": (2, False), "s32": (4, True), "u32": (4, False),
           "s64": (8, True), "u64": (8, False), "long": (0, True), "ulong": (0, False), "pointer": (0, False)}
FORMATS = ("dec", "hex", "oct", "hide")


class Field:
    def __init__(self, type_name, name, count, form, proof, line):
        self.type, self.name, self.count, self.form, self.proof, self.line = type_name, name, count, form, proof, line


class Variant:
    def __init__(self):
        self.packed, self.items = False, []  # items: Field or "union"


class Struct:
    def __init__(self, name, path, line):
        self.name, self.path, self.line, self.proof = name, path, line, None
        self.generic, self.variants = Variant(), {}

    def variant_of(self, abi_name):
        return self.variants.get(abi_name, self.generic)


def parse_field(words, path, line):
    match = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", words[1]) if len(words) > 1 else None
    if not match:
        raise TableError(path, line, "expected: type name, type name[count], then a format")
    form, proof = "dec", match.group(1) != "_"
    for word in words[2:]:
        if word == "noproof":
            proof = False
        elif word in FORMATS or re.fullmatch(r"(flags|enum):\w+", word):
            form = word
        else:
            raise TableError(path, line, f"unknown format {word}")
    return Field(words[0], match.group(1), int(match.group(2) or 0), form, proof, line)


def read_layouts(directory):
    structs = {}
    for file in sorted(os.listdir(directory)):
        if not file.endswith(".layout"):
            continue
        path = os.path.join(directory, file)
        current, variant = None, None
        for line, text in read_lines(path):
            words = text.split()
            if words[0] == "struct" and len(words) == 2 and not text.startswith(" "):
                if words[1] in structs:
                    raise TableError(path, line, f"struct {words[1]} is there twice")
                current = structs[words[1]] = Struct(words[1], path, line)
                variant = current.generic
            elif current is None:
                raise TableError(path, line, "expected: struct NAME")
            elif words[0] == "proof" and words[-1].startswith("<"):
                current.proof = (" ".join(words[1:-1]), words[-1])
            elif words[0] == "variant":
                for name in words[1:]:
                    variant = current.variants[name] = Variant()
            elif words == ["packed"]:
                variant.packed = True
            elif words == ["union"]:
                variant.items.append("union")
            else:
                variant.items.append(parse_field(words, path, line))
    for struct in structs.values():
        for variant in [struct.generic, *struct.variants.values()]:
            names = [item.name for item in variant.items if item != "union" and item.name != "_"]
            for name in names:
                if names.count(name) > 1:
                    raise TableError(struct.path, struct.line, f"struct {struct.name}: field {name} is there twice")
            for item in variant.items:
                if item != "union" and item.type not in SCALARS and item.type not in structs:
                    raise TableError(struct.path, item.line, f"unknown type {item.type}")
    return structs


class Placed:
    """A field at its place: offset and size of one element; type is a scalar's name or a struct's."""

    def __init__(self, field, offset, size, signed):
        self.field, self.offset, self.size, self.signed = field, offset, size, signed


def place_fields(structs, name, abi, seen=()):
    """(fields in order, size, alignment) of a struct under an ABI."""
    struct = structs[name]
    if name in seen:
        raise TableError(struct.path, struct.line, f"struct {name} contains itself")
    variant = struct.variant_of(abi.name)
    offset, alignment, placed, word = 0, 1, [], abi.bits // 8
    for item in variant.items:
        if item == "union":
            offset = -(-offset // word) * word
            alignment = max(alignment, word)
            continue
        if item.type in SCALARS:
            size, signed = SCALARS[item.type]
            size = size or word
            align = min(size, abi.align) if size == 8 else size
        else:
            _, size, align = place_fields(structs, item.type, abi, seen + (name,))
            signed = False
        align = 1 if variant.packed else align
        offset = -(-offset // align) * align
        placed.append(Placed(item, offset, size, signed))
        offset += size * max(item.count, 1)
        alignment = max(alignment, align)
    return placed, -(-offset // alignment) * alignment, alignment


def flatten(structs, name, abi, prefix="", base=0):
    """{path: (offset, size, signed)} of all scalars but padding, arrays element by element."""
    scalars = {}
    for place in place_fields(structs, name, abi)[0]:
        if place.field.name == "_":
            continue
        for index in range(max(place.field.count, 1)):
            path = prefix + place.field.name + (f"[{index}]" if place.field.count else "")
            offset = base + place.offset + index * place.size
            if place.field.type in SCALARS:
                scalars[path] = (offset, place.size, place.signed)
            else:
                scalars.update(flatten(structs, place.field.type, abi, path + ".", offset))
    return scalars


# ---- argument_kinds.def and calls.def ----

def read_kinds(path):
    """{name: (index, parameter)} in the file's order."""
    kinds = {}
    with open(path, encoding="utf-8") as file:
        for match in re.finditer(r"^KIND\((\w+), (\w+), (\w+), (\w+)\)$", file.read(), re.M):
            if match.group(1) in kinds:
                raise TableError(path, 0, f"kind {match.group(1)} is there twice")
            if match.group(4) not in ("NONE", "SET", "LAYOUT", "INDEX"):
                raise TableError(path, 0, f"kind {match.group(1)}: unknown parameter {match.group(4)}")
            kinds[match.group(1)] = (len(kinds), match.group(4))
    return kinds


class Argument:
    def __init__(self, kind, optional, parameter):
        self.kind, self.optional, self.parameter = kind, optional, parameter


class Call:
    def __init__(self, name, handler, host_name, arguments, returns, status, reason, error):
        self.name, self.handler, self.host_name, self.arguments = name, handler, host_name, arguments
        self.returns, self.status, self.reason, self.error = returns, status, reason, error


RETURN_KINDS = ("int", "uint", "long", "fd", "pid", "uid", "mode", "signal", "address", "never", "replaced")
CALL_ROW = re.compile(r'CALL\((\w+), (\w+)(?:\((\w+)\))?, ARGS\((.*)\), RETURNS\((\w+)\), '
                      r'(FULL|PARTIAL\("([^"]+)"\)|MISSING\("([^"]+)"(?:, (\w+))?\))\)')
ARGUMENT = re.compile(r"(\w+)(\?)?(?:\((\w+)\))?(\?)?")


def parse_argument(text, tables, path, line):
    kinds, sets, structs = tables
    match = ARGUMENT.fullmatch(text.strip())
    if not match or match.group(1) not in kinds:
        raise TableError(path, line, f"unknown argument kind {text.strip()}")
    parameter, wanted = match.group(3), kinds[match.group(1)][1]
    if (parameter is None) != (wanted == "NONE"):
        raise TableError(path, line, f"kind {match.group(1)} takes {'no' if wanted == 'NONE' else 'a'} parameter")
    if wanted == "SET" and parameter not in sets:
        raise TableError(path, line, f"no set of constants is named {parameter}")
    if wanted == "LAYOUT" and parameter not in structs:
        raise TableError(path, line, f"no layout is named {parameter}")
    return Argument(match.group(1), bool(match.group(2) or match.group(4)), parameter)


def parse_call(text, tables, path, line):
    match = CALL_ROW.fullmatch(text)
    if not match:
        raise TableError(path, line, "expected: CALL(name, handler, ARGS(...), RETURNS(kind), FULL|PARTIAL(why)|MISSING(why))")
    name, handler, host_name = match.group(1), match.group(2), match.group(3) or match.group(1)
    listed = match.group(4)
    arguments = [parse_argument(word, tables, path, line) for word in listed.split(",")] if listed else []
    if len(arguments) > 6:
        raise TableError(path, line, f"{name} has more than six arguments")
    for argument in arguments:
        if tables[0][argument.kind][1] == "INDEX":
            if not argument.parameter.isdigit() or int(argument.parameter) >= len(arguments):
                raise TableError(path, line, f"{name}: {argument.kind} names an argument that is not there")
    if match.group(5) not in RETURN_KINDS:
        raise TableError(path, line, f"{name}: unknown kind of result {match.group(5)}")
    status = match.group(6).split("(")[0]
    if (handler == "none") != (status == "MISSING"):
        raise TableError(path, line, f"{name}: MISSING and the handler none belong together")
    return Call(name, handler, host_name, arguments, match.group(5), status, match.group(7) or match.group(8), match.group(9))


def read_calls(path, tables):
    calls, previous = {}, ""
    with open(path, encoding="utf-8") as file:
        for line, text in enumerate(file, 1):
            text = text.rstrip()
            if text.startswith("/* ----"):
                previous = ""
            if not text.startswith("CALL("):
                continue
            call = parse_call(text, tables, path, line)
            if call.name in calls:
                raise TableError(path, line, f"{call.name} is there twice")
            if call.name.lstrip("_") < previous:
                raise TableError(path, line, f"{call.name} is not in its place: sections are sorted by name")
            previous = call.name.lstrip("_")
            calls[call.name] = call
    return calls


class Tables:
    """All tables of a directory that looks like syscalls/, read and checked against each other."""

    def __init__(self, directory, more_abis=None):
        def place(name):
            return os.path.join(directory, name)
        self.abis = read_abis(place("abis.table")) + (read_abis(more_abis) if more_abis else [])
        self.constants = read_constants(place("constants"))
        self.layouts = read_layouts(place("layouts"))
        self.kinds = read_kinds(place("argument_kinds.def"))
        self.calls = read_calls(place("calls.def"), (self.kinds, self.constants, self.layouts))
        self.numbers = {abi.name: read_numbers(place("numbers"), abi.numbers, abi.bits) for abi in self.abis}
        self.check(place("numbers"))

    def check(self, numbers_path):
        names = {abi.name for abi in self.abis}
        for abi in self.abis:
            for number, call in self.numbers[abi.name].items():
                if call not in self.calls:
                    raise TableError(numbers_path, 0, f"{abi.name}: number {number} is {call}, which calls.def lacks")
        for struct in self.layouts.values():
            for variant in struct.variants:
                if variant not in names:
                    raise TableError(struct.path, struct.line, f"struct {struct.name}: no ABI is named {variant}")
            for abi in self.abis:
                place_fields(self.layouts, struct.name, abi)
            for variant in [struct.generic, *struct.variants.values()]:
                for item in variant.items:
                    if item != "union" and ":" in item.form and item.form.split(":")[1] not in self.constants:
                        raise TableError(struct.path, item.line, f"no set of constants is named {item.form.split(':')[1]}")
        for constants in self.constants.values():
            for override in constants.overrides:
                if override not in names:
                    raise TableError(constants.path, constants.line, f"{constants.name}: no ABI is named {override}")


def run_generator(generate):
    """Command line of all generators: DIRECTORY HOST_ABI OUTPUT.h OUTPUT.c [MORE_ABIS], the last for tests"""
    directory, host, header, source = sys.argv[1:5]
    try:
        tables = Tables(directory, *sys.argv[5:])
        texts = generate(tables, find_abi(tables.abis, host), os.path.basename(header))
    except TableError as error:
        sys.exit(f"error: {error}")
    for path, text in zip((header, source), texts):
        with open(path, "w", encoding="utf-8") as file:
            file.write("/* SPDX-License-Identifier: GPL-2.0-or-later */\n/* Generated; do not edit. */\n" + text)
