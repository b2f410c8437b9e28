# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for kage
_kage()
{
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} i
    local with_value='-L -E -U -0 -s -r --cpu -B -R -p -g -d --log -D --engine --seed --cache'
    local flags='--strace --one-insn-per-tb --singlestep --verify --stats --perfmap --jitdump --randomize --syscalls --version --help -h'
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ " $with_value " == *" ${COMP_WORDS[i]} "* ]]; then
            ((i++))
        elif [[ ${COMP_WORDS[i]} != -* ]]; then
            _command_offset "$i" 2>/dev/null || mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
        fi
    done
    case $previous in
    -L | --cache) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    -D) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    --engine) mapfile -t COMPREPLY < <(compgen -W 'fast interpreter' -- "$current") ;;
    --cpu) mapfile -t COMPREPLY < <(compgen -W 'max help' -- "$current") ;;
    -U) mapfile -t COMPREPLY < <(compgen -v -- "$current") ;;
    --log) mapfile -t COMPREPLY < <(compgen -W 'decode ir passes host blocks exits faults syscalls signals memory all' -- "$current") ;;
    -d) mapfile -t COMPREPLY < <(compgen -W 'in_asm op op_opt out_asm exec int page unimp strace guest_errors' -- "$current") ;;
    -g) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    -E | -0 | -s | -r | -B | -R | -p | --seed) ;;
    *)
        if [[ $current == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$with_value $flags" -- "$current")
        else
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
        fi
        ;;
    esac
}
complete -o filenames -F _kage kage
