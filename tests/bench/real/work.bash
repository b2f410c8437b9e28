# SPDX-License-Identifier: GPL-2.0-or-later
# Nothing but builtins: loops, arithmetic, arrays, patterns, substitutions, reading lines.
declare -A count
declare -i sum=0 lines=0 matched=0
step()
{
    local -i x=$1
    ((x = x % 2 ? x * 3 + 1 : x / 2, sum += x & 7))
}
while read -r number first rest; do
    lines+=1
    count[${first:0:3}]=$((${count[${first:0:3}]:-0} + number % 10))
    case $first in
        *[aeiou]) matched+=1 ;;
        [a-f]*) rest=${rest//e/E} ;;
    esac
    [[ $rest == *E*E* && $number -gt 10 ]] && matched+=${#rest}
    step "$number"
    ((lines < 12000)) || break
done
squares=()
for ((i = 0; i < 6000; i++)); do
    squares[i]=$((i * i % 1009))
    ((sum += squares[i / 2]))
done
printf '%d %d %d %d %s\n' "$lines" "$sum" "$matched" "${#count[@]}" "${squares[*]:100:5}"
