#!/usr/bin/env bash
# Make the files that fuzzers edit anew, after a change of what results hold. usage: make.sh BUILD
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
build=$(readlink -f "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$here"
"$build/caucus" run tiny.yaml -q -o "$folder/result.h5"
# A run that ends before its result gets its name leaves its parts.
LD_PRELOAD=$build/tests/iofault.so FAULT_CALLS=renameat2 FAULT_PATH=run.h5 FAULT_MODE=kill \
    "$build/caucus" run tiny.yaml -q -o "$folder/run.h5" || true
cp "$folder/result.h5" result.h5
cp "$folder/run.h5.parts/layout.h5" layout.h5
cp "$folder"/run.h5.parts/segment-*0.h5 segment.h5
