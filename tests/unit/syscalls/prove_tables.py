# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of syscalls/ against compilers and kernel headers.

    prove_tables.py stored SYSCALLS_DIRECTORY EXPECTED_DIRECTORY    layouts against recorded compiler results
    prove_tables.py record SYSCALLS_DIRECTORY ABI COMPILER          writes such a record to standard output
    prove_tables.py compiler SYSCALLS_DIRECTORY ABI COMPILER        numbers, constants and layouts against a compiler

What a compiler's headers do not know (newer calls and constants) is not held against the tables."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(sys.argv[2], "generate"))
from tables import SCALARS, Tables, find_abi, place_fields, read_numbers  # noqa: E402


def compile_text(compiler, text, option):
    return subprocess.run([compiler, "-D_GNU_SOURCE", option, "-o", "-", "-x", "c", "-"], input=text,
                          capture_output=True, text=True, check=False)


def evaluate(compiler, headers, expressions):
    """{key: value} of constant expressions; those that do not compile are left out."""
    prelude = "#include <stddef.h>\n" + "".join(f"#include <{header}>\n" for header in headers)
    lines = prelude.count("\n")
    while expressions:
        keys = list(expressions)
        text = prelude + "".join(f"long long k_{i} = (long long)({expressions[key]});\n" for i, key in enumerate(keys))
        result = compile_text(compiler, text, "-S")
        if result.returncode == 0:
            found = re.findall(r"^k_(\d+):\n\s+\.(\w+)\s+(-?\w+)", result.stdout, re.M)
            return {keys[int(i)]: 0 if kind == "zero" else int(value, 0) for i, kind, value in found}
        bad = {int(line) - lines - 1 for line in re.findall(r"^<stdin>:(\d+):\d+: error", result.stderr, re.M)}
        bad = {line for line in bad if 0 <= line < len(keys)}
        if not bad:
            return None
        expressions = {key: expressions[key] for i, key in enumerate(keys) if i not in bad}
    return {}


def table_layout(tables, abi):
    """{struct: [(field, offset, size)] + [("", 0, size)]} of everything that has a C type to be compared with."""
    layouts = {}
    for name, struct in tables.layouts.items():
        if struct.proof:
            places, size, _ = place_fields(tables.layouts, name, abi)
            layouts[name] = [("", 0, size)] + [(place.field.name, place.offset, place.size * max(place.field.count, 1))
                                               for place in places if place.field.proof]
    return layouts


def compiled_layout(tables, abi, compiler):
    layouts = {}
    for name, fields in table_layout(tables, abi).items():
        kind, header = tables.layouts[name].proof
        expressions = {("", "size"): f"sizeof({kind})"}
        for field, _, _ in fields[1:]:
            expressions[(field, "offset")] = f"offsetof({kind}, {field})"
            expressions[(field, "size")] = f"sizeof((({kind} *)0)->{field})"
        values = evaluate(compiler, [header.strip("<>")], expressions)
        if not values or ("", "size") not in values:
            sys.exit(f"{name}: {header} does not compile as {kind}")
        layouts[name] = [("", 0, values[("", "size")])] + [
            (field, values.get((field, "offset")), values.get((field, "size"))) for field, _, _ in fields[1:]]
    return layouts


def write_layout(layouts):
    for name, fields in layouts.items():
        print(name, " ".join(f"{field or 'size'}:{offset},{size}" for field, offset, size in fields))


def read_layout(path):
    layouts = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                continue
            name, *fields = line.split()
            layouts[name] = []
            for field in fields:
                label, numbers = field.split(":")
                offset, size = numbers.split(",")
                layouts[name].append(("" if label == "size" else label, int(offset), int(size)))
    return layouts


def compare_layouts(where, ours, theirs):
    errors = []
    for name in sorted(set(ours) | set(theirs)):
        if name not in theirs or name not in ours:
            errors.append(f"{where}: struct {name} is not on both sides: record again")
            continue
        for mine, other in zip(ours[name], theirs[name]):
            # a struct may have grown at its end since the headers were made
            if mine != other and not (mine[0] == "" and name == "statx"):
                errors.append(f"{where}: struct {name}: table {mine}, compiler {other}")
    return errors


def compare_numbers(tables, abi, compiler):
    result = subprocess.run([compiler, "-dM", "-E", "-x", "c", "-"], input="#include <asm/unistd.h>\n", capture_output=True,
                            text=True, check=True)
    names = re.findall(r"^#define __NR_(\w+) ", result.stdout, re.M)
    values = evaluate(compiler, ["asm/unistd.h"], {name: f"__NR_{name}" for name in names})
    ours = {call: number for number, call in tables.numbers[abi.name].items()}
    errors = []
    for name, number in values.items():
        if name not in ("syscalls", "arch_specific_syscall") and ours.get(name) != number:
            errors.append(f"{abi.name}: {name} is {number}, the table says {ours.get(name)}")
    newest = max(values.values())
    for name, number in ours.items():
        if name not in values and number < 424 and number not in (258, 335, 336):
            errors.append(f"{abi.name}: the table has {name} ({number}), the headers up to {newest} do not")
    return errors


def compare_constants(tables, abi, compiler):
    errors = []
    for constants in tables.constants.values():
        values = constants.values_of(abi.name)
        found = evaluate(compiler, constants.headers, {name: name for name in values})
        if found is None:
            errors.append(f"{constants.name}: the headers {constants.headers} do not compile")
            continue
        for name, value in found.items():
            if (value ^ values[name]) & 0xFFFFFFFF:
                errors.append(f"{abi.name}: {name} is {value:#x}, the table says {values[name]:#x}")
        if not found:
            errors.append(f"{constants.name}: none of its names is in {constants.headers}")
    return errors


def main():
    tables = Tables(sys.argv[2])
    errors = []
    if sys.argv[1] == "stored":
        for file in sorted(os.listdir(sys.argv[3])):
            abi = find_abi(tables.abis, file.split(".")[0])
            errors += compare_layouts(abi.name, table_layout(tables, abi), read_layout(os.path.join(sys.argv[3], file)))
    else:
        abi, compiler = find_abi(tables.abis, sys.argv[3]), sys.argv[4]
        if sys.argv[1] == "record":
            write_layout(compiled_layout(tables, abi, compiler))
            return
        errors += compare_layouts(abi.name, table_layout(tables, abi), compiled_layout(tables, abi, compiler))
        errors += compare_numbers(tables, abi, compiler)
        errors += compare_constants(tables, abi, compiler)
    if errors:
        sys.exit("\n".join(errors))


if __name__ == "__main__":
    main()
