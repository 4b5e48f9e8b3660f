#!/usr/bin/env bash
# Simulates crashes and failing hosts for as long as wanted (docs/testing.md, "Simulation").
#   tests/simulate.sh --seed N               one workload, again
#   tests/simulate.sh --minutes M            new workloads for M minutes
#   tests/simulate.sh --seed N --minutes M   the workloads N, N + 1, ... for M minutes
# --jobs J: at most J at once (default: one a processor).
set -euo pipefail

usage() {
  grep '^#  ' "${BASH_SOURCE[0]}" | cut -c3- >&2
  exit 2
}

while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --seed) export VAULTFS_SIM_SEED=$2 ;;
    --minutes) export VAULTFS_SIM_MINUTES=$2 ;;
    --jobs) export VAULTFS_SIM_JOBS=$2 ;;
    *) usage ;;
  esac
  shift 2
done
[ -n "${VAULTFS_SIM_SEED:-}${VAULTFS_SIM_MINUTES:-}" ] || usage

cd "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.."
dotnet build tests/Vault.Storage.Tests -c Release -v quiet -nologo
exec tests/Vault.Storage.Tests/bin/Release/net10.0/Vault.Storage.Tests -noLogo -noColor -method '*RandomSimulationTests.Random_workloads*'
