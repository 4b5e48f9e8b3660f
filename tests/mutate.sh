#!/usr/bin/env bash
# Puts known bugs into copies of the product, one at a time, and shows which test notices each. All of the list
# (tests/Vault.Storage.Tests/Mutations/mutations.txt), or the one named.
set -euo pipefail

root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
cd "$root"

dotnet build tests/Vault.Storage.Tests -c Release -v quiet -nologo
VAULTFS_MUTATIONS=${1:-all} tests/Vault.Storage.Tests/bin/Release/net10.0/Vault.Storage.Tests \
  -noLogo -noColor -showLiveOutput -method '*.MutationTests.Known_bugs_are_caught'
