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
# Both libraries: the shared one as pkg-config says by itself, the static one with what it stands on.
build_consumer() {
    "$cc" -std=c17 -Wall -Wextra -Werror -o "$work/consumer" "$source/tests/command/consumer/consumer.c" "$@"
}
library=$(dirname "$PKG_CONFIG_PATH")
# shellcheck disable=SC2046 # flags are words
build_consumer $(pkg-config --cflags --libs caucus) "-Wl,-rpath,$library"
cp "$work/consumer" "$work/shared"
# shellcheck disable=SC2046
build_consumer $(pkg-config --static --cflags --libs caucus | sed 's/-lcaucus/-l:libcaucus.a/')
if command -v readelf >/dev/null; then
    readelf -d "$work/shared" | grep -q 'NEEDED.*libcaucus\.so\.[0-9]' || { echo "the library has no version"; exit 1; }
    if readelf -d "$work/consumer" | grep -q 'NEEDED.*libcaucus'; then echo "not linked statically"; exit 1; fi
fi

# The shared library shows what the header declares, and nothing else.
if command -v nm >/dev/null; then
    nm -D --defined-only "$library/libcaucus.so" | awk '$2 == "T" {print $3}' | sed 's/@.*//' | sort >"$work/shown"
    grep -oE '\bcaucus_[a-z_]+\(' "$work/moved/include/caucus.h" | tr -d '(' | sort -u >"$work/declared"
    diff "$work/shown" "$work/declared" || { echo "libcaucus.so shows other symbols than caucus.h declares"; exit 1; }
    test -s "$work/declared"
    nm -D --defined-only "$library/libcaucus.so" | awk '$2 != "A" && $2 != "T" {print; found = 1} END {exit found}' ||
        { echo "libcaucus.so shows data"; exit 1; }
    nm -D --defined-only "$library/libcaucus.so" | grep -q 'caucus_run@@CAUCUS_' || { echo "symbols have no version"; exit 1; }
fi

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
for program in consumer shared; do
    "$work/$program" "$work/tiny.yaml" "$work/tiny.h5" >"$work/$program.txt"
    cat "$work/$program.txt"
    grep -q '^tiny on CPU: ' "$work/$program.txt"
    grep -q painters "$work/$program.txt"
done
cmp "$work/consumer.txt" "$work/shared.txt"

# The program finds its module from where it is now: nothing is left where it was installed.
if [ -e "$build/caucus_cuda.so" ]; then
    listed=$(env -u CAUCUS_CUDA_MODULE "$work/moved/bin/caucus" devices)
    case $listed in *"has no CUDA module"*) echo "$listed"; exit 1 ;; esac
fi
echo "installed, moved, linked and run"
