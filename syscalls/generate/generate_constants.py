# SPDX-License-Identifier: GPL-2.0-or-later
"""constants/*.table to constants_generated.[ch]: names by host value, and per ABI the values that differ from the host's."""
from tables import run_generator


def text_of(value):
    return f"0x{value & 0xFFFFFFFFFFFFFFFF:x}u"


def host_entries(constants, host):
    """(name, value) by host value; for flags the ones with most bits first, so that compounds win. Names that only guests have
    follow where their value is free."""
    values = constants.values_of(host.name)
    for override in constants.overrides.values():
        for name, value in override.items():
            if value is not None and name not in values and value not in values.values():
                values[name] = value
    entries = list(values.items())
    if constants.kind == "flags":
        entries.sort(key=lambda entry: (-bin(entry[1] & 0xFFFFFFFFFFFFFFFF).count("1"), entry[1] & 0xFFFFFFFFFFFFFFFF))
    return entries


def map_of(constants, abi, host):
    """(guest, host) values that differ. Of flags only single bits: compounds follow from them."""
    guest, native = constants.values_of(abi.name), constants.values_of(host.name)
    pairs = []
    for name, value in guest.items():
        if name in native and native[name] != value:
            if constants.kind == "enum" or bin(value).count("1") == 1:
                pairs.append((value, native[name]))
    return pairs


def generate(tables, host, header_name):
    sets = list(tables.constants.values())
    header = ["#ifndef SYSCALLS_CONSTANTS_GENERATED_H", "#define SYSCALLS_CONSTANTS_GENERATED_H", "",
              "enum constant_set_id {"]
    header += [f"    CONSTANTS_{constants.name}," for constants in sets]
    header += ["    CONSTANT_SET_COUNT", "};", ""]
    header += [f"extern const struct constant_set constants_{constants.name};" for constants in sets]
    source = ['#include "constants.h"', ""]
    for constants in sets:
        entries = host_entries(constants, host)
        source.append(f"static const struct constant entries_{constants.name}[] = {{")
        source += [f'    {{"{name}", {text_of(value)}}},' for name, value in entries]
        source.append("};")
        zero = f'"{constants.zero[0]}", {text_of(constants.zero[1])}' if constants.zero else "NULL, 0"
        source.append(f'const struct constant_set constants_{constants.name} = {{"{constants.name}", '
                      f'CONSTANTS_{constants.name}, {str(constants.kind == "flags").lower()}, {len(entries)}, {zero}, '
                      f'entries_{constants.name}}};')
    for abi in tables.abis:
        maps = []
        for constants in sets:
            pairs = map_of(constants, abi, host)
            if pairs:
                name = f"map_{abi.name}_{constants.name}"
                source.append(f"static const struct constant_pair {name}[] = {{")
                source += [f"    {{{text_of(guest)}, {text_of(native)}}}," for guest, native in pairs]
                source.append("};")
                maps.append(f"[CONSTANTS_{constants.name}] = {{{len(pairs)}, {name}}}")
        if maps:
            header.append(f"extern const struct syscall_constants constants_of_{abi.name};")
            source.append(f"const struct syscall_constants constants_of_{abi.name} = {{{{{', '.join(maps)}}}}};")
        else:
            header.append(f"/* {abi.name}: as on the host */")
    header += ["", "#endif", ""]
    return "\n".join(header), "\n".join(source) + "\n"


if __name__ == "__main__":
    run_generator(generate)
