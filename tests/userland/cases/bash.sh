# SPDX-License-Identifier: GPL-2.0-or-later
# The shell itself: expansion, arrays, functions, pipelines, subshells, traps, jobs, process substitution, coprocesses.
set -u
declare -A colours=([red]=1 [green]=2 [blue]=3)
for key in $(printf '%s\n' "${!colours[@]}" | sort); do echo "$key ${colours[$key]}"; done
words=(alpha "beta gamma" delta); echo "${#words[@]} ${words[1]} ${words[@]:1:2} ${words[*]/a/A} ${!words[@]}"
text="The quick brown fox"; echo "${text,,} ${text^^} ${text#* } ${text##* } ${text%% *} ${text/quick/slow} ${#text} ${text:4:5}"
fib() { (($1 < 2)) && echo "$1" || echo $(($(fib $(($1 - 1))) + $(fib $(($1 - 2))))); }
fib 9
echo $((7**5 % 13)) $((0xff & ~0x0f)) $((-17 / 4)) $((-17 % 4)) $((1 << 40)) $((9223372036854775807 + 1))
cat <<END | tr a-z A-Z
here document ${words[0]}
END
while read -r a b; do echo "$b-$a"; done < <(printf '1 one\n2 two\n3 three\n')
(exit 7); echo "status $?"
false | true | false; echo "pipe ${PIPESTATUS[*]}"
[[ "kage-1.2.3" =~ ^([a-z]+)-([0-9]+)\.([0-9]+) ]] && echo "${BASH_REMATCH[@]}"
case "file.tar.gz" in *.gz) echo compressed;; *) echo other;; esac
trap 'echo trapped USR1' USR1; kill -USR1 $$; trap 'echo leaving' EXIT
sleep 0.05 & wait $!; echo "waited $?"
(sleep 5 & child=$!; kill -TERM $child; wait $child; echo "killed $?")
coproc { while read -r line; do echo "got $line"; done; }
echo hello >&"${COPROC[1]}"; read -r answer <&"${COPROC[0]}"; echo "$answer"; eval "exec ${COPROC[1]}>&-"; wait
for ((i = 0; i < 2000; i++)); do :; done; echo $i
printf '%05d|%-6s|%x|%q|%(%Y)T\n' 42 ab 255 'a b' 0
exec 5>out; echo through five >&5; exec 5>&-; cat out
getopts_test() { local OPTIND; while getopts ab:c option "$@"; do echo "$option ${OPTARG-}"; done; }
getopts_test -a -b value -c
mapfile -t lines < <(seq 5); echo "${lines[@]}"
echo {a..e} {1..10..3} x{1,2}y
for i in 1 2 3 4 5 6 7 8; do (echo "sub $i" >part$i) & done; wait; cat part*
ulimit -n 50; ulimit -n
bash -c 'echo "nested $0 $1"' zero one
/nonexistent/command 2>/dev/null; echo "not found $?"
printf '#!/bin/sh\necho "script $1"\n' >script; chmod +x script; ./script argument; echo $?
: >plain; ./plain 2>/dev/null; echo "no permission $?"
times >/dev/null; echo end
