#!/bin/sh
# Runs experiments and draws the figures of their gallery (experiments/README.md), into experiments/figures.
# figures.sh CAUCUS [NAME...]: all of the gallery by default. Results stay in results/, and are made only once.
set -eu
caucus=$1
shift
cd "$(dirname "$0")/.."
test $# -gt 0 || set -- quick plebiscite admissions vehicles-planting vehicles-platform-size vehicles-feature-only \
    vehicles-unplanting vehicles-erasing climate-four income-renters-students knowledge-levels learning-algorithms privacy \
    signal-uniqueness coordination-noise digits-trigger numbers-income impossible biased-members tightness tightness-income tightness-climate \
    vehicles-critical-mass
mkdir -p results experiments/figures
for name in "$@"; do
    case $name in
    *-critical-mass) work=solve ;;
    *) work=run ;;
    esac
    test -e "results/$name.h5" || "$caucus" $work "experiments/$name.yaml" -o "results/$name.h5" -q >/dev/null
    case $name in
    vehicles-planting) set -- --overlay data/vehicles-curves.csv ;;
    vehicles-platform-size)
        set -- --overlay data/vehicles-curves.csv --panel target=Average --series success --series staircase/total/hoeffding \
            --series budget/total/clopper_pearson
        ;;
    knowledge-levels) # for one of the four collectives, by what it knows
        set -- --series tenants --series success --series budget/total/clopper_pearson --series budget/labels/clopper_pearson \
            --series budget/strategies/clopper_pearson --series budget/aggregate/clopper_pearson
        ;;
    impossible) set -- --series success --series budget/total/clopper_pearson --series budget/total/hypergeometric_joint ;;
    tightness*) # of sixty methods the plainest, the best that needs the members' data alone, and the best of all
        set -- --series success --series staircase/total/hoeffding --series budget/total/clopper_pearson \
            --series budget/full/hypergeometric_joint ;;
    *) set -- ;;
    esac
    "$caucus" plot "results/$name.h5" -o "experiments/figures/$name.svg" --force "$@"
done
