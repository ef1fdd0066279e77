#!/bin/sh
# Every C, C++ and CUDA source as clang-format 14 writes it: check-format.sh CLANG_FORMAT, in the source folder.
# Exit: 0 all are, 1 some are not (named), 77 there is no clang-format 14.
format=${1:-clang-format}
case $("$format" --version 2>/dev/null) in
*"version 14."*) ;;
*)
    echo "skipped: $format is not clang-format 14, and other versions lay lines out in other ways"
    exit 77
    ;;
esac
find src include kernels tests bench \( -name '*.[ch]' -o -name '*.cu' -o -name '*.cpp' \) -exec "$format" --dry-run -Werror {} + ||
    {
        echo "to mend: $format -i FILE"
        exit 1
    }
