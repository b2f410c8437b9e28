# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine of a case (case_format.h) for models in Python: random_model.py and GUEST/exceptions_model.py."""
ONES = (1 << 64) - 1
CODE, CODE_REACH, DATA, DATA_SIZE = 0x10000000, 0x100000, 0x20000000, 0x2000


class End(Exception):
    """The instruction does not complete: ILL, SEGV, BUS ..."""


def background_register(name, salt):
    number = 14695981039346656037 ^ salt
    for letter in name.encode():
        number = (number ^ letter) * 1099511628211 & ONES
    return (number ^ number >> 29) * 0x9e3779b97f4a7c15 & ONES


BACKGROUND = bytes((index * 37 + 11 + (index >> 8) * 5) & 255 for index in range(DATA_SIZE))


class Machine:
    """Registers by name, those that were never named from the background; data memory; the end."""

    def __init__(self, fixed, inputs, length):
        self.fixed, self.set, self.memory = fixed, {}, bytearray(BACKGROUND)
        self.pc, self.end = CODE + length, ''
        self.apply(inputs)
        self.before, self.memory_before = dict(self.set), bytes(self.memory)

    def apply(self, words):
        for word in words:
            name, _, value = word.partition('=')
            if name.startswith('!'):
                self.end, self.pc = name[1:], CODE
            elif name.startswith('@'):
                self.memory[int(name[1:], 16):int(name[1:], 16) + len(value) // 2] = bytes.fromhex(value)
        for word in words:
            name, _, value = word.partition('=')
            if name == 'PC':
                self.pc = int(value, 16)
            elif name[0] not in '!@':
                self.set[name] = int(value, 16)

    def get(self, name):
        if name in self.set:
            return self.set[name]
        if name in self.fixed:
            return self.fixed[name]
        wide = background_register(name, 1) << 64 if name[0] == 'V' else 0
        return wide | background_register(name, 0)

    def put(self, name, value):
        if name not in self.set:
            self.before[name] = self.get(name)
        self.set[name] = value

    def offset(self, address, length):
        """Where in the data an access is; all of it or nothing."""
        if not DATA <= address <= DATA + DATA_SIZE - length:
            raise End('SEGV')
        return address - DATA

    def load(self, address, length):
        at = self.offset(address, length)
        return int.from_bytes(self.memory[at:at + length], 'little')

    def store(self, address, length, value):
        at = self.offset(address, length)
        self.memory[at:at + length] = (value & (1 << 8 * length) - 1).to_bytes(length, 'little')

    def stop(self, end, pc=CODE):
        self.end, self.pc = end, pc

    def result(self):
        changed = {name: value for name, value in self.set.items() if value != self.before.get(name, self.get(name))}
        return self.end, self.pc, changed, bytes(self.memory)


def signed(value, bits):
    value &= (1 << bits) - 1
    return value - (value >> bits - 1 << bits)


