#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""digest_model.py: reads rows of a digests file and writes those that the peer does not know with digests computed here, from the
manual's text and exact arithmetic. It shares nothing with the C code but the rule of the operands, said once more below."""
import sys
from fractions import Fraction

MASK = (1 << 64) - 1
FORMATS = {'h': (5, 10), 'b': (8, 7), 's': (8, 23), 'd': (11, 52)}
OFFSETS = [-150, -149, -148, -133, -127, -126, -125, -26, -25, -24, -23, -15, -14, -13, -2, -1, 0, 1, 2, 9, 10, 11, 12, 15, 16, 22,
           23, 24, 30, 31, 32, 51, 52, 53, 62, 63, 64, 127, 128]
NX, UF, OF, NV = 1, 2, 4, 16
RNE, RTZ, RDN, RUP, RMM = range(5)


class Format:
    def __init__(self, letter):
        self.exponent_bits, self.fraction_bits = FORMATS[letter]
        self.width = 1 + self.exponent_bits + self.fraction_bits
        self.limit = (1 << self.exponent_bits) - 1
        self.bias = self.limit // 2
        self.box = MASK & ~((1 << self.width) - 1)
        self.canonical_nan = self.limit << self.fraction_bits | 1 << (self.fraction_bits - 1)

    def unbox(self, value):
        return value & ~self.box if value & self.box == self.box else self.canonical_nan

    def split(self, bits):
        return (bits >> (self.width - 1), bits >> self.fraction_bits & self.limit, bits & ((1 << self.fraction_bits) - 1))

    def is_nan(self, bits):
        _, exponent, fraction = self.split(bits)
        return exponent == self.limit and fraction != 0

    def is_signaling(self, bits):
        return self.is_nan(bits) and not bits >> (self.fraction_bits - 1) & 1

    def is_infinite(self, bits):
        _, exponent, fraction = self.split(bits)
        return exponent == self.limit and fraction == 0

    def value(self, bits):
        """A finite number's exact value."""
        sign, exponent, fraction = self.split(bits)
        magnitude = (fraction if exponent == 0 else fraction | 1 << self.fraction_bits)
        scale = max(exponent, 1) - self.bias - self.fraction_bits
        result = Fraction(magnitude) * Fraction(2) ** scale
        return -result if sign else result

    def order(self, bits):
        """A key that orders numbers, -0 before +0."""
        return -(bits & ~(1 << (self.width - 1))) - 1 if bits >> (self.width - 1) else bits

    def encode(self, sign, value, mode):
        """(bits, flags) of a magnitude, rounded once; tininess is detected after rounding."""
        if value == 0:
            return sign << (self.width - 1), 0
        exponent = value.numerator.bit_length() - value.denominator.bit_length()
        if Fraction(2) ** exponent > value:
            exponent -= 1
        smallest = 1 - self.bias

        def rounded(unit_exponent):
            exact = value / Fraction(2) ** unit_exponent
            return round_integer(exact, mode, sign), exact
        whole, exact = rounded(exponent - self.fraction_bits)
        is_tiny = Fraction(whole) * Fraction(2) ** (exponent - self.fraction_bits) < Fraction(2) ** smallest
        if exponent < smallest:
            exponent = smallest
            whole, exact = rounded(exponent - self.fraction_bits)
        flags = NX if whole != exact else 0
        if is_tiny and flags:
            flags |= UF
        if whole >> (self.fraction_bits + 1):
            whole >>= 1
            exponent += 1
        biased = exponent + self.bias if whole >> self.fraction_bits else 0
        if biased >= self.limit:
            away = mode in (RNE, RMM) or mode == (RDN if sign else RUP)
            largest = (self.limit << self.fraction_bits) - 1
            return sign << (self.width - 1) | largest + away, OF | NX
        return sign << (self.width - 1) | biased << self.fraction_bits | whole & ((1 << self.fraction_bits) - 1), flags


def round_integer(exact, mode, sign):
    """A magnitude to a whole number."""
    whole = exact.numerator // exact.denominator
    rest = exact - whole
    half = Fraction(1, 2)
    if mode == RNE:
        up = rest > half or (rest == half and whole & 1)
    elif mode == RMM:
        up = rest >= half
    else:
        up = rest != 0 and mode == (RDN if sign else RUP)
    return whole + bool(up)


# ---- operands ----
def both_signs(f, exponent, fraction):
    magnitude = exponent << f.fraction_bits | fraction & ((1 << f.fraction_bits) - 1)
    return [f.box | magnitude, f.box | 1 << (f.width - 1) | magnitude]


def unboxed(f):
    one = f.bias << f.fraction_bits
    return [one, f.box & ~(1 << f.width) | one] if f.width < 64 else []


def list_one(f):
    exponents = [0, 1, f.limit - 1, f.limit] + [f.bias + o for o in OFFSETS if 1 < f.bias + o < f.limit - 1]
    top = 1 << (f.fraction_bits - 1)
    every = 2 * top - 1
    fractions = [0, 1, 2, 3, top, top | 1, top - 1, every, every - 1, top // 2, top // 2 * 3]
    for narrower in (7, 10, 23):
        if narrower < f.fraction_bits:
            half = 1 << (f.fraction_bits - narrower - 1)
            fractions += [half - 1, half, half + 1, 3 * half, every - half, every - half + 1]
    return [v for exponent in exponents for fraction in fractions for v in both_signs(f, exponent, fraction)] + unboxed(f)


def list_two(f):
    top = 1 << (f.fraction_bits - 1)
    exponents = [0, 1, f.bias - f.fraction_bits - 1, f.bias - 1, f.bias, f.bias + 1, f.limit - 1, f.limit]
    return [v for e in exponents for n in (0, 1, top, 2 * top - 1) for v in both_signs(f, e & 0xffffffff, n)] + unboxed(f)


# ---- the rows: (f10 or None, x10 or None, flags) ----
def extremum(f, a, b, is_maximum):
    flags = NV if f.is_signaling(a) or f.is_signaling(b) else 0
    if f.is_nan(a) or f.is_nan(b):
        return f.box | f.canonical_nan, None, flags
    return f.box | (max if is_maximum else min)(a, b, key=f.order), None, flags


def quiet_relation(f, a, b, may_equal):
    if f.is_nan(a) or f.is_nan(b):
        return None, 0, NV if f.is_signaling(a) or f.is_signaling(b) else 0
    key = [f.order(v) if v & ~(1 << (f.width - 1)) else 0 for v in (a, b)]
    return None, int(key[0] < key[1] or (may_equal and key[0] == key[1])), 0


def to_integral(f, a, mode, tells_inexact):
    if f.is_nan(a):
        return f.box | f.canonical_nan, None, NV if f.is_signaling(a) else 0
    sign = a >> (f.width - 1)
    if f.is_infinite(a):
        return f.box | a, None, 0
    exact = abs(f.value(a))
    whole = round_integer(exact, mode, sign)
    bits, _ = f.encode(sign, Fraction(whole), RTZ)
    return f.box | bits, None, NX if tells_inexact and whole != exact else 0


def convert_modular(f, a):
    if f.is_nan(a) or f.is_infinite(a):
        return None, 0, NV
    value = f.value(a)
    whole = abs(value).numerator // abs(value).denominator
    whole = -whole if value < 0 else whole
    low = whole & 0xffffffff
    low -= (low >> 31) << 32
    if not -(1 << 31) <= whole < 1 << 31:
        return None, low & MASK, NV
    return None, low & MASK, NX if whole != value else 0


def convert(f, to, a, mode):
    if f.is_nan(a):
        return to.box | to.canonical_nan, None, NV if f.is_signaling(a) else 0
    sign = a >> (f.width - 1)
    if f.is_infinite(a):
        return to.box | sign << (to.width - 1) | to.limit << to.fraction_bits, None, 0
    bits, flags = to.encode(sign, abs(f.value(a)), mode)
    return to.box | bits, None, flags


def function_of(name):
    """What computes a row: f(operands, mode); None if the peer knows the row."""
    stem, _, letter = name.rpartition('_')
    f = Format(letter.lower()) if letter.lower() in FORMATS else None
    if stem in ('FMINM', 'FMAXM'):
        return f, lambda o, mode: extremum(f, o[0], o[1], stem == 'FMAXM')
    if stem in ('FLEQ', 'FLTQ'):
        return f, lambda o, mode: quiet_relation(f, o[0], o[1], stem == 'FLEQ')
    if stem in ('FROUND', 'FROUNDNX'):
        return f, lambda o, mode: to_integral(f, o[0], mode, stem == 'FROUNDNX')
    if name == 'FCVTMOD_W_D':
        return f, lambda o, mode: convert_modular(f, o[0])
    if name == 'FCVT_BF16_S':
        return f, lambda o, mode: convert(f, Format('b'), o[0], mode)
    if name == 'FCVT_S_BF16':
        small = Format('b')
        return small, lambda o, mode: convert(small, Format('s'), o[0], mode)
    return None


def digest_of(name, operands, rounds):
    f, compute = function_of(name)
    values = list_one(f) if len(operands) == 1 else list_two(f)
    before, digest = 0x123456789abcdef0, 0xcbf29ce484222325
    for number in range(10 if rounds else 1):
        mode = number % 5  # rm = 7 with each frm, then each rm
        frm = number if number < 5 else (number + 1) % 5
        for index in range(0, len(values) ** len(operands), 1 if number < 5 else 7):
            chosen = [values[index % len(values)], values[index // len(values) % len(values)]]
            result, integer, flags = compute([f.unbox(v) for v in chosen], mode)
            for word in (before if result is None else result, before if integer is None else integer, frm << 5 | flags):
                digest = (digest ^ word) * 0x100000001b3 & MASK
    return digest


def main():
    for line in sys.stdin:
        parts = line.split('=>')[0].split()
        if line.startswith('#') or len(parts) < 4:
            continue
        name, code, operands, modes = parts[:4]
        if function_of(name):
            print('%-11s %s %-3s %-6s => %016x' % (name, code, operands, modes, digest_of(name, operands, modes == 'rounds')))


if __name__ == '__main__':
    main()
