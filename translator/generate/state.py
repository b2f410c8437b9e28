#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""State files to C: state.py HEADER SOURCE INPUT (the language is described in README.md)."""
import os
import re
import sys

# type -> (C type, size, enumerator)
TYPES = {
    'i32': ('uint32_t', 4, 'IR_I32'),
    'i64': ('uint64_t', 8, 'IR_I64'),
    'f64': ('uint64_t', 8, 'IR_F64'),
    'v128': ('union ir_value', 16, 'IR_V128'),
    'flags': ('uint32_t', 4, 'IR_FLAGS'),
}
ROLES = ('general pc stack link flags float vector thread_pointer control scratch').split()
IDENTIFIER = re.compile(r'[A-Za-z_][A-Za-z0-9_]*$')


class Refusal(Exception):
    def __init__(self, place, text):
        super().__init__('%s:%d: %s' % (place[0], place[1], text))


class Slot:
    def __init__(self, name, kind, role, text, array=None, index=0):
        self.name, self.kind, self.role, self.text = name, kind, role, text
        self.array, self.index = array, index


class Register:
    """What a debugger sees: a slot, or a value that the guest's own functions read and write."""
    def __init__(self, name, bits, kind, slot):
        self.name, self.bits, self.kind, self.slot = name, bits, kind, slot


class Feature:
    def __init__(self, name):
        self.name, self.types, self.registers = name, [], []


class State:
    def __init__(self):
        self.architecture, self.watches_before = None, False
        self.features = []
        self.prefix = None
        self.slots = []
        self.arrays = {}  # name -> (first, last, kind, text)
        self.names = set()

    def read(self, path):
        with open(path, encoding='utf-8') as file:
            for number, line in enumerate(file, 1):
                place = (os.path.basename(path), number)
                if line.count('"') % 2:
                    raise Refusal(place, 'a quote is never closed')
                words = re.findall(r'"[^"]*"|#.*|[^\s"#]+', line)
                words = [word for word in words if not word.startswith('#')]
                if words:
                    self.read_line(place, words)
        if self.prefix is None:
            raise Refusal((os.path.basename(path), 1), 'no %prefix')
        for role in ('pc', 'stack'):
            count = sum(1 for slot in self.slots if slot.role == role)
            if count > 1 or (role == 'pc' and count == 0):
                raise Refusal((os.path.basename(path), 1), "%d slots of role '%s'" % (count, role))

    def read_line(self, place, words):
        head = words[0]
        if head == '%prefix':
            if len(words) != 2 or not IDENTIFIER.match(words[1]) or self.prefix:
                raise Refusal(place, '%prefix wants one identifier, once')
            self.prefix = words[1]
        elif head == 'slot':
            if len(words) != 5:
                raise Refusal(place, 'slot wants NAME TYPE ROLE "description"')
            self.add(place, words[1], words[2:])
        elif head == 'array':
            if len(words) != 6 or not re.match(r'[0-9]+\.\.[0-9]+$', words[2]):
                raise Refusal(place, 'array wants NAME FIRST..LAST TYPE ROLE "description"')
            first, last = (int(end) for end in words[2].split('..'))
            if last < first:
                raise Refusal(place, "array '%s' is empty" % words[1])
            for index in range(first, last + 1):
                self.add(place, '%s%d' % (words[1], index), words[3:], words[1], index - first)
            self.arrays[words[1]] = (first, last, words[3], words[5][1:-1])
        elif head == 'role':
            self.change_role(place, words)
        elif head in ('debugger', 'feature', 'type', 'shows', 'computes'):
            self.read_debugger_line(place, head, words)
        else:
            raise Refusal(place, "'%s' is neither slot, array, role, a line for debuggers nor %%prefix" % head)

    def read_debugger_line(self, place, head, words):
        if head == 'debugger':
            if len(words) != 3 or words[2] not in ('watches-before', 'watches-after') or self.architecture:
                raise Refusal(place, 'debugger wants the name of the architecture and watches-before or watches-after, once')
            self.architecture, self.watches_before = words[1].strip('"'), words[2] == 'watches-before'
            return
        if head == 'feature':
            if len(words) != 2 or not self.architecture:
                raise Refusal(place, "feature wants a name and stands after 'debugger'")
            self.features.append(Feature(words[1]))
            return
        if not self.features:
            raise Refusal(place, "'%s' stands before any feature" % head)
        if head == 'type':
            if len(words) != 2 or not words[1].startswith('"<'):
                raise Refusal(place, 'type wants one quoted element')
            self.features[-1].types.append(words[1][1:-1])
        elif head == 'shows':
            self.show(place, words)
        else:
            if len(words) != 4 or words[2] not in ('32', '64', '128'):
                raise Refusal(place, 'computes wants NAME 32|64|128 TYPE')
            self.add_register(place, words[1], int(words[2]), words[3], None)

    def show(self, place, words):
        if len(words) != 4:
            raise Refusal(place, 'shows wants SLOT, ARRAY or ARRAY:FIRST..LAST, NAME and TYPE')
        part = re.match(r'(\w+):([0-9]+)\.\.([0-9]+)$', words[1])
        array = part[1] if part else words[1]
        wanted = range(int(part[2]), int(part[3]) + 1) if part else None
        slots = [slot for slot in self.slots if array in (slot.name, slot.array)
                 and (wanted is None or int(slot.name[len(array):]) in wanted)]
        if not slots:
            raise Refusal(place, "slot '%s' is not declared" % words[1])
        for slot in slots:
            if slot.kind == 'flags':
                raise Refusal(place, "flags '%s' have no form that a debugger knows: use computes" % slot.name)
            name = words[2] + (slot.name[len(array):] if slot.array == array else '')
            self.add_register(place, name, 8 * TYPES[slot.kind][1], words[3], slot.name)

    def add_register(self, place, name, bits, kind, slot):
        if any(register.name == name for feature in self.features for register in feature.registers):
            raise Refusal(place, "register '%s' is shown twice" % name)
        self.features[-1].registers.append(Register(name, bits, kind, slot))

    def change_role(self, place, words):
        if len(words) != 3 or words[2] not in ROLES:
            raise Refusal(place, 'role wants the name of a slot and a role')
        for slot in self.slots:
            if slot.name == words[1]:
                slot.role = words[2]
                return
        raise Refusal(place, "slot '%s' is not declared" % words[1])

    def add(self, place, name, words, array=None, index=0):
        kind, role, text = words
        if not IDENTIFIER.match(name):
            raise Refusal(place, "'%s' cannot name a slot" % name)
        if name in self.names:
            raise Refusal(place, "slot '%s' is declared twice" % name)
        if kind not in TYPES:
            raise Refusal(place, "unknown type '%s'" % kind)
        if role not in ROLES:
            raise Refusal(place, "unknown role '%s'" % role)
        if not text.startswith('"'):
            raise Refusal(place, 'the description must be quoted')
        self.names.add(name)
        self.slots.append(Slot(name, kind, role, text[1:-1], array, index))


def write_header(state, banner):
    prefix, upper = state.prefix, state.prefix.upper()
    out = [banner + '#ifndef %s_STATE_H\n#define %s_STATE_H\n\n#include "cpu.h"\n#include "debug_description.h"\n#include "ir.h"\n' % (upper, upper)]
    out.append('struct %s_state {\n    struct cpu_header header;' % prefix)
    for slot in state.slots:
        if slot.array is None:
            out.append('    %s %s; /* %s */' % (TYPES[slot.kind][0], slot.name, slot.text))
        elif slot.index == 0:
            first, last, kind, text = state.arrays[slot.array]
            out.append('    %s %s[%d]; /* %s */' % (TYPES[kind][0], slot.array, last - first + 1, text))
    out.append('};\n\nenum %s_slot {' % prefix)
    out += ['    %s_SLOT_%s,' % (upper, slot.name) for slot in state.slots]
    out.append('    %s_SLOT_COUNT\n};\n' % upper)
    out.append('extern const struct ir_slot_description %s_slots[%s_SLOT_COUNT];' % (prefix, upper))
    if state.architecture:
        out.append('extern const struct debug_description %s_debug_description;' % prefix)
    out.append('\n#endif')
    return '\n'.join(out) + '\n'


def write_debugger(state):
    """The tables that target.xml and the register packets are made of."""
    prefix, upper = state.prefix, state.prefix.upper()
    out = ['\nstatic const struct debug_register debug_registers[] = {']
    for number, feature in enumerate(state.features):
        for register in feature.registers:
            slot = '%s_SLOT_%s' % (upper, register.slot) if register.slot else '-1'
            out.append('    {.name = "%s", .type = "%s", .feature = %d, .bits = %d, .slot = %s},'
                       % (register.name, register.kind, number, register.bits, slot))
    out.append('};\n\nstatic const struct debug_feature debug_features[] = {')
    for feature in state.features:
        out.append('    {.name = "%s", .types = "%s"},' % (feature.name, ''.join(feature.types)))
    out.append('};\n\nconst struct debug_description %s_debug_description = {' % prefix)
    out.append('    .architecture = "%s",\n    .registers = debug_registers,' % state.architecture)
    out.append('    .register_count = %d,' % sum(len(feature.registers) for feature in state.features))
    out.append('    .features = debug_features,\n    .feature_count = %d,' % len(state.features))
    out.append('    .watches_before = %s,\n};' % ('true' if state.watches_before else 'false'))
    return out


def write_source(state, banner):
    prefix, upper = state.prefix, state.prefix.upper()
    out = [banner + '#include "%s_state.h"\n\n#include <stddef.h>\n' % prefix]
    out.append('const struct ir_slot_description %s_slots[%s_SLOT_COUNT] = {' % (prefix, upper))
    for slot in state.slots:
        member = slot.name if slot.array is None else '%s[%d]' % (slot.array, slot.index)
        out.append('    {.name = "%s", .type = %s, .role = IR_ROLE_%s, .offset = offsetof(struct %s_state, %s),\n     '
                   '.text = "%s"},' % (slot.name, TYPES[slot.kind][2], slot.role.upper(), prefix, member, slot.text))
    out.append('};')
    if state.architecture:
        out += write_debugger(state)
    return '\n'.join(out) + '\n'


def main(arguments):
    if len(arguments) != 3:
        sys.stderr.write('usage: state.py HEADER SOURCE INPUT\n')
        return 2
    state = State()
    try:
        state.read(arguments[2])
    except Refusal as refusal:
        sys.stderr.write('%s\n' % refusal)
        return 1
    banner = ('/* SPDX-License-Identifier: GPL-2.0-or-later */\n/* Generated from %s. */\n'
              % os.path.basename(arguments[2]))
    for path, text in zip(arguments, (write_header(state, banner), write_source(state, banner))):
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
