# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rows in random.exceptions do; ../random_model.py calls these. Floating point is digest_model.py's."""
import os
import sys
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..')]
import digest_model
import record_random
from random_machine import CODE, CODE_REACH, DATA, DATA_SIZE, End, ONES, signed

FIXED = {'x2': DATA + DATA_SIZE // 2, 'fcsr': 0}
BLOCK = 64
LETTERS = {'S': 's', 'D': 'd', 'H': 'h'}
# 26.1: the 32 constants but for the smallest normal number, infinity and NaN
CONSTANTS = [-1.0, None, 2.0 ** -16, 2.0 ** -15, 2.0 ** -8, 2.0 ** -7, 0.0625, 0.125, 0.25, 0.3125, 0.375, 0.4375, 0.5, 0.625, 0.75, 0.875,
             1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 8.0, 16.0, 128.0, 256.0, 2.0 ** 15, 2.0 ** 16, None, None]


def x(machine, number):
    return machine.get('x%d' % number) if number else 0


def put_x(machine, number, value):
    if number:
        machine.put('x%d' % number, value & ONES)


def fields(word):
    """rd, rs1, rs2"""
    return word >> 7 & 31, word >> 15 & 31, word >> 20 & 31


def illegal(name, words, machine):
    raise End('ILL')


def nothing(name, words, machine):
    pass


def aligned(machine, number, length):
    address = x(machine, number)
    if address % length:
        raise End('BUS')
    return address


OPERATIONS = {'SWAP': lambda old, new: new, 'ADD': lambda old, new: old + new, 'XOR': lambda old, new: old ^ new,
              'AND': lambda old, new: old & new, 'OR': lambda old, new: old | new, 'MIN': min, 'MAX': max, 'MINU': min, 'MAXU': max}


def atomic(name, words, machine):
    rd, rs1, rs2 = fields(words[0])
    length = 1 << (words[0] >> 12 & 7)
    bits = 8 * length
    operation = OPERATIONS[name[3:-2]]
    address = aligned(machine, rs1, length)
    old, new = machine.load(address, length), x(machine, rs2)
    if name[3:-2] in ('MIN', 'MAX'):
        result = operation(signed(old, bits), signed(new, bits))
    else:
        result = operation(old, new & (1 << bits) - 1)
    machine.store(address, length, result)
    put_x(machine, rd, signed(old, bits))


def compare_and_swap(name, words, machine):
    rd, rs1, rs2 = fields(words[0])
    length = 1 << (words[0] >> 12 & 7)

    def pair(number):
        if length < 16:
            return x(machine, number) & (1 << 8 * length) - 1
        return x(machine, number) | x(machine, number + 1) << 64 if number else 0
    if length == 16 and (rd | rs2) & 1:
        raise End('ILL')
    address = aligned(machine, rs1, length)
    old, wanted, new = machine.load(address, length), pair(rd), pair(rs2)
    if old == wanted:
        machine.store(address, length, new)
    if length == 16 and rd:
        put_x(machine, rd, old)
        put_x(machine, rd + 1, old >> 64)
    elif length < 16:
        put_x(machine, rd, signed(old, 8 * length))


def ordered(name, words, machine):
    rd, rs1, rs2 = fields(words[0])
    length = 1 << (words[0] >> 12 & 7)
    address = aligned(machine, rs1, length)
    if name.endswith('_AQ'):
        put_x(machine, rd, signed(machine.load(address, length), 8 * length))
    else:
        machine.store(address, length, x(machine, rs2))


def conditional_zero(name, words, machine):
    rd, rs1, rs2 = fields(words[0])
    is_zero = x(machine, rs2) == 0
    put_x(machine, rd, 0 if is_zero == (name == 'CZERO_EQZ') else x(machine, rs1))


def may_be(name, words, machine):
    put_x(machine, words[0] >> 7 & 31, 0)


def clean_block(name, words, machine):
    address = x(machine, words[0] >> 15 & 31)
    if not (DATA <= address < DATA + DATA_SIZE or CODE - CODE_REACH <= address < CODE + CODE_REACH):
        raise End('SEGV')


def zero_block(name, words, machine):
    machine.store(x(machine, words[0] >> 15 & 31) & -BLOCK, BLOCK, 0)


def count_zeros(name, words, machine):
    rd, rs1, _ = fields(words[0])
    low = x(machine, rs1) & 0xffffffff
    put_x(machine, rd, (low & -low).bit_length() - 1 if low else 32)


def compressed_memory(name, words, machine):
    word = words[0]
    data, base = 8 + (word >> 2 & 7), 8 + (word >> 7 & 7)
    length = 1 if name[-1] == 'B' or name == 'C_LBU' else 2
    offset = word >> 5 & 1 if length == 2 else (word >> 5 & 1) << 1 | word >> 6 & 1
    address = x(machine, base) + (2 * offset if length == 2 else offset) & ONES
    if name.startswith('C_S'):
        machine.store(address, length, x(machine, data))
    else:
        value = machine.load(address, length)
        put_x(machine, data, signed(value, 16) if name == 'C_LH' else value)


def compressed_unary(name, words, machine):
    number = 8 + (words[0] >> 7 & 7)
    value = x(machine, number)
    put_x(machine, number, {
        'C_MUL': lambda: value * x(machine, 8 + (words[0] >> 2 & 7)), 'C_ZEXT_B': lambda: value & 0xff,
        'C_SEXT_B': lambda: signed(value, 8), 'C_ZEXT_H': lambda: value & 0xffff, 'C_SEXT_H': lambda: signed(value, 16),
        'C_ZEXT_W': lambda: value & 0xffffffff, 'C_NOT': lambda: ~value}[name]())


def system_call(name, words, machine):
    machine.stop('SYSCALL', CODE + 4)


def own_call(name, words, machine):
    machine.stop('HYPER')


def load_constant(name, words, machine):
    rd, which, _ = fields(words[0])
    f = digest_model.Format(LETTERS[name[-1]])
    constant = CONSTANTS[which]
    if constant is not None:
        bits, _ = f.encode(int(constant < 0), abs(Fraction(constant)), digest_model.RNE)
        if constant == 2.0 ** 16 and name[-1] == 'H':
            bits = f.limit << f.fraction_bits
    else:
        bits = {1: 1 << f.fraction_bits, 30: f.limit << f.fraction_bits, 31: f.canonical_nan}[which]
    machine.put('f%d' % rd, f.box | bits)


def floating_point(name, words, machine):
    rd, rs1, rs2 = fields(words[0])
    f, compute = digest_model.function_of(name)
    status = machine.get('fcsr')
    mode = words[0] >> 12 & 7
    if name.startswith(('FROUND', 'FCVT_')):
        mode = status >> 5 if mode == 7 else mode
        if mode > 4:
            raise End('ILL')
    values = [f.unbox(machine.get('f%d' % number)) for number in (rs1, rs2)]
    result, integer, flags = compute(values, mode)
    if result is not None:
        machine.put('f%d' % rd, result)
    else:
        put_x(machine, rd, integer)
    machine.put('fcsr', status | flags)


MODELS = {}
for _function, _names in (
        (conditional_zero, 'CZERO_EQZ CZERO_NEZ'), (nothing, 'WRS_NTO WRS_STO C_MOP'), (may_be, 'MOP_R MOP_RR'),
        (clean_block, 'CBO_CLEAN CBO_FLUSH'), (zero_block, 'CBO_ZERO'), (count_zeros, 'CTZW'), (system_call, 'ECALL'),
        (own_call, 'KAGE_CALL'), (compressed_memory, 'C_LBU C_LHU C_LH C_SB C_SH'),
        (compressed_unary, 'C_MUL C_ZEXT_B C_SEXT_B C_ZEXT_H C_SEXT_H C_ZEXT_W C_NOT'), (load_constant, 'FLI_S FLI_D FLI_H')):
    MODELS.update((_name, _function) for _name in _names.split())
for _name in record_random.read_exceptions('riscv'):
    if _name not in MODELS:
        MODELS[_name] = (compare_and_swap if _name.startswith('AMOCAS') else atomic if _name.startswith('AMO') else
                         ordered if _name.endswith(('_AQ', '_RL')) else illegal if _name.startswith('V') else floating_point)
