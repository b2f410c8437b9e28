# SPDX-License-Identifier: GPL-2.0-or-later
# Substitutions with groups, addresses, the hold space. Prints every sixteenth line and what it gathered at the end.
s/^([0-9]+) ([a-z]+) ([a-z]+)/\3 \1 \2/
s/([aeiou])([b-df-h])/\2\1/g
/ta.*ne/{
    s/ [a-z]{4} / four /g
    y/abc/xyz/
}
/^so/{
    H
    x
    s/^(.{200}).*$/\1/
    x
}
0~16p
$!d
x
