#!/usr/bin/env bash
# Build the fuzzers with clang and run each for CAUCUS_FUZZ_SECONDS (30 minutes), CAUCUS_FUZZ_ONLY names some of them.
# usage: fuzz.sh SOURCE BUILD. What is found lies in BUILD/finds; a find belongs, mended, into corpus/NAME.
set -euo pipefail
source=$1
build=$2
seconds=${CAUCUS_FUZZ_SECONDS:-1800}
only=${CAUCUS_FUZZ_ONLY:-experiment csv hdf5 counts members result segment}

cmake -S "$source" -B "$build" -G Ninja -DCMAKE_C_COMPILER="${CAUCUS_CLANG:-clang-14}" -DCMAKE_BUILD_TYPE=Release \
    -DCAUCUS_CUDA=OFF -DCAUCUS_WERROR=OFF -DCMAKE_C_FLAGS=-D__SANITIZE_ADDRESS__  -DCAUCUS_FUZZ=ON -DCAUCUS_SANITIZE=fuzzer-no-link,address,undefined >/dev/null
targets=()
for name in $only; do
    targets+=("fuzz_$name")
done
cmake --build "$build" --target "${targets[@]}"
status=0
for name in $only; do
    mkdir -p "$build/corpus/$name" "$build/finds/$name"
    # libhdf5 keeps memory until the process ends; members that it is told of are no leaks of ours.
    # What a file says to be large is refused as under a limit on memory, instead of taking seconds to fill.
    ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=64 "$build/tests/fuzz_$name" -max_total_time="$seconds" \
        -timeout=20 -rss_limit_mb=3000 -max_len=8192 -print_final_stats=1 -artifact_prefix="$build/finds/$name/" \
        "$build/corpus/$name" "$source/tests/fuzz/corpus/$name" >"$build/$name.log" 2>&1 || status=1
    echo "$name: $(grep -E 'stat::number_of_executed_units' "$build/$name.log" | awk '{print $2}') tries in" \
        "$seconds s, finds: $(find "$build/finds/$name" -type f | wc -l)"
done
exit $status
