#!/usr/bin/env bash
# Random operations of several processes in a vault and in a plain directory beside it, which must answer alike; the vault is
# locked and unlocked between rounds, with the writeback cache on and off in turn, and checked at the end (docs/testing.md).
#   tests/posix-stress.sh [--seed N] [--seconds S] [--rounds R] [--processes P] [--operations K]
#   --program FILE    Vault.PosixStress, if it is built already
set -euo pipefail

root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
program=
options=(--seed "$((RANDOM * 32768 + RANDOM))" --seconds 60)
while [ $# -gt 0 ]; do
  case $1 in
    --program) program=${2:?} ;;
    --seed | --seconds | --rounds | --processes | --operations) options+=("$1" "${2:?$1 needs a number}") ;;
    *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift 2
done
if [ -z "$program" ]; then
  dotnet build "$root/tests/Vault.PosixStress" -c Release -v quiet -nologo
  program=$root/tests/Vault.PosixStress/bin/Release/net10.0/Vault.PosixStress
fi

"$root/vaultfs" --version > /dev/null # builds it if the sources are new

work=$(mktemp -d "${TMPDIR:-/var/tmp}/vaultfs-stress-XXXXXX")
runtime=$(mktemp -d /tmp/vaultfs-run-XXXXXX)
export XDG_RUNTIME_DIR=$runtime XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config HOME=$work
vaultfs=$root/vaultfs

finish() {
  if grep -qF " $work/mnt " /proc/self/mountinfo; then
    "$vaultfs" lock "$work/mnt" > /dev/null || umount --lazy "$work/mnt" || fusermount3 -uz "$work/mnt"
  fi
  rm -rf --one-file-system "$work" "$runtime"
}
trap finish EXIT

mkdir "$work/mnt" "$work/plain"
echo secret > "$work/passphrase"
"$vaultfs" create "$work/test.vault" --passphrase-file "$work/passphrase" --kdf-memory 64 --kdf-iterations 1 > /dev/null

unlock="$vaultfs unlock $work/test.vault $work/mnt --passphrase-file $work/passphrase --set WritebackCache=\$([ \$((ROUND % 2)) = 0 ] && echo true || echo false) > /dev/null"
ROUND=0 bash -euc "$unlock"
"$program" --directory "$work/mnt" --twin "$work/plain" "${options[@]}" --remount "$vaultfs lock $work/mnt > /dev/null; $unlock"
"$vaultfs" lock "$work/mnt" > /dev/null
"$vaultfs" check "$work/test.vault" --passphrase-file "$work/passphrase"
