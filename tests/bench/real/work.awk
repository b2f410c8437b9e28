# SPDX-License-Identifier: GPL-2.0-or-later
# Fields, associative arrays and string functions over the generated text.
{
    total = (total + $1) % 1000003
    for (i = 2; i <= NF; i++) {
        count[$i]++
        length_of[length($i)]++
    }
    if ($0 ~ /[aeiou][aeiou] [b-k]/)
        vowels++
    if (index($0, "ta") > 10)
        found += gsub(/ne/, "NE")
    key = substr($2, 1, 2)
    group[key] = (group[key] + $1) % 65521
}
END {
    for (word in count) {
        words++
        if (count[word] > most || (count[word] == most && word < best)) {
            most = count[word]
            best = word
        }
    }
    for (key in group)
        groups++
    printf "%d %d %d %s %d %d %d\n", total, words, most, best, vowels, found, groups
}
