# SPDX-License-Identifier: GPL-2.0-or-later
"""layouts/*.layout to layouts_generated.[ch]: the host's structs, descriptions for the trace, converters per ABI."""
from tables import SCALARS, flatten, place_fields, run_generator

C_TYPES = {(1, True): "int8_t", (1, False): "uint8_t", (2, True): "int16_t", (2, False): "uint16_t", (4, True): "int32_t",
           (4, False): "uint32_t", (8, True): "int64_t", (8, False): "uint64_t"}


def host_labels(variant):
    """{field name: member name}: a prefix that all fields share goes, because the C library has macros of those names."""
    names = [item.name for item in variant.items if item != "union" and item.name != "_"]
    prefixes = {name.split("_")[0] for name in names}
    shared = len(names) > 1 and len(prefixes) == 1 and all("_" in name for name in names)
    return {name: name.split("_", 1)[1] if shared else name for name in names}


def host_struct(tables, name, host):
    """The host's form as a C struct, with its layout asserted."""
    labels = host_labels(tables.layouts[name].variant_of(host.name))
    places, size, _ = place_fields(tables.layouts, name, host)
    packed = " __attribute__((packed))" if tables.layouts[name].variant_of(host.name).packed else ""
    lines, asserts = [f"struct host_{name} {{"], []
    for index, place in enumerate(places):
        field = place.field
        count = f"[{field.count}]" if field.count else ""
        label = f"padding{index}" if field.name == "_" else labels[field.name]
        kind = C_TYPES[(place.size, place.signed)] if field.type in SCALARS else f"struct host_{field.type}"
        align = "_Alignas(8) " if index > 0 and "union" in tables.layouts[name].variant_of(host.name).items and (
            index == tables.layouts[name].variant_of(host.name).items.index("union")) else ""
        lines.append(f"    {align}{kind} {label}{count};")
        asserts.append(f'_Static_assert(offsetof(struct host_{name}, {label}) == {place.offset}, "{name}.{label}");')
    asserts.append(f'_Static_assert(sizeof(struct host_{name}) == {size}, "{name}");')
    return lines + [f"}}{packed};"] + asserts


def ordered(tables):
    """Structs so that each comes after those that it contains."""
    done = []

    def visit(name):
        if name in done:
            return
        struct = tables.layouts[name]
        for variant in [struct.generic, *struct.variants.values()]:
            for item in variant.items:
                if item != "union" and item.type not in SCALARS:
                    visit(item.type)
        done.append(name)
    for name in tables.layouts:
        visit(name)
    return done


def description(tables, name, host):
    """struct layout of the trace: where each field of the host's form is and how it is shown."""
    places, size, _ = place_fields(tables.layouts, name, host)
    lines = []
    for place in places:
        field = place.field
        if field.name == "_" or field.form == "hide":
            continue
        table = "NULL"
        if field.type not in SCALARS:
            form, table = "STRUCT", f"&layout_{field.type}"
        elif ":" in field.form:
            kind, constants = field.form.split(":")
            form, table = ("FLAGS" if kind == "flags" else "ENUMERATOR"), f"&constants_{constants}"
        elif field.type == "pointer":
            form = "ADDRESS"
        else:
            form = {"dec": "DECIMAL" if place.signed else "NATURAL", "hex": "HEXADECIMAL", "oct": "OCTAL"}[field.form]
        lines.append(f'    {{"{field.name}", {place.offset}, {place.size}, {field.count}, {str(place.signed).lower()}, '
                     f"FIELD_{form}, {table}}},")
    return lines, size


def load(place, size, signed, big, pointer):
    text = f"{pointer}[{place}]" if size == 1 else f"byteorder_load{size * 8}({pointer} + {place}, {str(big).lower()})"
    return f"({C_TYPES[(size, signed)]}){text}" if signed else text


def store(place, size, value, big, pointer):
    if size == 1:
        return f"    {pointer}[{place}] = (uint8_t){value};"
    return f"    byteorder_store{size * 8}({pointer} + {place}, (uint{size * 8}_t){value}, {str(big).lower()});"


def converter(source, target, source_big, target_big, target_size):
    """Body that fills `to` from `from`; what the source lacks is zero."""
    lines = [f"    memset(to, 0, {target_size});"]
    for path, (place, size, signed) in target.items():
        if path in source:
            value = load(source[path][0], source[path][1], source[path][2], source_big, "from")
            lines.append(store(place, size, value, target_big, "to"))
    return lines


def generate(tables, host, header_name):
    names = ordered(tables)
    header = ["#ifndef SYSCALLS_LAYOUTS_GENERATED_H", "#define SYSCALLS_LAYOUTS_GENERATED_H", "",
              "#include <stddef.h>", "#include <stdint.h>", "", "enum layout_id {"]
    header += [f"    LAYOUT_{name}," for name in names] + ["    LAYOUT_COUNT", "};", ""]
    source = ['#include "layout.h"', "", '#include "byteorder.h"', '#include "constants.h"', ""]
    for name in names:
        header += host_struct(tables, name, host) + [f"extern const struct layout layout_{name};", ""]
        lines, size = description(tables, name, host)
        source += [f"static const struct layout_field fields_{name}[] = {{"] + lines + ["};"]
        source.append(f'const struct layout layout_{name} = {{"{name}", LAYOUT_{name}, {size}, {len(lines)}, fields_{name}}};')
    functions = {}  # body -> name: ABIs with the same layout share converters

    def function(body, wanted):
        key = "\n".join(body)
        if key not in functions:
            functions[key] = wanted
            source.extend([f"static void {wanted}(uint8_t *to, const uint8_t *from)", "{"] + body + ["}"])
        return functions[key]

    for abi in tables.abis:
        rows = []
        for name in names:
            guest, native = (flatten(tables.layouts, name, one) for one in (abi, host))
            guest_size, host_size = (place_fields(tables.layouts, name, one)[1] for one in (abi, host))
            if guest == native and guest_size == host_size and abi.big == host.big:
                rows.append(f"    [LAYOUT_{name}] = {{{guest_size}, true, NULL, NULL}},")
                continue
            to_host = function(converter(guest, native, abi.big, host.big, host_size), f"{name}_from_{abi.name}")
            to_guest = function(converter(native, guest, host.big, abi.big, guest_size), f"{name}_to_{abi.name}")
            rows.append(f"    [LAYOUT_{name}] = {{{guest_size}, false, {to_host}, {to_guest}}},")
        header.append(f"extern const struct layout_of_abi layouts_of_{abi.name}[LAYOUT_COUNT];")
        source += [f"const struct layout_of_abi layouts_of_{abi.name}[LAYOUT_COUNT] = {{"] + rows + ["};"]
    header += ["", "#endif", ""]
    return "\n".join(header), "\n".join(source) + "\n"


if __name__ == "__main__":
    run_generator(generate)
