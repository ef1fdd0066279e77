# Completion of caucus in bash. What can stand where is taken from the program's help, so this is never behind it.
_caucus() {
    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} found
    if [ "$word" = = ]; then
        word=
    elif [ "$before" = = ]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ] || { [ "$COMP_CWORD" -eq 2 ] && [ "${COMP_WORDS[1]}" = help ]; }; then
        found="$("$program" --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p') help version --help --version"
    elif [[ $word == -* ]]; then
        found=$("$program" "${COMP_WORDS[1]}" --help 2>/dev/null | grep -o -e '--[a-z][a-z-]*')
    elif [[ $before == --* ]]; then # the choices of an option, such as --format=table|csv
        found=$("$program" "${COMP_WORDS[1]}" --help 2>/dev/null | sed -n "s/.*$before=\([a-z]*|[a-z|]*\).*/\1/p" | tr '|' ' ')
    fi
    mapfile -t COMPREPLY < <(compgen -W "$found" -- "$word" | sort -u)
}
complete -o default -F _caucus caucus
