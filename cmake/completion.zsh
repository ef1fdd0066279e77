#compdef caucus
# Completion of caucus in zsh. What can stand where is taken from the program's help, so this is never behind it.
_caucus() {
    local program=$words[1] command=$words[2] before=$words[CURRENT-1] word=$words[CURRENT]
    local -a found
    if [[ $word == --*=* ]]; then
        before=${word%%=*}
        word=
        compset -P '*='
    fi
    if ((CURRENT == 2)) || [[ $CURRENT == 3 && $command == help ]]; then
        found=(${(f)"$($program --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')"} help version)
    elif [[ $word == -* ]]; then
        found=(${(uf)"$($program $command --help 2>/dev/null | grep -o -e '--[a-z][a-z-]*')"})
    elif [[ $before == --* ]]; then
        found=(${(s:|:)"$($program $command --help 2>/dev/null | sed -n "s/.*$before=\([a-z]*|[a-z|]*\).*/\1/p")"})
    fi
    if (($#found)); then
        compadd -- $found
    else
        _files
    fi
}
_caucus "$@"
