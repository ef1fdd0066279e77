#!/usr/bin/env bash
# What needs a CUDA device, in three passes of some minutes, each useful if it is the last:
#
#   bench/check-device.sh numbers   build for the device that is there; the same numbers as on the CPU; first speeds
#   bench/check-device.sh inspect   compute-sanitizer on small experiments; kernels as ncu sees them
#   bench/check-device.sh figures   bench/device.py: speed against all cores, against peers and against the limits
#
# Options: --out FOLDER (results/device), --build FOLDER (build), --budget SECONDS, --no-build, --dry-run.
# A stage that fails does not stop the others; a table at the end says what came out of each.
# Exit: 0 nothing failed or was cut off, 1 something was, 2 wrong usage.
set -uo pipefail
source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$source_folder/results/device
build=$source_folder/build
budget=480
building=true
dry=false
pass=
python=${PYTHON:-python3}

usage() {
  sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit "$1"
}

while (($#)); do
  case $1 in
    numbers | inspect | figures) pass=$1; shift ;;
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
[[ -n $pass ]] || usage 2 >&2
[[ $budget =~ ^[0-9]+$ ]] || { echo "check-device.sh: --budget takes seconds, not $budget" >&2; exit 2; }
out=$(realpath -m "$out")
build=$(realpath -m "$build")
mkdir -p "$out" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$source_folder" || exit 1
jobs=$(nproc)
caucus=$build/caucus
summary=$out/$pass-summary.txt
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
  if $dry; then
    [[ $1 != bash ]] || shift 4 # -c, its text and its name
    record "$name" dry-run 0 "$*"
    return 0
  fi
  seconds=$(left)
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

# For the device that is there alone: one architecture is a seventh of the compiling. CAUCUS_CMAKE_OPTIONS may add to it.
configure_and_build() {
  local capability
  capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 | tr -d .)
  # shellcheck disable=SC2086 # options are words
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release ${capability:+-DCAUCUS_CUDA_ARCHITECTURES=$capability-real} \
    ${CAUCUS_CMAKE_OPTIONS:-} && cmake --build "$build" -j "$jobs" &&
    cmake --build "$build" -j "$jobs" --target device_limits device_retraining
}

# speed EXPERIMENT TRIALS: trials a second of a long run that keeps summaries only, with the device's load beside it
speed() {
  nvidia-smi dmon -s pucm -c 8 >"$work/dmon.txt" 2>&1 &
  "$caucus" run "$1" --device cuda --trials "$2" --set output.trials=false -o "$work/speed.h5" --force --json |
    grep -E '"event": ?"(plan|done)"'
  local code=${PIPESTATUS[0]}
  kill %1 2>/dev/null
  cat "$work/dmon.txt"
  return "$code"
}

# sanitize TOOL EXPERIMENT SETTING...: a short run under one of compute-sanitizer's tools
sanitize() {
  local tool=$1 experiment=$2 more=() setting
  shift 2
  [[ $tool != memcheck ]] || more=(--leak-check full)
  for setting in "$@"; do set -- "$@" --set "$setting"; shift; done
  "$sanitizer" --tool "$tool" "${more[@]}" --error-exitcode 99 "$caucus" run "$experiment" --device cuda --trials 140 \
    -o "$work/sanitized.h5" --force --quiet "$@" >"$work/sanitized.txt" 2>&1
  local code=$?
  grep -E '^=========|^caucus|error' "$work/sanitized.txt" | head -n 60
  return $code
}

# profile EXPERIMENT OPTION...: kernels with their occupancy and what limits it
profile() {
  local experiment=$1 table=$work/kernels.csv
  shift
  "$ncu" --clock-control none --target-processes all --launch-count 12 --page raw --csv \
    --metrics "$("$python" bench/occupancy.py --metrics)" "$caucus" run "$experiment" --device cuda \
    -o "$work/profiled.h5" --force --quiet "$@" >"$table" 2>"$work/profile.txt" || {
    tail -n 5 "$table" "$work/profile.txt"
    return 1
  }
  "$python" bench/occupancy.py "$table"
}

export -f configure_and_build speed sanitize profile
export build jobs caucus work python
in_bash() { stage "$1" "$2" "$3" bash -c '"$@"' bash "${@:4}"; }

# The program, and whether it runs on a device here: sets device.
prepare() {
  if $building; then
    in_bash build build.txt 240 configure_and_build
  else
    skip build "--no-build"
  fi
  if [[ ! -x $caucus ]] && ! $dry; then
    record caucus FAILED 0 "$caucus is not there"
    return 1
  fi
  stage devices build.txt 30 "$caucus" devices
  stage "run on the device" build.txt 60 "$caucus" run experiments/vehicles-planting.yaml --trials 1 --device cuda \
    -o "$work/probe.h5" --force --quiet
}

numbers() {
  prepare || return
  stage "tests on the device" parity.txt 240 ctest --test-dir "$build" --no-tests=error -j 4 --output-on-failure \
    -R 'kernels/device_parity|kernels/cuda_device|device_retraining$'
  stage limits limits.txt 60 "$build/device_limits"
  in_bash "speed of vehicles-planting" speed.txt 60 speed experiments/vehicles-planting.yaml 4M
  in_bash "speed of climate-four" speed.txt 60 speed experiments/climate-four.yaml 2M
  stage retraining limits.txt 60 "$build/device_retraining" tests/training/data/retraining.yaml
}

inspect() {
  prepare || return
  export sanitizer ncu
  sanitizer=$(have compute-sanitizer)
  ncu=$(have ncu)
  local tool learner name
  for tool in memcheck racecheck initcheck synccheck; do
    if [[ -z $sanitizer ]] && ! $dry; then
      skip "$tool" "compute-sanitizer is not installed"
      continue
    fi
    in_bash "$tool vehicles-planting" sanitizer.txt 30 sanitize $tool experiments/vehicles-planting.yaml
    for learner in histogram logistic naive_bayes '{name: mlp, hidden: 2, steps: 10}'; do
      name=${learner#"{name: "}
      in_bash "$tool ${name%%,*}" sanitizer.txt 30 sanitize $tool tests/training/data/retraining.yaml \
        "platform.classifier=$learner" population.cells=16
    done
  done
  if [[ -z $ncu ]] && ! $dry; then
    skip kernels "ncu is not installed"
    return
  fi
  for name in vehicles-planting climate-four; do
    in_bash "kernels of $name" kernels.txt 60 profile "experiments/$name.yaml" --trials 1M --set output.trials=false
  done
  in_bash "kernels of logistic" kernels.txt 60 profile tests/training/data/retraining.yaml --trials 20K --set population.cells=4000
  $dry || cat "$out/kernels.txt" 2>/dev/null
}

figures() {
  prepare || return
  stage figures figures.log 400 "$python" bench/device.py "$build" --seconds 2 --budget "$(($(left) - 20))" \
    --scratch "$work" --output "$out/figures.txt"
  $dry || cat "$out/figures.txt" 2>/dev/null
}

echo "caucus on a device: $pass, $(date -u +%Y-%m-%dT%H:%MZ), $jobs cores, $budget s" | tee -a "$summary"
$pass
cat "$summary"
n_ok=$(grep -c ' ok  ' "$summary")
n_skipped=$(grep -c ' skipped ' "$summary")
echo "$n_failed failed, $n_cut cut off, $n_ok ok, $n_skipped skipped; logs are in $out" | tee -a "$summary"
((n_failed + n_cut == 0))
