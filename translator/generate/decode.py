#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Decode files to C: decode.py HEADER DECODER DISPATCH INPUT... (the language is described in README.md).

HEADER is <prefix>_decode.h, DECODER the table and the decision tree, DISPATCH the calls of the lift functions; the
latter is a file of its own so that a test or a disassembler can link the decoder without the lifters."""
import os
import re
import sys

IDENTIFIER = re.compile(r'[A-Za-z_][A-Za-z0-9_]*$')
NUMBER = re.compile(r'-?(0x[0-9a-fA-F]+|0b[01]+|[0-9]+)$')
PIECE = re.compile(r'([0-9]+)(?::([0-9]+))?$')
C_KEYWORDS = set('''auto break case char const continue default do double else enum extern float for goto if inline int
long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
bool true false'''.split())
LIMITS = {'feature': 64, 'attribute': 32}  # bits of struct decode_row's members
STATUSES = {'hint': 'DECODE_HINT', 'missing': 'DECODE_MISSING', 'undefined': 'DECODE_UNDEFINED'}
MOST_FIRST_BITS = 12  # that the decoder looks at first: a table of jumps of so many bits
LEAF_ROWS = 3  # so few rows are compared one after the other


class Refusal(Exception):
    def __init__(self, place, text):
        super().__init__('%s:%d: %s' % (place[0], place[1], text))


class Field:
    """Where an operand comes from: pieces (high, low), most significant first, or a constant."""

    def __init__(self, pieces=(), is_signed=False, shift=0, plus=0, constant=0):
        self.pieces = tuple(pieces)
        self.is_signed, self.shift, self.plus, self.constant = is_signed, shift, plus, constant

    def key(self):
        return (self.pieces, self.is_signed, self.shift, self.plus, self.constant)

    def width(self):
        return sum(high - low + 1 for high, low in self.pieces)

    def scatter(self, number):
        """The instruction bits (mask, value) for which the unshifted field is number; None if it cannot be."""
        if number < 0 and self.is_signed:
            number += 1 << self.width()
        if not 0 <= number < 1 << self.width():
            return None
        mask = value = 0
        for high, low in reversed(self.pieces):
            ones = (1 << (high - low + 1)) - 1
            mask |= ones << low
            value |= (number & ones) << low
            number >>= high - low + 1
        return mask, value


class Pattern:
    """What a row or a format says; merged with Pattern.merge."""

    def __init__(self, place, name):
        self.place, self.name = place, name
        self.mask = self.value = 0
        self.has_bits = False
        self.named = {}     # name -> Field, in order of appearance
        self.assigned = {}  # member -> Field
        self.guards = []    # (name, number, equal)
        self.formats = []
        self.args = self.lift = self.status = None
        self.status_text = ''
        self.attributes, self.features = [], []
        self.group = ''
        self.braces = 0
        self.tests = []     # guards as (mask, value, equal)

    def merge(self, other):
        if (self.value ^ other.value) & self.mask & other.mask:
            raise Refusal(self.place, 'bits contradict those of @%s' % other.name)
        self.mask |= other.mask
        self.value |= other.value
        named = dict(other.named)
        for name, field in self.named.items():
            if name in named and named[name].key() != field.key():
                raise Refusal(self.place, "'%s' stands elsewhere in @%s" % (name, other.name))
            named[name] = field
        self.named = named
        for name, field in other.assigned.items():
            self.assigned.setdefault(name, field)
        self.guards = other.guards + self.guards
        self.args = self.args or other.args
        self.lift = self.lift or other.lift
        if self.status is None:
            self.status, self.status_text = other.status, other.status_text
        self.attributes = other.attributes + [name for name in self.attributes if name not in other.attributes]
        self.features = other.features + [name for name in self.features if name not in other.features]


class Decoder:
    def __init__(self):
        self.prefix = None
        self.shares = None  # prefix of the decoder that owns the declared args structs and the lift functions
        self.width = None
        self.fields, self.structs, self.formats = {}, {}, {}
        self.features, self.attributes = {}, {}
        self.rows, self.row_names = [], {}
        self.first = []     # pieces (high, low) of bits that the decoder looks at first
        self.group = ''
        self.braces = self.brace_count = 0
        self.brace_place = None

    # ---- reading ----

    def read(self, path):
        self.group = ''
        shown = os.path.basename(path)
        with open(path, encoding='utf-8') as file:
            lines = file.read().split('\n')
        text, start = '', 0
        for number, line in enumerate(lines, 1):
            line = strip_comment(line)
            start = start if text else number
            if line.rstrip().endswith('\\'):
                text += line.rstrip()[:-1] + ' '
                continue
            text += line
            place = (shown, start)
            self.read_line(place, split_words(place, text))
            text = ''
        if self.braces:
            raise Refusal(self.brace_place, "'{' is never closed")

    def read_line(self, place, words):
        if not words:
            return
        head = words[0]
        if head == '{' and len(words) == 1:
            if self.braces:
                raise Refusal(place, 'braces do not nest')
            self.brace_count += 1
            self.braces, self.brace_place = self.brace_count, place
        elif head == '}' and len(words) == 1:
            if not self.braces:
                raise Refusal(place, "'}' without '{'")
            self.braces = 0
        elif head.startswith('%'):
            reader = getattr(self, 'read_' + head[1:], None)
            if reader is None or head[1:] in ('line', 'pattern', 'row'):
                raise Refusal(place, "unknown directive '%s'" % head)
            reader(place, words[1:])
        else:
            self.read_row(place, words)

    def read_prefix(self, place, words):
        if len(words) != 1 or not IDENTIFIER.match(words[0]):
            raise Refusal(place, '%prefix wants one identifier')
        if self.prefix not in (None, words[0]):
            raise Refusal(place, "%%prefix is already '%s'" % self.prefix)
        self.prefix = words[0]

    def read_shares(self, place, words):
        if len(words) != 1 or not IDENTIFIER.match(words[0]):
            raise Refusal(place, '%shares wants the prefix of another decoder')
        self.shares = words[0]

    def read_width(self, place, words):
        if len(words) != 1 or words[0] not in ('16', '32'):
            raise Refusal(place, '%width must be 16 or 32')
        if self.width not in (None, int(words[0])):
            raise Refusal(place, '%%width is already %d' % self.width)
        self.width = int(words[0])

    def read_first(self, place, words):
        self.want_width(place)
        pieces = [PIECE.match(word) for word in words]
        if not pieces or not all(pieces):
            raise Refusal(place, '%first wants pieces of bits')
        self.first = [(int(piece.group(1)), int(piece.group(2) or piece.group(1))) for piece in pieces]
        if any(high < low or high >= self.width for high, low in self.first):
            raise Refusal(place, '%%first is not inside %d bits' % self.width)
        if sum(high - low + 1 for high, low in self.first) > MOST_FIRST_BITS:
            raise Refusal(place, '%%first has more than %d bits' % MOST_FIRST_BITS)

    def read_group(self, place, words):
        if len(words) != 1 or not words[0].startswith('"'):
            raise Refusal(place, '%group wants one quoted heading')
        self.group = words[0][1:-1]

    def read_feature(self, place, words):
        self.declare(place, words, self.features, 'feature')

    def read_attribute(self, place, words):
        self.declare(place, words, self.attributes, 'attribute')

    def declare(self, place, words, table, kind):
        if len(words) != 2 or not IDENTIFIER.match(words[0]) or not words[1].startswith('"'):
            raise Refusal(place, '%%%s wants a name and a quoted text' % kind)
        if words[0] in table:
            raise Refusal(place, "%s '%s' is declared twice" % (kind, words[0]))
        if len(table) == LIMITS[kind]:
            raise Refusal(place, 'more than %d %ss' % (LIMITS[kind], kind))
        table[words[0]] = words[1][1:-1]

    def read_field(self, place, words):
        self.want_width(place)
        if not words or not IDENTIFIER.match(words[0]):
            raise Refusal(place, '%field wants a name')
        name = words[0]
        if name in self.fields:
            raise Refusal(place, "field '%s' is defined twice" % name)
        field = Field()
        pieces = []
        for word in words[1:]:
            piece = PIECE.match(word)
            if piece:
                high = int(piece.group(1))
                low = int(piece.group(2) or high)
                if high < low or high >= self.width:
                    raise Refusal(place, "piece '%s' is not inside %d bits" % (word, self.width))
                if any(high >= other_low and low <= other_high for other_high, other_low in pieces):
                    raise Refusal(place, "piece '%s' repeats bits of the field" % word)
                pieces.append((high, low))
            elif word == 'signed':
                field.is_signed = True
            elif word.startswith('shift=') and NUMBER.match(word[6:]):
                field.shift = int(word[6:], 0)
            elif word.startswith('plus=') and NUMBER.match(word[5:]):
                field.plus = int(word[5:], 0)
            else:
                raise Refusal(place, "'%s' is no part of a field" % word)
        if not pieces:
            raise Refusal(place, "field '%s' has no bits" % name)
        field.pieces = tuple(pieces)
        if field.shift < 0 or field.width() + field.shift > 32:
            raise Refusal(place, "field '%s' does not fit into 32 bits" % name)
        self.fields[name] = field

    def read_args(self, place, words):
        if not words or not IDENTIFIER.match(words[0]):
            raise Refusal(place, '%args wants a name and members')
        name, members = words[0], words[1:]
        if name in self.structs:
            raise Refusal(place, "args '%s' are defined twice" % name)
        for index, member in enumerate(members):
            check_member(place, member)
            if member in members[:index]:
                raise Refusal(place, "member '%s' stands twice in args '%s'" % (member, name))
        self.structs[name] = members

    def read_format(self, place, words):
        self.want_width(place)
        if not words or not IDENTIFIER.match(words[0]):
            raise Refusal(place, '%format wants a name')
        if words[0] in self.formats:
            raise Refusal(place, "format '%s' is defined twice" % words[0])
        self.formats[words[0]] = self.read_pattern(place, words)

    def want_width(self, place):
        if self.prefix is None or self.width is None:
            raise Refusal(place, '%prefix and %width must come first')

    def read_pattern(self, place, words):
        pattern = Pattern(place, words[0])
        position = self.width
        bits = 0
        expect_text = False
        for word in words[1:]:
            if word.startswith('"'):
                if not expect_text:
                    raise Refusal(place, 'text without a status before it')
                pattern.status_text, expect_text = word[1:-1], False
                continue
            expect_text = False
            if re.match(r'[01.]+$', word):
                size = len(word)
                pattern.has_bits = True
                bits += size
                if bits <= self.width:
                    position -= size
                    for offset, bit in enumerate(reversed(word)):
                        if bit != '.':
                            pattern.mask |= 1 << (position + offset)
                            pattern.value |= int(bit) << (position + offset)
            elif re.match(r'[A-Za-z_][A-Za-z0-9_]*:[0-9]+$', word):
                name, size = word.split(':')
                size = int(size)
                check_member(place, name.lstrip('_') or name)
                if size == 0:
                    raise Refusal(place, "'%s' has no bits" % name)
                if name in pattern.named:
                    raise Refusal(place, "'%s' stands twice" % name)
                pattern.has_bits = True
                bits += size
                if bits <= self.width:
                    position -= size
                    pattern.named[name] = Field([(position + size - 1, position)])
            else:
                expect_text = self.read_word(pattern, word)
        if pattern.has_bits and bits != self.width:
            raise Refusal(place, 'has %d bits, not %d' % (bits, self.width))
        if pattern.status == 'missing' and not pattern.status_text:
            raise Refusal(place, '!missing wants a text that says what')
        return pattern

    def read_word(self, pattern, word):
        """One word after a name that is neither bits nor text; returns true if a text may follow."""
        place = pattern.place
        guard = re.match(r'([A-Za-z_][A-Za-z0-9_]*)(!=|==)(.*)$', word)
        assignment = re.match(r'([A-Za-z_][A-Za-z0-9_]*)=(.*)$', word)
        if word.startswith('@'):
            pattern.formats.append(word[1:])
        elif word.startswith('&'):
            if word[1:] not in self.structs:
                raise Refusal(place, "args '%s' are not defined" % word[1:])
            if pattern.args:
                raise Refusal(place, 'more than one &args')
            pattern.args = word[1:]
        elif word.startswith('?'):
            self.want_declared(place, word[1:], self.features, 'feature')
            pattern.features.append(word[1:])
        elif word.startswith('+'):
            self.want_declared(place, word[1:], self.attributes, 'attribute')
            pattern.attributes.append(word[1:])
        elif word.startswith('='):
            if not IDENTIFIER.match(word[1:]):
                raise Refusal(place, "'%s' names no function" % word)
            pattern.lift = word[1:]
        elif word.startswith('!'):
            if word[1:] not in STATUSES:
                raise Refusal(place, "unknown status '%s'" % word)
            if pattern.status:
                raise Refusal(place, 'more than one status')
            pattern.status = word[1:]
            return True
        elif guard:
            if not NUMBER.match(guard.group(3)):
                raise Refusal(place, "guard '%s' wants a number" % word)
            pattern.guards.append((guard.group(1), int(guard.group(3), 0), guard.group(2) == '=='))
        elif assignment:
            check_member(place, assignment.group(1))
            if assignment.group(1) in pattern.assigned:
                raise Refusal(place, "'%s' is assigned twice" % assignment.group(1))
            pattern.assigned[assignment.group(1)] = self.read_assigned(place, assignment.group(2))
        else:
            raise Refusal(place, "cannot read '%s'" % word)
        return False

    def read_assigned(self, place, text):
        if text.startswith('%'):
            if text[1:] not in self.fields:
                raise Refusal(place, "field '%s' is not defined" % text[1:])
            return self.fields[text[1:]]
        if NUMBER.match(text):
            return Field(constant=int(text, 0))
        raise Refusal(place, "'%s' is neither a number nor a %%field" % text)

    def want_declared(self, place, name, table, kind):
        if name not in table:
            raise Refusal(place, "%s '%s' is not declared" % (kind, name))

    def read_row(self, place, words):
        self.want_width(place)
        name = words[0]
        if not IDENTIFIER.match(name):
            raise Refusal(place, "'%s' cannot name a row" % name)
        if name in self.row_names:
            raise Refusal(place, "row '%s' is already in line %d of %s"
                          % (name, self.row_names[name].place[1], self.row_names[name].place[0]))
        row = self.read_pattern(place, words)
        for wanted in row.formats:
            if wanted not in self.formats:
                raise Refusal(place, "format '%s' is not defined" % wanted)
            row.merge(self.formats[wanted])
            row.has_bits = row.has_bits or self.formats[wanted].has_bits
        if not row.has_bits:
            raise Refusal(place, 'has no bits')
        row.group, row.braces = self.group, self.braces
        self.finish_row(row)
        self.row_names[name] = row
        self.rows.append(row)

    def finish_row(self, row):
        for name, number, equal in row.guards:
            field = row.named.get(name) or row.assigned.get(name)
            if field is None or not field.pieces or field.shift or field.plus:
                raise Refusal(row.place, "guard on '%s', which names no plain bits" % name)
            test = field.scatter(number)
            if test is None:
                raise Refusal(row.place, "guard: '%s' can never be %d" % (name, number))
            if equal and (row.value ^ test[1]) & row.mask & test[0]:
                raise Refusal(row.place, "can never match: guard on '%s' contradicts the bits" % name)
            row.tests.append((test[0], test[1], equal))
            if equal:
                row.mask |= test[0]
                row.value |= test[1]
        operands = {name: field for name, field in row.named.items() if not name.startswith('_')}
        for name, field in row.assigned.items():
            if name in operands:
                raise Refusal(row.place, "'%s' is both bits and assigned" % name)
            operands[name] = field
        if row.args is None:
            row.struct, row.members = row.name, list(operands)
            if row.name in self.structs:
                raise Refusal(row.place, "row has the name of args '%s'" % row.name)
        else:
            row.struct, row.members = row.args, self.structs[row.args]
            for name in operands:
                if name not in row.members:
                    raise Refusal(row.place, "'%s' is no member of args '%s'" % (name, row.args))
        row.operands = [(name, operands[name]) for name in row.members if name in operands]
        if row.status is None:
            row.lift = row.lift or row.name.lower()
        elif row.lift and row.status:
            row.lift = None

    # ---- checks ----

    def check(self):
        if self.prefix is None or self.width is None:
            raise Refusal(('(input)', 0), 'no %prefix or no %width')
        lifts = {}
        for row in self.rows:
            if row.lift is None:
                continue
            first = lifts.setdefault(row.lift, row)
            if first.struct != row.struct:
                raise Refusal(row.place, "lift function '%s' has other args in line %d of %s"
                              % (row.lift, first.place[1], first.place[0]))
        self.check_rows(list(self.rows), 0)
        for row in self.rows:
            if find_word(row.mask, row.value, negatives(row)) is None:
                raise Refusal(row.place, "row '%s' can never match: its guards exclude everything" % row.name)
        self.check_shadows()

    def check_rows(self, rows, done):
        """Overlaps are looked for among rows that no commonly fixed bit separates."""
        common = ~done & 0xffffffff
        for row in rows:
            common &= row.mask
        if common and len(rows) > 1:
            parts = {}
            for row in rows:
                parts.setdefault(row.value & common, []).append(row)
            for part in parts.values():
                self.check_rows(part, done | common)
            return
        for index, row in enumerate(rows):
            for other in rows[index + 1:]:
                if (row.value ^ other.value) & row.mask & other.mask:
                    continue
                if row.braces and row.braces == other.braces:
                    continue
                word = find_word(row.mask | other.mask, row.value | other.value, negatives(row) + negatives(other))
                if word is not None:
                    raise Refusal(other.place, "row '%s' overlaps '%s' in line %d of %s (both match 0x%0*x)"
                                  % (other.name, row.name, row.place[1], row.place[0], self.width // 4, word))

    def check_shadows(self):
        braces = {}
        for row in self.rows:
            if row.braces:
                above = braces.setdefault(row.braces, [])
                over = [one for one in above if not (row.value ^ one.value) & row.mask & one.mask]
                if over and find_uncovered(row.mask, row.value, negatives(row), over) is None:
                    raise Refusal(row.place, "row '%s' can never match: the rows above it in the braces take all"
                                  % row.name)
                above.append(row)


def strip_comment(line):
    quoted = False
    for index, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == '#' and not quoted:
            return line[:index]
    return line


def split_words(place, text):
    words = re.findall(r'"[^"]*"|[^\s"]+', text)
    if text.count('"') % 2:
        raise Refusal(place, 'a quote is never closed')
    return words


def check_member(place, name):
    if not IDENTIFIER.match(name) or name in C_KEYWORDS:
        raise Refusal(place, "'%s' cannot name a member" % name)


def negatives(row):
    return [(mask, value) for mask, value, equal in row.tests if not equal]


def find_word(mask, value, excluded):
    """A word that agrees with mask and value and with none of the excluded (mask, value); None if there is none."""
    for index, (other_mask, other_value) in enumerate(excluded):
        if (value ^ other_value) & mask & other_mask:
            continue
        free = other_mask & ~mask
        rest = excluded[index + 1:]
        while free:
            bit = free & -free
            free &= ~bit
            word = find_word(mask | bit, value | (~other_value & bit), rest)
            if word is not None:
                return word
            mask |= bit
            value |= other_value & bit
        return None
    return value


def find_uncovered(mask, value, excluded, rows):
    """Like find_word, and moreover matched by none of the rows."""
    if not rows:
        return find_word(mask, value, excluded)
    row, rest = rows[0], rows[1:]
    if (value ^ row.value) & mask & row.mask:
        return find_uncovered(mask, value, excluded, rest)
    if find_word(mask, value, excluded) is None:
        return None
    free = row.mask & ~mask
    while free:
        bit = free & -free
        free &= ~bit
        word = find_uncovered(mask | bit, value | (~row.value & bit), excluded, rest)
        if word is not None:
            return word
        mask |= bit
        value |= row.value & bit
    for test_mask, test_value in negatives(row):  # the row's bits match, but a guard of its own keeps it away
        if not (value ^ test_value) & mask & test_mask:
            word = find_uncovered(mask | test_mask, value | test_value, excluded, rest)
            if word is not None:
                return word
    return None


# ---- writing ----

class Writer:
    def __init__(self, decoder, sources):
        self.decoder = decoder
        self.prefix = decoder.prefix
        self.upper = decoder.prefix.upper()
        self.banner = '/* SPDX-License-Identifier: GPL-2.0-or-later */\n/* Generated from %s. */\n' % ', '.join(
            os.path.basename(source) for source in sources)
        self.structs = {}
        for row in decoder.rows:
            self.structs.setdefault(row.struct, row.members)
        for name, members in decoder.structs.items():
            self.structs.setdefault(name, members)

    def owner(self, struct):
        """The prefix of an args struct, and of the lift functions that take it."""
        if self.decoder.shares and struct in self.decoder.structs:
            return self.decoder.shares
        return self.prefix

    def header(self):
        prefix, upper = self.prefix, self.upper
        out = [self.banner + '#ifndef %s_DECODE_H\n#define %s_DECODE_H\n\n#include "decode_row.h"\n\nstruct lifter;\n'
               % (upper, upper)]
        if self.decoder.shares:
            out[0] = out[0].replace('"decode_row.h"', '"%s_decode.h"' % self.decoder.shares)
        out.append('enum %s_row {' % prefix)
        out += ['    %s_ROW_%s,' % (upper, row.name) for row in self.decoder.rows]
        out.append('    %s_ROW_COUNT\n};\n' % upper)
        for kind, table in (('feature', self.decoder.features), ('attribute', self.decoder.attributes)):
            out.append('#define %s_%s_COUNT %d' % (upper, kind.upper(), len(table)))
            for index, (name, text) in enumerate(table.items()):
                out.append('#define %s_%s_%s (UINT%d_C(1) << %d) /* %s */'
                           % (upper, kind.upper(), name.upper(), LIMITS[kind], index, text))
            if table:
                out.append('extern const struct decode_name %s_%ss[%d];' % (prefix, kind, len(table)))
            out.append('')
        for name, members in self.structs.items():
            if self.owner(name) != prefix:
                continue
            body = '    int32_t %s;' % ', '.join(members) if members else '    char nothing;'
            out.append('struct %s_args_%s {\n%s\n};\n' % (prefix, name, body))
        out.append('union %s_args {' % prefix)
        out += ['    struct %s_args_%s %s;' % (self.owner(name), name, 'as_' + name) for name in self.structs]
        out.append('};\n\nextern const struct decode_row %s_rows[%s_ROW_COUNT];\n' % (prefix, upper))
        out.append('/* The row that matches bits, its operands in *args; NULL when none does. */\n'
                   'const struct decode_row *%s_decode(uint32_t bits, union %s_args *args);\n' % (prefix, prefix))
        out.append('/* Calls the lift function of the row; true for a hint, false for a row that is not supported. */\n'
                   'bool %s_lift(struct lifter *lifter, const struct decode_row *row, const union %s_args *args);\n'
                   % (prefix, prefix))
        seen = set()
        for row in self.decoder.rows:
            if row.lift and row.lift not in seen and self.owner(row.struct) == prefix:
                seen.add(row.lift)
                out.append('bool %s_lift_%s(struct lifter *lifter, const struct %s_args_%s *args);'
                           % (prefix, row.lift, prefix, row.struct))
        out.append('\n#endif')
        return '\n'.join(out) + '\n'

    def source(self):
        out = [self.banner + '#include "%s_decode.h"\n' % self.prefix]
        for kind, table in (('feature', self.decoder.features), ('attribute', self.decoder.attributes)):
            if table:
                out.append('const struct decode_name %s_%ss[%d] = {' % (self.prefix, kind, len(table)))
                out += ['    {"%s", "%s"},' % item for item in table.items()]
                out.append('};\n')
        out += self.row_tables() + self.extractors() + self.tree()
        return '\n'.join(out) + '\n'

    def row_tables(self):
        out, table, pieces, operands, guards = [], [], {}, {}, {}
        for row in self.decoder.rows:
            entries = []
            for name, field in row.operands:
                where = 'NULL'
                if field.pieces:
                    where = name_once(out, pieces, 'static const struct decode_piece pieces_%d[] = {%s};',
                                      ', '.join('{%d, %d}' % piece for piece in field.pieces), 'pieces_%d')
                entries.append('{"%s", %s, %d, %s, %d, %d, %d, offsetof(struct %s_args_%s, %s)}'
                               % (name, where, len(field.pieces), 'true' if field.is_signed else 'false', field.shift,
                                  field.plus, field.constant, self.owner(row.struct), row.struct, name))
            fields = 'NULL'
            if entries:
                fields = name_once(out, operands, 'static const struct decode_field fields_%d[] = {%s};',
                                   ', '.join(entries), 'fields_%d')
            tests = 'NULL'
            if row.tests:
                tests = name_once(out, guards, 'static const struct decode_guard guards_%d[] = {%s};',
                                  ', '.join('{0x%xu, 0x%xu, %s}' % (mask, value, 'true' if equal else 'false')
                                            for mask, value, equal in row.tests), 'guards_%d')
            table.append('    {"%s", "%s", 0x%xu, 0x%xu, %s, %s, %s, "%s", %s_ROW_%s, %d, %d, %s, %s},' % (
                row.name, row.group, row.mask, row.value,
                bit_set(row.attributes, self.decoder.attributes), bit_set(row.features, self.decoder.features),
                STATUSES.get(row.status, 'DECODE_IMPLEMENTED'), row.status_text, self.upper, row.name, len(entries),
                len(row.tests), fields, tests))
        out.append('\nconst struct decode_row %s_rows[%s_ROW_COUNT] = {' % (self.prefix, self.upper))
        return out + table + ['};\n']

    def extractors(self):
        out, known = [], {}
        for row in self.decoder.rows:
            lines = ['    args->as_%s.%s = %s;' % (row.struct, member, extract(dict(row.operands).get(member)))
                     for member in row.members]
            row.extractor = name_once(
                out, known, 'static void extract_%d(uint32_t bits, union ' + self.prefix + '_args *args)\n{\n%s\n}\n',
                '\n'.join(lines or ['    (void)bits;\n    (void)args;']), 'extract_%d')
        return out

    def tree(self):
        out = ['const struct decode_row *%s_decode(uint32_t bits, union %s_args *args)\n{' % (self.prefix, self.prefix)]
        if self.decoder.first:
            self.first_branch(out)
        else:
            self.branch(out, self.decoder.rows, 0, '    ')
        return out + ['    return NULL;\n}']

    def first_branch(self, out):
        """One jump by the bits of %first, whatever the rows; values that leave the same rows share their code."""
        first = Field(self.decoder.first)
        parts = {}
        for number in range(1 << first.width()):
            mask, value = first.scatter(number)
            rows = [row for row in self.decoder.rows if not (row.value ^ value) & row.mask & mask]
            if rows:
                parts.setdefault(tuple(row.name for row in rows), (rows, []))[1].append(number)
        out.append('    switch (%s) {' % extract(first).replace('(int32_t)', ''))
        for rows, numbers in parts.values():
            out += ['    case 0x%x:' % number for number in numbers]
            self.branch(out, rows, mask, '        ')
            out.append('        break;')
        out.append('    default:\n        break;\n    }')

    def branch(self, out, rows, done, indent):
        test = 0
        if len(rows) > LEAF_ROWS:
            test = 0xffffffff & ~done
            for row in rows:
                test &= row.mask
            test = test or choose_bit(rows, done)
        if not test:
            for row in rows:
                conditions = []
                if row.mask & ~done:
                    conditions.append('(bits & 0x%xu) == 0x%xu' % (row.mask & ~done, row.value & ~done))
                conditions += ['(bits & 0x%xu) != 0x%xu' % pair for pair in negatives(row)]
                conditions = conditions or ['true']
                out.append('%sif (%s) {' % (indent, ' && '.join(conditions)))
                out.append('%s    %s(bits, args);' % (indent, row.extractor))
                out.append('%s    return &%s_rows[%s_ROW_%s];' % (indent, self.prefix, self.upper, row.name))
                out.append('%s}' % indent)
            return
        parts = {}
        values = sorted({row.value & test for row in rows if row.mask & test == test})
        for value in values:
            parts[value] = [row for row in rows if not (row.value ^ value) & row.mask & test]
        shift = (test & -test).bit_length() - 1  # small values become a table of jumps
        out.append('%sswitch (bits >> %d & 0x%xu) {' % (indent, shift, test >> shift))
        for value, part in parts.items():
            out.append('%scase 0x%xu:' % (indent, value >> shift))
            self.branch(out, part, done | test, indent + '    ')
            out.append('%s    break;' % indent)
        out.append('%s}' % indent)

    def dispatch(self):
        out = [self.banner + '#include "%s_decode.h"\n' % self.prefix]
        out.append('bool %s_lift(struct lifter *lifter, const struct decode_row *row, const union %s_args *args)\n{'
                   % (self.prefix, self.prefix))
        calls = {}
        for row in self.decoder.rows:
            if row.lift:
                calls.setdefault((row.lift, row.struct), []).append(row)
        table = ['/* All take a pointer to a struct of the union; NULL: the row has none. */',
                 'typedef bool lift_function(struct lifter *lifter, const void *args);',
                 'static lift_function *const lift_functions[%s_ROW_COUNT] = {' % self.upper]
        for (lift, struct), rows in calls.items():
            table += ['    [%s_ROW_%s] = (lift_function *)%s_lift_%s,' % (self.upper, row.name, self.owner(struct), lift)
                      for row in rows]
        out[1:1] = table + ['};\n']
        out.append('    lift_function *lift = lift_functions[row->id];')
        out.append('    return lift ? lift(lifter, args) : row->status == DECODE_HINT;\n}')
        return '\n'.join(out) + '\n'


def choose_bit(rows, done):
    """The single bit that best halves the rows; rows that leave it open go to both sides."""
    best, best_bit = len(rows) * 2, 0
    for index in range(32):
        bit = 1 << index
        if bit & done:
            continue
        zeros = sum(1 for row in rows if row.mask & bit and not row.value & bit)
        ones = sum(1 for row in rows if row.mask & bit and row.value & bit)
        if zeros and ones:
            open_rows = len(rows) - zeros - ones
            worse = max(zeros, ones) + open_rows
            if worse < len(rows) and worse + open_rows < best:
                best, best_bit = worse + open_rows, bit
    return best_bit


def bit_set(names, table):
    value = 0
    for name in names:
        value |= 1 << list(table).index(name)
    return '0x%xu' % value


def name_once(out, known, form, text, name):
    if text not in known:
        known[text] = len(known)
        out.append(form % (known[text], text))
    return name % known[text]


def extract(field):
    if field is None:
        return '0'
    if not field.pieces:
        return str(field.constant)
    terms, below = [], field.width()
    for index, (high, low) in enumerate(field.pieces):
        size = high - low + 1
        below -= size
        if index == 0 and field.is_signed:
            term = '((int32_t)(bits << %d) >> %d)' % (31 - high, 32 - size)
            term = '%s * %d' % (term, 1 << below) if below else term
        else:
            term = '(int32_t)((bits >> %d) & 0x%xu)' % (low, (1 << size) - 1)
            term = '(%s << %d)' % (term, below) if below else term
        terms.append(term)
    text = ' | '.join(terms) if len(terms) > 1 else terms[0]
    if field.shift:
        text = '(%s) * %d' % (text, 1 << field.shift) if field.shift < 31 else '(int32_t)((uint32_t)(%s) << 31)' % text
    if field.plus:
        text = '(%s) + %d' % (text, field.plus)
    return text


def main(arguments):
    if len(arguments) < 4:
        sys.stderr.write('usage: decode.py HEADER DECODER DISPATCH INPUT...\n')
        return 2
    outputs, inputs = arguments[:3], arguments[3:]
    decoder = Decoder()
    try:
        for path in inputs:
            decoder.read(path)
        decoder.check()
    except Refusal as refusal:
        sys.stderr.write('%s\n' % refusal)
        return 1
    writer = Writer(decoder, inputs)
    texts = writer.header(), writer.source(), writer.dispatch()
    for path, text in zip(outputs, texts):
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
