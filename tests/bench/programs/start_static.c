// SPDX-License-Identifier: GPL-2.0-or-later
// class: start
// repeat: 250
// Isolates: the start of a static program that does nothing.
int main(void)
{
    return 0;
}
