#!/usr/bin/env bash
# What a machine needs that only runs the program: collect.sh PROGRAM TARGET fills TARGET with the program and its
# decoder (bin/), the weights (share/) and the names of the Debian packages that its shared libraries come from (packages).
set -euo pipefail
program=$1 target=$2
mkdir -p "$target/bin" "$target/share"
decoder=$(dirname "$program")/punctum-decode
cp "$program" "$decoder" "$target/bin/"
cp -r "$(dirname "$0")/../inference/weights" "$target/share/"

libraries=$( (ldd "$program"; ldd "$decoder") | grep -oE '/[^ ]+' | xargs -n 1 realpath | sort -u)
{
  xargs dpkg-query -S <<<"$libraries" | sed 's/:.*//'
  echo libopenblas0-pthread  # chosen at run time: without it LibTorch multiplies on the slow reference BLAS
} | sort -u >"$target/packages"
