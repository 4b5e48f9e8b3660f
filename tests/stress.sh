#!/usr/bin/env bash
# Threads at once on one file system: tests/stress.sh [--seconds N] [--seed S]. Each of the stress tests runs for N seconds
# (60); the seed (1) determines what the threads choose, not which of them comes when.
set -euo pipefail

root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
cd "$root"

export VAULTFS_STRESS_SECONDS=60 VAULTFS_STRESS_SEED=1
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) VAULTFS_STRESS_SECONDS=${2:?--seconds needs a number} ;;
    --seed) VAULTFS_STRESS_SEED=${2:?--seed needs a number} ;;
    *) echo "Unknown: $1. Usage: tests/stress.sh [--seconds N] [--seed S]" >&2; exit 2 ;;
  esac
  shift 2
done

dotnet build tests/Vault.Storage.Tests -c Release -v quiet -nologo
tests/Vault.Storage.Tests/bin/Release/net10.0/Vault.Storage.Tests \
  -noLogo -noColor -showLiveOutput -class '*.StressTests' -class '*.StressCrashTests'
