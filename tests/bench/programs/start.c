// SPDX-License-Identifier: GPL-2.0-or-later
// class: start
// link: dynamic
// repeat: 150
// Isolates: the start of a dynamic program that does nothing, as /bin/true does: loading, relocation, cold code.
int main(void)
{
    return 0;
}
