# SPDX-License-Identifier: GPL-2.0-or-later
# perl: regular expressions, formats, sorting, pack, files, fork and pipes, modules in C.
cat >s.pl <<'END'
use strict; use warnings; use List::Util qw(sum max reduce); use POSIX qw(floor strftime); use Digest::SHA qw(sha256_hex); use Data::Dumper; use Time::HiRes qw(usleep); use Storable qw(dclone); use Encode;
$Data::Dumper::Sortkeys = 1; $Data::Dumper::Indent = 1; $| = 1;
my %count; $count{$_}++ for split //, "mississippi"; print join(",", map { "$_$count{$_}" } sort keys %count), "\n";
print "$1-$2\n" while "a1b22c333" =~ /([a-z])(\d+)/g; (my $t = "2024-05-06") =~ s/(\d+)-(\d+)-(\d+)/$3.$2.$1/; print "$t\n";
print sum(1 .. 100), " ", max(3, 9, 2), " ", reduce { $a * $b } 1 .. 10; print " ", floor(-2.5), " ", 10 % 3, " ", -7 / 2, " ", 2 ** 0.5, " ", 1e21, " ", 0.1 + 0.2, "\n";
print Dumper({ list => [1, { two => 2 }], code => "x" }); print unpack("H*", pack("NnCa3w", 1, 2, 3, "abc", 300)), "\n"; print sha256_hex("perl"), "\n";
my @sorted = sort { $a->[1] <=> $b->[1] or $a->[0] cmp $b->[0] } map { [$_, length] } qw(pear fig apple kiwi date); print join(" ", map { $_->[0] } @sorted), "\n";
open my $out, ">", "data" or die; print $out "line $_\n" for 1 .. 500; close $out; open my $in, "<", "data"; my @lines = grep { /7$/ } <$in>; print scalar(@lines), " $lines[-1]";
pipe my $r, my $w; my $pid = fork; if (!$pid) { close $r; print $w "from child\n"; close $w; exit 4 } close $w; print <$r>; waitpid $pid, 0; print $? >> 8, "\n";
print `echo backticks`, system("exit 3") >> 8, "\n"; local $SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; select undef, undef, undef, 5; }; print $@;
my $copy = dclone({ a => [1, 2, 3] }); print "@{$copy->{a}} ", length(encode("UTF-8", "\x{20ac}")), " ", strftime("%F", gmtime 86400 * 365), "\n";
sub ack { my ($m, $n) = @_; no warnings; return $n + 1 if !$m; return ack($m - 1, 1) if !$n; ack($m - 1, ack($m, $n - 1)) } print ack(2, 9), "\n";
my @primes = grep { my $n = $_; !grep { $n % $_ == 0 } 2 .. sqrt $n } 2 .. 500; print scalar(@primes), "\n"; printf "%s %5.2f %e %x %b\n", "text", 3.14159, 12345.678, 255, 10;
END
perl s.pl; echo $?; perl -ne 'print if /^line 4\d$/' data; perl -e 'die "dead\n"' 2>&1; echo $?; perl -MJSON::PP -e 'print JSON::PP->new->canonical->encode({a=>[1,"2"],b=>undef}), "\n"'
