#!/bin/sh
# Installs into a temporary folder, moves it, and builds and runs a foreign program on the library with pkg-config.
# check-install.sh CMAKE CC SOURCE_DIR BUILD_DIR
set -eu
cmake=$1 cc=$2 source=$3 build=$4
command -v pkg-config >/dev/null || { echo "skipped: there is no pkg-config"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$cmake" --install "$build" --prefix "$work/first" >"$work/install.log" || { cat "$work/install.log"; exit 1; }
mv "$work/first" "$work/moved"

PKG_CONFIG_PATH=$(dirname "$(find "$work/moved" -name caucus.pc)")
export PKG_CONFIG_PATH
test "$(pkg-config --modversion caucus)" = "$("$work/moved/bin/caucus" --version | cut -d' ' -f2)"
# shellcheck disable=SC2046 # flags are words
"$cc" -std=c17 -Wall -Wextra -Werror -o "$work/consumer" "$source/tests/command/consumer/consumer.c" \
    $(pkg-config --static --cflags --libs caucus)

cat >"$work/people.csv" <<'END'
color,rating,people
red,good,40
red,bad,60
blue,good,30
blue,bad,90
END
cat >"$work/tiny.yaml" <<'END'
name: tiny
trials: 50
population: {file: people.csv, label: rating, features: [color], weight: people}
platform: {consumers: 1000, test: 100}
collectives:
  - {name: painters, share: 0.3, strategy: feature_label, set: {color: red}, target: good}
END
"$work/consumer" "$work/tiny.yaml" "$work/tiny.h5" >"$work/out.txt"
cat "$work/out.txt"
grep -q '^tiny on CPU: ' "$work/out.txt"
grep -q painters "$work/out.txt"

# The program finds its module from where it is now: nothing is left where it was installed.
if [ -e "$build/caucus_cuda.so" ]; then
    listed=$(env -u CAUCUS_CUDA_MODULE "$work/moved/bin/caucus" devices)
    case $listed in *"has no CUDA module"*) echo "$listed"; exit 1 ;; esac
fi
echo "installed, moved, linked and run"
