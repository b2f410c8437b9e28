# SPDX-License-Identifier: GPL-2.0-or-later
"""calls.def, numbers/ and abis.table to calls_generated.[ch]: the rows, the host's numbers, the ABIs."""
from generate_constants import map_of
from tables import run_generator


def argument_text(tables, argument):
    index, parameter = tables.kinds[argument.kind]
    reference = argument.parameter if parameter == "INDEX" else "0"
    table = {"SET": f"&constants_{argument.parameter}", "LAYOUT": f"&layout_{argument.parameter}"}.get(parameter, "NULL")
    return f"{{{index}, {str(argument.optional).lower()}, {reference}, {table}}}"


def row_text(tables, call, host_numbers):
    handler = "NULL" if call.handler == "none" else f"handle_{call.handler}"
    reason = f'"{call.reason}"' if call.reason else "NULL"
    arguments = ", ".join(argument_text(tables, argument) for argument in call.arguments)
    direct = str(call.handler.startswith("pass_through")).lower()
    return (f'    {{"{call.name}", {handler}, {host_numbers.get(call.host_name, -1)}, {len(call.arguments)}, '
            f"RETURN_{call.returns}, SYSCALL_STATUS_{call.status}, {call.error or 'ENOSYS'}, {direct}, {reason}, "
            f"{{{arguments}}}}},")


def generate(tables, host, header_name):
    calls = list(tables.calls.values())
    host_numbers = {call: number for number, call in tables.numbers[host.name].items()}
    handlers = sorted({call.handler for call in calls if call.handler != "none"})
    header = ["#ifndef SYSCALLS_CALLS_GENERATED_H", "#define SYSCALLS_CALLS_GENERATED_H", "",
              "/* The host's numbers, whatever the age of its headers. */", "enum host_call {"]
    header += [f"    HOST_CALL_{call} = {number}," for number, call in sorted(tables.numbers[host.name].items())]
    header += ["};", "", "/* Rows of the table, in its order; 0 is none. */", "enum call_id {", "    CALL_none,"]
    header += [f"    CALL_{call.name}," for call in calls] + ["    CALL_COUNT", "};", ""]
    header += [f"syscall_handler handle_{handler};" for handler in handlers]
    header += ["", "extern const struct syscall_row syscall_rows[CALL_COUNT];", "",
               f"#define ABI_COUNT {len(tables.abis)}", "extern const struct syscall_abi syscall_abis[ABI_COUNT];", "",
               "#endif", ""]
    source = ['#include "call_table.h"', "", '#include "constants.h"', '#include "layout.h"', "", "#include <errno.h>", "",
              "const struct syscall_row syscall_rows[CALL_COUNT] = {",
              '    {"none", NULL, -1, 0, RETURN_int, SYSCALL_STATUS_MISSING, ENOSYS, false, NULL, {}},']
    source += [row_text(tables, call, host_numbers) for call in calls] + ["};"]
    for abi in tables.abis:
        source.append(f"static const uint16_t numbers_of_{abi.name}[] = {{")
        source += [f"    [{number}] = CALL_{call}," for number, call in sorted(tables.numbers[abi.name].items())] + ["};"]
    source.append("const struct syscall_abi syscall_abis[ABI_COUNT] = {")
    for abi in tables.abis:
        same = all(not map_of(constants, abi, host) for constants in tables.constants.values())
        source.append(f'    {{"{abi.name}", {abi.bits}, {str(abi.big).lower()}, {str(abi.pairs == "even").lower()}, '
                      f'{str(abi.clone == "fourth").lower()}, "{abi.machine}", '
                      f"numbers_of_{abi.name}, {max(tables.numbers[abi.name]) + 1}, "
                      f"{'NULL' if same else '&constants_of_' + abi.name}, layouts_of_{abi.name}}},")
    source.append("};")
    return "\n".join(header), "\n".join(source) + "\n"


if __name__ == "__main__":
    run_generator(generate)
