#!/usr/bin/env bash
# Builds everything and runs the tests: all of them, or those named by a part of a project's name ('Crypto'), or
# of a class or method ('./test.sh Mount RealTree'). The last line counts them.
set -euo pipefail

root=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
cd "$root"

project_filter=${1:-}
test_filter=${2:-}

# What the tests run besides vaultfs itself: program, Debian package.
needed=(
  'fusermount3 fuse3' 'sqlite3 sqlite3' 'git git' 'tar tar' 'gcc gcc' 'setfattr attr' 'setfacl acl' 'ps procps'
  'setpriv util-linux' 'flock util-linux' 'script bsdutils' 'mount mount' 'diff diffutils' 'find findutils'
  'rsync rsync' 'zip zip' 'unzip unzip' 'dpkg-deb dpkg' 'make make' 'vim vim' 'nano nano' 'emacs emacs-nox'
  'fio fio' 'convert-im6.q16 imagemagick'
)

missing() {
  local entry
  for entry in "${needed[@]}"; do
    command -v "${entry% *}" > /dev/null || echo "${entry#* }"
  done
  compgen -G '/usr/lib/*/libargon2.so.1' > /dev/null || echo libargon2-1
  # The protocol's structures are proved against the kernel's header.
  [ -f /usr/include/linux/fuse.h ] || echo linux-libc-dev
  compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || echo postgresql
  # gcc alone cannot compile a program.
  [ -f /usr/include/stdio.h ] || echo libc6-dev
}

install_missing() {
  local packages
  mapfile -t packages < <(missing)
  [ ${#packages[@]} -eq 0 ] && return
  if [ "$(id -u)" != 0 ]; then
    echo "Missing Debian packages; tests that need them are skipped or fail: ${packages[*]}" >&2
    return
  fi
  echo "Installing ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq > /dev/null && apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null
}

command -v dotnet > /dev/null || { echo "The .NET 10 SDK is needed: 'dotnet' is not on PATH." >&2; exit 1; }
install_missing

echo 'Building'
dotnet build VaultFs.sln -c Release -v quiet -nologo
# The mount tests run this; building it here keeps that time out of them.
./vaultfs --version > /dev/null

results=$(mktemp -d)
lanes=()
passed=0
failed=0
skipped=0

# Interrupts what still runs, so that tests unmount and end what they started, and waits for it.
stop() {
  local lane
  trap '' INT TERM
  for lane in "${lanes[@]}"; do
    kill -INT -- "-$lane" 2> /dev/null || true
  done
  wait
  rm -rf "$results"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

attribute() { # NAME FILE: the sum of an attribute over all assemblies of a result file
  grep -o '<assembly [^>]*>' "$2" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*' | awk '{ sum += $1 } END { print sum + 0 }'
}

run_lane() { # NAME...: projects one after another; what each says is printed when it ends
  local name status
  trap 'exit 130' INT
  for name; do
    local options=(-xml "$results/$name.xml" -noLogo -noColor -parallel none)
    [ -z "$test_filter" ] || options+=(-method "*$test_filter*")
    status=0
    "tests/$name/bin/Release/net10.0/$name" "${options[@]}" > "$results/$name.out" 2>&1 < /dev/null || status=$?
    echo "$status" > "$results/$name.status"
    { flock 9; printf '\n== %s\n' "$name"; cat "$results/$name.out"; } 9> "$results/lock"
  done
}

count() { # NAME: adds a project's tests
  local status project_failed
  status=$(cat "$results/$1.status" 2> /dev/null || echo unknown)
  if [ ! -f "$results/$1.xml" ]; then
    echo "$1 ended with code $status and no results." >&2
    failed=$((failed + 1))
    return
  fi
  project_failed=$(($(attribute failed "$results/$1.xml") + $(attribute errors "$results/$1.xml")))
  # A run that breaks off after its last test is no success.
  [ "$status" = 0 ] || [ "$project_failed" != 0 ] || project_failed=1
  passed=$((passed + $(attribute passed "$results/$1.xml")))
  failed=$((failed + project_failed))
  skipped=$((skipped + $(attribute skipped "$results/$1.xml")))
}

# Mount tests wait for other processes much of the time, and run beside the others.
mounts=()
others=()
for project in tests/*.Tests; do
  name=$(basename "$project")
  [[ $name == *"$project_filter"* ]] || continue
  if [ "$name" = Vault.Mount.Tests ]; then mounts+=("$name"); else others+=("$name"); fi
done

set -m # each lane is a process group, which can be interrupted as a whole
run_lane "${others[@]}" &
lanes+=($!)
run_lane "${mounts[@]}" &
lanes+=($!)
set +m
echo "Testing: ${others[*]}${mounts:+ | ${mounts[*]}}"
wait "${lanes[@]}" || true
lanes=()

for name in "${others[@]}" "${mounts[@]}"; do
  count "$name"
done
echo
if [ "${#others[@]}${#mounts[@]}" = 00 ]; then
  echo "No test project's name contains '$project_filter'." >&2
  failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
