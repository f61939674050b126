#!/usr/bin/env bash
# Cuts the power under the archive and counts what was acknowledged and is gone. Needs root, loop devices and mkfs.
#
#   power_cut.sh PROGRAM FOLDER [ROUNDS] [FILESYSTEM ...]     PROGRAM: the built storage_power_cut
#
# The archive writes to a file system on a loop device. At a random moment it is stopped, and what the device has been
# given so far is copied: nothing that was only in the memory of that file system is in the copy. The copy is mounted,
# the archive opened on it, and every acknowledged instance read and compared with its digest.
set -euo pipefail

program=$(realpath "$1") folder=$2 rounds=${3:-3}
shift; shift; [ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- ext4 "ext4 -O ^has_journal" xfs btrfs
mkdir -p "$folder/mount"
cd "$folder"
failures=0

make_filesystem() {  # shellcheck disable=SC2086
  rm -f device copy
  truncate -s 2G device
  mkfs.$1 -q device 2>/dev/null || mkfs.$1 device >/dev/null
}

for filesystem in "$@"; do
  command -v "mkfs.${filesystem%% *}" >/dev/null || { echo "$filesystem: no mkfs, left out"; continue; }
  for _ in $(seq "$rounds"); do
    make_filesystem "$filesystem"
    mount -o loop device mount
    "$program" write mount/data >acknowledged & writer=$!
    sleep "$((RANDOM % 2 + 1)).$((RANDOM % 900 + 100))"
    kill -STOP "$writer"
    cp acknowledged acknowledged-then
    cp --sparse=always device copy
    kill -KILL "$writer"; wait "$writer" 2>/dev/null || true
    umount mount
    case "$filesystem" in *has_journal*) fsck.ext4 -fy copy >/dev/null 2>&1 || true ;; esac
    if mount -o loop copy mount 2>/dev/null; then
      echo -n "$filesystem: "
      "$program" check mount/data <acknowledged-then || failures=$((failures + 1))
      umount mount
    else
      echo "$filesystem: the copy was taken in the middle of a log write, left out"
    fi
  done
done
rm -f device copy acknowledged acknowledged-then
exit "$((failures > 0))"
