#!/usr/bin/env bash
# Everything that needs a CUDA device, in one call: build, tests, the same numbers as on the CPU, compute-sanitizer,
# kernels as ncu sees them, and bench/device.py. A stage that fails does not stop the others; a table at the end says
# what came out of each. Exit: 0 nothing failed or was cut off, 1 something was.
#
#   bench/check-device.sh [--out FOLDER] [--build FOLDER] [--budget SECONDS] [--no-build] [--dry-run]
set -uo pipefail
source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$source_folder/results/device
build=$source_folder/build
budget=570
building=true
dry=false
python=${PYTHON:-python3}

usage() {
  sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit "$1"
}

while (($#)); do
  case $1 in
    --out | --build | --budget)
      (($# > 1)) || usage 2 >&2
      case $1 in --out) out=$2 ;; --build) build=$2 ;; --budget) budget=$2 ;; esac
      shift 2
      ;;
    --no-build) building=false; shift ;;
    --dry-run) dry=true; shift ;;
    --help) usage 0 ;;
    *) echo "check-device.sh: what is $1?" >&2; usage 2 >&2 ;;
  esac
done
[[ $budget =~ ^[0-9]+$ ]] || { echo "check-device.sh: --budget takes seconds, not $budget" >&2; exit 2; }
out=$(realpath -m "$out")
build=$(realpath -m "$build")
mkdir -p "$out" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$source_folder" || exit 1
jobs=$(nproc)
caucus=$build/caucus
summary=$out/summary.txt
n_failed=0
n_cut=0
reserve=5 # seconds for the table
: >"$summary"

left() { echo $((budget - reserve - SECONDS)); }

# record STAGE OUTCOME SECONDS DETAIL: a line of the table
record() {
  printf '%-36s %-8s %5ss  %s\n' "$1" "$2" "$3" "$4" | tee -a "$summary"
  case $2 in FAILED) n_failed=$((n_failed + 1)) ;; "cut off") n_cut=$((n_cut + 1)) ;; esac
}

skip() { record "$1" skipped 0 "$2"; }

# stage NAME LOG MOST_SECONDS COMMAND...: run it into a log within its time and what is left of all; exit code 77 means
# that it could not run here. Returns 0 when it ran and succeeded.
stage() {
  local name=$1 log=$2 most=$3 seconds code detail start
  shift 3
  seconds=$(left)
  if $dry; then
    [[ $1 != bash ]] || shift 4 # -c, its text and its name
    record "$name" dry-run 0 "$*"
    return 0
  fi
  if ((seconds < 5)); then
    skip "$name" "the time given is used up"
    return 1
  fi
  ((seconds > most)) && seconds=$most
  start=$SECONDS
  printf '\n==== %s\n+ %s\n' "$name" "$*" >>"$out/$log"
  timeout --kill-after=5 "$seconds" "$@" >>"$out/$log" 2>&1 </dev/null
  code=$?
  detail=$(grep -v '^[[:space:]]*$' "$out/$log" | tail -n 1 | cut -c 1-110)
  case $code in
    0) record "$name" ok $((SECONDS - start)) "$detail" ;;
    77) record "$name" skipped $((SECONDS - start)) "$detail" ;;
    124 | 137) record "$name" "cut off" $((SECONDS - start)) "not done after $seconds s; see $log" ;;
    *) record "$name" FAILED $((SECONDS - start)) "exit code $code; see $log: $detail" ;;
  esac
  return "$code"
}

# have PROGRAM: on PATH or beside nvcc
have() {
  command -v "$1" 2>/dev/null && return
  local beside=${CUDACXX:-/usr/local/cuda/bin/nvcc}
  [[ -x ${beside%/*}/$1 ]] && echo "${beside%/*}/$1"
}

configure_and_build() {
  # Several architectures of one file at once: files are few and architectures many.
  export NVCC_APPEND_FLAGS="${NVCC_APPEND_FLAGS:-} --threads=4"
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release && cmake --build "$build" -j "$jobs" &&
    cmake --build "$build" -j "$jobs" --target device_limits device_retraining
}

# same EXPERIMENT SETTING...: the CPU's result and the device's
same() {
  local experiment=$1 settings=() setting
  shift
  for setting in "$@"; do settings+=(--set "$setting"); done
  for device in cpu cuda; do
    "$caucus" run "$experiment" --device "$device" --trials 300 -o "$work/$device.h5" --force --quiet "${settings[@]}" \
      >/dev/null || return 1
  done
  "$python" bench/same_results.py "$work/cpu.h5" "$work/cuda.h5"
}

# sanitize TOOL EXPERIMENT: a short run under one of compute-sanitizer's tools
sanitize() {
  local tool=$1 experiment=$2 more=()
  shift 2
  [[ $tool != memcheck ]] || more=(--leak-check full)
  "$sanitizer" --tool "$tool" "${more[@]}" --error-exitcode 99 "$caucus" run "$experiment" --device cuda --trials 40 \
    -o "$work/sanitized.h5" --force --quiet "$@" >"$work/sanitized.txt" 2>&1
  local code=$?
  grep -E '^=========|^caucus|error' "$work/sanitized.txt" | head -n 60
  return $code
}

# profile EXPERIMENT OPTION...: kernels with their occupancy and what limits it
profile() {
  local experiment=$1 table=$work/kernels.csv
  shift
  "$ncu" --clock-control none --target-processes all --launch-count 24 --page raw --csv \
    --metrics "$("$python" bench/occupancy.py --metrics)" "$caucus" run "$experiment" --device cuda \
    -o "$work/profiled.h5" --force --quiet "$@" >"$table" 2>"$work/profile.txt" || {
    tail -n 5 "$table" "$work/profile.txt"
    return 1
  }
  "$python" bench/occupancy.py "$table"
}

export -f configure_and_build same sanitize profile
export build jobs caucus work python
in_bash() { stage "$1" "$2" "$3" bash -c '"$@"' bash "${@:4}"; }

echo "caucus on a device, $(date -u +%Y-%m-%dT%H:%MZ), $jobs cores, $budget s" | tee -a "$summary"
rm -f "$out"/{build,ctest,parity,bench,figures,sanitizer,kernels}.txt
if $building; then
  in_bash build build.txt 260 configure_and_build
else
  skip build "--no-build"
fi
if [[ ! -x $caucus ]] && ! $dry; then
  skip everything "$caucus is not there"
  exit 1
fi
stage devices build.txt 30 "$caucus" devices
if command -v nvidia-smi >/dev/null && ! $dry; then
  nvidia-smi >>"$out/build.txt" 2>&1
fi
device=true
reason="no usable device, see build.txt"
if ! $dry && ! "$caucus" run experiments/quick.yaml --trials 1 --device cuda -o "$work/probe.h5" --force --quiet \
  >/dev/null 2>"$work/probe.txt"; then
  device=false
  cat "$work/probe.txt" >>"$out/build.txt"
  if nvidia-smi -L 2>/dev/null | grep -q .; then
    record "run on the device" FAILED 0 "there is a device, and caucus does not run on it: $(head -n 1 "$work/probe.txt")"
  fi
fi

for experiment in experiments/*.yaml; do
  name=$(basename "$experiment" .yaml)
  if $device; then in_bash "parity $name" parity.txt 60 same "$experiment"; else skip "parity $name" "$reason"; fi
done
for name in vehicles-planting climate-four; do
  if $device; then
    in_bash "parity $name, sums" parity.txt 60 same "experiments/$name.yaml" output.trials=false
  else
    skip "parity $name, sums" "$reason"
  fi
done

stage bench bench.txt 200 "$python" bench/device.py "$build" --seconds 2 --budget 190 --scratch "$work" \
  --output "$out/figures.txt"

export sanitizer ncu
sanitizer=$(have compute-sanitizer)
ncu=$(have ncu)
for tool in memcheck racecheck initcheck synccheck; do
  for name in quick vehicles-planting climate-four learning-algorithms; do
    experiment=experiments/$name.yaml
    if [[ ! -e $experiment ]]; then
      skip "$tool $name" "there is no $experiment"
    elif ! $device; then
      skip "$tool $name" "$reason"
    elif [[ -z $sanitizer ]] && ! $dry; then
      skip "$tool $name" "compute-sanitizer is not installed"
    else
      in_bash "$tool $name" sanitizer.txt 40 sanitize "$tool" "$experiment"
    fi
  done
done
for name in vehicles-planting climate-four learning-algorithms; do
  experiment=experiments/$name.yaml
  trials=100000
  [[ $name != learning-algorithms ]] || trials=2000
  if [[ ! -e $experiment ]]; then
    skip "kernels of $name" "there is no $experiment"
  elif ! $device; then
    skip "kernels of $name" "$reason"
  elif [[ -z $ncu ]] && ! $dry; then
    skip "kernels of $name" "ncu is not installed"
  else
    in_bash "kernels of $name" kernels.txt 60 profile "$experiment" --trials "$trials"
  fi
done
# Last, since most of it ran where there was no device: it gets the time that is left.
stage ctest ctest.txt 300 ctest --test-dir "$build" --no-tests=error -j "$jobs" --timeout 120 --output-on-failure

$dry || cat "$out/figures.txt" "$out/kernels.txt" 2>/dev/null
cat "$summary"
n_ok=$(grep -c ' ok  ' "$summary")
n_skipped=$(grep -c ' skipped ' "$summary")
echo "$n_failed failed, $n_cut cut off, $n_ok ok, $n_skipped skipped; logs are in $out" | tee -a "$summary"
((n_failed + n_cut == 0))
