# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rows in random.exceptions do; ../random_model.py calls these. Memory copies and PACGA are model.py's."""
import os
import sys
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..')]
import model
from random_machine import CODE, CODE_REACH, DATA, DATA_SIZE, End, ONES, signed

FIXED = {'SP': DATA + DATA_SIZE // 2, 'NZCV': 0, 'FPCR': 0, 'FPSR': 0}
IOC, IXC, IDC = 1, 16, 128
# CRm and op2 of the identification registers that are not zero: what guest.c announces, in the manual's fields.
IDENTIFICATION = {(0, 0): 0x414fd0c1, (0, 5): 0x80000000, (4, 0): 0x0001000000110011, (4, 1): 0x20, (5, 0): 6,
                  (6, 0): 0x1021111110212120, (6, 1): 0x0010101110211302, (6, 2): 0x0010000000110002}


def x(machine, number):
    return machine.get('X%d' % number) if number < 31 else 0


def put_x(machine, number, value):
    if number < 31:
        machine.put('X%d' % number, value)


def address_of(value):
    """An address without its tag, where the lower half has one."""
    return value & (1 << 56) - 1 if not value >> 55 & 1 else value


def illegal(name, words, machine):
    raise End('ILL')


def nothing(name, words, machine):
    pass


def extremum(name, words, machine):
    word = words[0]
    bits = 64 if word >> 31 else 32
    is_signed = name[0] == 'S'
    if name.endswith('_imm'):
        second = signed(word >> 10, 8) if is_signed else word >> 10 & 255
    else:
        second = x(machine, word >> 16 & 31)
        second = signed(second, bits) if is_signed else second & (1 << bits) - 1
    first = x(machine, word >> 5 & 31)
    first = signed(first, bits) if is_signed else first & (1 << bits) - 1
    put_x(machine, word & 31, (max if 'MAX' in name else min)(first, second) & (1 << bits) - 1)


def count(name, words, machine):
    bits = 64 if words[0] >> 31 else 32
    value = x(machine, words[0] >> 5 & 31) & (1 << bits) - 1
    if name == 'CTZ':
        value = (value & -value).bit_length() - 1 if value else bits
    elif name == 'CNT':
        value = bin(value).count('1')
    else:
        value = abs(signed(value, bits)) & (1 << bits) - 1
    put_x(machine, words[0] & 31, value)


def branch_consistently(name, words, machine):
    flags, condition = machine.get('NZCV'), words[0] & 15
    n, z, c, v = flags >> 3 & 1, flags >> 2 & 1, flags >> 1 & 1, flags & 1
    holds = (z, c, n, v, c and not z, n == v, n == v and not z, True)[condition >> 1]
    if condition & 1 and condition != 15:
        holds = not holds
    if holds:
        machine.pc = CODE + 4 * signed(words[0] >> 5, 19) & ONES


def clean_cache(name, words, machine):
    address = address_of(x(machine, words[0] & 31))
    if not (DATA <= address < DATA + DATA_SIZE or CODE - CODE_REACH <= address < CODE + CODE_REACH):
        raise End('SEGV')


def zero_block(name, words, machine):
    machine.store(address_of(x(machine, words[0] & 31)) & -64, 64, 0)


def read_identity(name, words, machine):
    value = {'MRS_ctr': 0x9444c009, 'MRS_dczid': 4}.get(name)
    if value is None:
        place = words[0] >> 8 & 15, words[0] >> 5 & 7
        if place[0] < 2 and place not in ((0, 0), (0, 5), (0, 6)):
            raise End('ILL')
        value = IDENTIFICATION.get(place, 0)
    put_x(machine, words[0] & 31, value)


def system_call(name, words, machine):
    machine.stop('SYSCALL', CODE + 4)


def generic_code(name, words, machine):
    modifier = words[0] >> 16 & 31
    modifier = machine.get('SP') if modifier == 31 else x(machine, modifier)
    product = x(machine, words[0] >> 5 & 31) * model.KEYS[8] + modifier * model.KEYS[9]
    put_x(machine, words[0] & 31, product & 0xffffffff << 32)


def load_acquire(name, words, machine):
    length, base = 1 << (words[0] >> 30), words[0] >> 5 & 31
    address = address_of(machine.get('SP') if base == 31 else x(machine, base))
    if address % length:
        raise End('BUS')
    put_x(machine, words[0] & 31, machine.load(address, length))


def set_status(machine, flags):
    machine.put('FPSR', machine.get('FPSR') | flags)


def convert_javascript(name, words, machine):
    """FPToFixedJS: modulo 2^32, Z if the conversion is exact and not of -0."""
    bits = machine.get('V%d' % (words[0] >> 5 & 31)) & ONES
    sign, exponent, fraction = bits >> 63, bits >> 52 & 0x7ff, bits & (1 << 52) - 1
    result, flags = 0, 0
    if exponent == 0x7ff:
        flags, zero = IOC, 0
    elif exponent == 0 and fraction and machine.get('FPCR') >> 24 & 1:
        flags, zero = IDC, 0
    else:
        value = Fraction(fraction | bool(exponent) << 52) * Fraction(2) ** (max(exponent, 1) - 1075)
        whole = int(value)
        result = (-whole if sign else whole) & 0xffffffff
        if not -(1 << 31) <= (-whole if sign else whole) < 1 << 31:
            flags, zero = IOC, 0
        elif whole != value:
            flags, zero = IXC, 0
        else:
            zero = not (sign and value == 0)
    set_status(machine, flags)
    put_x(machine, words[0] & 31, result)
    machine.put('NZCV', 4 * zero)


def convert_half_to_fixed(name, words, machine):
    bits = machine.get('V%d' % (words[0] >> 5 & 31)) & 0xffff
    sign, exponent, fraction = bits >> 15, bits >> 10 & 31, bits & 0x3ff
    places = 32 - (words[0] >> 16 & 31)
    flags = result = 0
    if exponent == 31:
        flags, result = IOC, 0 if fraction else 0x8000 if sign else 0x7fff
    elif exponent or not machine.get('FPCR') >> 19 & 1:
        value = Fraction(fraction | bool(exponent) << 10) * Fraction(2) ** (max(exponent, 1) - 25 + places)
        whole = -int(value) if sign else int(value)
        if -0x8000 <= whole <= 0x7fff:
            flags, result = IXC if int(value) != value else 0, whole & 0xffff
        else:
            flags, result = IOC, 0x8000 if sign else 0x7fff
    set_status(machine, flags)
    machine.put('V%d' % (words[0] & 31), result)


def memory_copy(name, words, machine):
    d, s, n = words[0] & 31, words[0] >> 16 & 31, words[0] >> 5 & 31
    kind = name[:-1] if name[-1] in 'PME' else name
    if len({d, s, n}) < 3 or 31 in (d, n) or (s == 31 and kind != 'SET'):
        raise End('ILL')
    names = ['X%d' % number for number in (d, s, n)]
    registers = {'X%d' % number: x(machine, number) for number in (d, s, n)}
    registers['NZCV'] = machine.get('NZCV')
    inner = model.Machine(registers)
    inner.memory = list(machine.memory)
    try:
        if len(words) == 3:
            model.small_at_once(inner, kind, *names)
        model.prologue(inner, kind, *names)
        if len(words) > 1:
            model.main_part(inner, kind, *names)
    except model.Fault:
        machine.stop('SEGV', CODE + 4)
    except model.SmallFault:
        machine.stop('SEGV', CODE)
    for one, value in inner.registers.items():
        if one != 'X31':
            machine.put(one, value)
    machine.memory[:] = bytes(inner.memory)


MODELS = {}
for _function, _names in (
        (extremum, 'SMAX UMAX SMIN UMIN SMAX_imm UMAX_imm SMIN_imm UMIN_imm'), (count, 'CTZ CNT ABS'), (branch_consistently, 'BC_cond'),
        (nothing, 'WFET WFIT DSB_nxs'), (clean_cache, 'DC_CVAP DC_CVADP DC_CVAC DC_CVAU DC_CIVAC'), (zero_block, 'DC_ZVA'),
        (illegal, 'ADDG SUBG SUBP SUBPS IRG GMI STG LDG STZG ST2G STZ2G STGP_post STGP STGP_pre MSR_tco MSR_tco_reg MRS_tco DC_GVA DC_GZVA '
                  'DC_CGVAC DC_CGDVAC DC_CGVAP DC_CGDVAP DC_CGVADP DC_CGDVADP DC_CIGVAC DC_CIGDVAC'),
        (read_identity, 'MRS_ctr MRS_dczid MRS_id'), (system_call, 'SVC'), (generic_code, 'PACGA'), (load_acquire, 'LDAPR'),
        (convert_javascript, 'FJCVTZS'), (convert_half_to_fixed, 'FCVTZS_fixed_scalar_h'),
        (memory_copy, 'CPYFP CPYFM CPYFE SETP SETM SETE CPYP CPYM CPYE')):
    MODELS.update((_name, _function) for _name in _names.split())
