#!/bin/sh
# Runs experiments and draws the figures of their gallery (experiments/README.md), into experiments/figures.
# figures.sh CAUCUS [NAME...]: all of the gallery by default. Results stay in results/, and are made only once.
set -eu
caucus=$1
shift
cd "$(dirname "$0")/.."
test $# -gt 0 || set -- quick plebiscite admissions vehicles-planting vehicles-platform-size vehicles-feature-only \
    vehicles-unplanting vehicles-erasing climate-four income-renters-students knowledge-levels learning-algorithms privacy \
    digits-trigger numbers-income impossible biased-members tightness tightness-income tightness-climate
mkdir -p results experiments/figures
for name in "$@"; do
    test -e "results/$name.h5" || "$caucus" run "experiments/$name.yaml" -o "results/$name.h5" -q >/dev/null
    case $name in
    vehicles-planting) set -- --overlay data/vehicles-curves.csv ;;
    impossible) set -- --series success --series budget/total/clopper_pearson --series budget/total/hypergeometric_joint ;;
    tightness*) # of sixty methods the plainest, the best that needs the members' data alone, and the best of all
        set -- --series success --series staircase/total/hoeffding --series budget/total/clopper_pearson \
            --series budget/full/hypergeometric_joint ;;
    *) set -- ;;
    esac
    "$caucus" plot "results/$name.h5" -o "experiments/figures/$name.svg" --force "$@"
done
