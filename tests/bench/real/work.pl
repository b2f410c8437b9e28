# SPDX-License-Identifier: GPL-2.0-or-later
# Text work: reads the generated text, counts, splits, substitutes, formats, sorts.
use strict;
use warnings;

my (%count, %after, $previous, $changed, $total);
while (my $line = <STDIN>) {
    chomp $line;
    my ($number, @words) = split / /, $line;
    $total += $number;
    for my $word (@words) {
        $count{$word}++;
        $after{"$previous $word"}++ if defined $previous;
        $previous = $word;
    }
    $changed += ($line =~ s/\b([a-z])([a-z]*)(ta|ne|so)\b/\u$1$2-$3/g) || 0;
    $changed += length sprintf '%-20s|%8.2f', substr($line, 0, 20), $number / 3 if $line =~ /^\d*[05] .*[aeiou]{2}/;
}
my @top = (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count)[0 .. 9];
print "$total $changed ", scalar(keys %after), "\n";
print join(',', map { "$_=$count{$_}" } @top), "\n";
print join(' ', map { scalar reverse $_ } @top), "\n";
