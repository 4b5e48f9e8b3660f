#!/usr/bin/env bash
# Feeds parsers with changed valid inputs (docs/testing.md, "Tampering and fuzzing").
#   tests/fuzz.sh --list
#   tests/fuzz.sh --target NAME [--seconds N] [--seed N]    NAME may be 'all'
#   tests/fuzz.sh --target NAME --input FILE                one input, such as one that failed
set -euo pipefail

here=$(pwd)
cd "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.."
target=
export VAULTFS_FUZZ_SECONDS=${VAULTFS_FUZZ_SECONDS:-60}

usage() {
  sed -n '2,5s/^# \{0,1\}//p' tests/fuzz.sh >&2
  exit 2
}

# Each target is a test with [Trait("fuzz", NAME)].
targets() {
  grep -rhoE 'Trait\("fuzz", "[^"]+"' tests --include='*.cs' | cut -d'"' -f4 | sort
}

while [ $# -gt 0 ]; do
  case $1 in
    --list) targets; exit ;;
    --target) target=${2:?}; shift ;;
    --seconds) VAULTFS_FUZZ_SECONDS=${2:?}; shift ;;
    --seed) export VAULTFS_FUZZ_SEED=${2:?}; shift ;;
    --input)
      VAULTFS_FUZZ_INPUT=${2:?}
      [ -f "$VAULTFS_FUZZ_INPUT" ] || VAULTFS_FUZZ_INPUT=$here/$2
      VAULTFS_FUZZ_INPUT=$(readlink -e -- "$VAULTFS_FUZZ_INPUT") || { echo "There is no file $2." >&2; exit 2; }
      export VAULTFS_FUZZ_INPUT
      shift ;;
    *) usage ;;
  esac
  shift
done
[ -n "$target" ] || usage
[ "$target" = all ] || targets | grep -qxF -- "$target" || { echo "No such target: $target. --list names them." >&2; exit 2; }

status=0
for file in $(grep -rlE 'Trait\("fuzz", ' tests --include='*.cs' | cut -d/ -f2 | sort -u); do
  selection=(-trait "fuzz=$target")
  if [ "$target" = all ]; then
    selection=()
    for name in $(grep -rhoE 'Trait\("fuzz", "[^"]+"' "tests/$file" --include='*.cs' | cut -d'"' -f4); do selection+=(-trait "fuzz=$name"); done
  elif ! grep -rqF "Trait(\"fuzz\", \"$target\"" "tests/$file" --include='*.cs'; then
    continue
  fi
  dotnet build "tests/$file" -c Release -v quiet -nologo
  "tests/$file/bin/Release/net10.0/$file" -noColor -noLogo -showLiveOutput "${selection[@]}" || status=$?
done
exit $status
