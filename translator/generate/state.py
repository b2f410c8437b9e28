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


class State:
    def __init__(self):
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
        else:
            raise Refusal(place, "'%s' is neither slot, array, role nor %%prefix" % head)

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
    out = [banner + '#ifndef %s_STATE_H\n#define %s_STATE_H\n\n#include "cpu.h"\n#include "ir.h"\n' % (upper, upper)]
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
    out.append('extern const struct ir_slot_description %s_slots[%s_SLOT_COUNT];\n\n#endif' % (prefix, upper))
    return '\n'.join(out) + '\n'


def write_source(state, banner):
    prefix, upper = state.prefix, state.prefix.upper()
    out = [banner + '#include "%s_state.h"\n\n#include <stddef.h>\n' % prefix]
    out.append('const struct ir_slot_description %s_slots[%s_SLOT_COUNT] = {' % (prefix, upper))
    for slot in state.slots:
        member = slot.name if slot.array is None else '%s[%d]' % (slot.array, slot.index)
        out.append('    {.name = "%s", .type = %s, .role = IR_ROLE_%s, .offset = offsetof(struct %s_state, %s),\n     '
                   '.text = "%s"},' % (slot.name, TYPES[slot.kind][2], slot.role.upper(), prefix, member, slot.text))
    out.append('};')
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
