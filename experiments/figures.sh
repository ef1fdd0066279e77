#!/bin/sh
# Runs experiments and draws the figures of their gallery (experiments/README.md), into experiments/figures.
# figures.sh CAUCUS [NAME...]: all of the gallery by default. Results stay in results/, and are made only once.
set -eu
caucus=$1
shift
cd "$(dirname "$0")/.."
test $# -gt 0 || set -- quick plebiscite admissions vehicles-planting vehicles-platform-size vehicles-feature-only \
    vehicles-unplanting vehicles-erasing climate-four income-renters-students knowledge-levels privacy digits-trigger numbers-income
mkdir -p results experiments/figures
for name in "$@"; do
    test -e "results/$name.h5" || "$caucus" run "experiments/$name.yaml" -o "results/$name.h5" -q >/dev/null
    case $name in
    vehicles-planting) set -- --overlay data/vehicles-curves.csv ;;
    *) set -- ;;
    esac
    "$caucus" plot "results/$name.h5" -o "experiments/figures/$name.svg" --force "$@"
done
