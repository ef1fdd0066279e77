#!/bin/sh
# Man pages from the help texts: man-pages.sh HELP2MAN PROGRAM FOLDER writes caucus.1 and caucus-COMMAND.1 for each command.
set -eu
help2man=$1 program=$2 folder=$3
version=$("$program" --version | cut -d' ' -f2)
rm -rf "$folder"
mkdir -p "$folder"

# page NAME MEANING [COMMAND]: help2man runs what it is given through a shell.
page() {
    "$help2man" --no-info --no-discard-stderr --manual="caucus" --source="caucus $version" --version-string="$version" \
        --name="$2" --output="$folder/$1.1" "'$program' $3"
}

page caucus "batch experiments on algorithmic collective action" ""
"$program" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .\{15\} *\(.*\)$/\1 \2/p' | while read -r command meaning; do
    page "caucus-$command" "$meaning" "$command"
done
