#!/usr/bin/env bash
# Damages a small vault in every way that the adversary's suite knows (docs/testing.md, "Tampering and fuzzing").
#   tests/adversary.sh              what ./test.sh runs of it, about half a minute
#   tests/adversary.sh --all-bits   every bit of every block in use, one at a time; minutes
#   --jobs N                        threads for --all-bits; 1 if not given
set -euo pipefail

cd "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.."
selection=(-namespace Vault.Storage.Tests.Adversary)
while [ $# -gt 0 ]; do
  case $1 in
    --all-bits) selection=(-explicit only -method '*Each_flipped_bit_gives_right_data_or_an_error') ;;
    --jobs) export VAULTFS_ADVERSARY_JOBS=${2:?--jobs takes a number}; shift ;;
    *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done

project=tests/Vault.Storage.Tests
dotnet build $project -c Release -v quiet -nologo
exec $project/bin/Release/net10.0/Vault.Storage.Tests -noColor -noLogo -showLiveOutput "${selection[@]}"
