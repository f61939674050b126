#!/usr/bin/env bash
# demo_on.sh [CT_DIR LPS [jpeg-ls]]: `./dev demo` without the set-up, on a real series, packed before if so wanted.
# Ends with 77 (skipped) where the data is missing.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
export OMP_NUM_THREADS=1
[ $# -gt 0 ] || exec "$root/node/tools/demo.py"
ct=$1 lps=$2
[ -d "$ct" ] || { echo "skipped: there is no $ct"; exit 77; }
[ "${3:-}" = jpeg-ls ] || exec "$root/node/tools/demo.py" --ct "$ct" --lps="$lps"
packed=$(mktemp -d)
trap 'rm -rf "$packed"' EXIT
for file in "$ct"/*; do dcmcjpls "$file" "$packed/$(basename "$file")"; done
"$root/node/tools/demo.py" --ct "$packed" --lps="$lps"
