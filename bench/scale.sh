#!/usr/bin/env bash
# How vaultfs behaves when there is much of everything, one vault after the other:
#   files    1,000,000 files of 1 KiB in 1,000 directories
#   entries  one directory of 200,000 entries
#   sparse   a file of 4 TiB with data at both ends
#   data     20 GiB in one file; deleting it, with a kill -9 in between
# For each: time of the work, the server's peak of resident memory during it, and how long 'unlock' takes afterwards beside an empty vault
# with the same (small) cost of the passphrase. Prints a table in Markdown. The vaults lie in a directory of their own below DIRECTORY.
# usage: scale.sh [-f FILES] [-e ENTRIES] [-g GIB] [DIRECTORY]
set -euo pipefail

root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
files=1000000
entries=200000
gib=20
while getopts f:e:g: option; do
  case $option in
    f) files=$OPTARG ;;
    e) entries=$OPTARG ;;
    g) gib=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
work=$(mktemp -d "${1:-/var/tmp}/vaultfs-scale-XXXXXX")
mount=$work/mount
vault=$work/test.vault
export XDG_RUNTIME_DIR=$work/run XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config
mkdir -m 700 "$work/run"
mkdir "$mount"
echo passphrase > "$work/passphrase"

vaultfs=$root/vaultfs
"$vaultfs" --version > /dev/null

clean_up() {
  mountpoint -q "$mount" && { "$vaultfs" lock "$mount" > /dev/null || fusermount3 -uz "$mount" || umount -l "$mount"; }
  rm -rf --one-file-system "$work"
}
trap clean_up EXIT

now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.2f", b - a }'; }

# All is on disk then: the kernel writes back what it has, and the server commits at the fsync of a directory.
sync_all() { sync -f "$mount"; sync "$mount"; }

unlock() { "$vaultfs" unlock "$vault" "$mount" --passphrase-file "$work/passphrase" 2>> "$work/messages" > /dev/null; }
lock() { "$vaultfs" lock "$mount" > /dev/null; }
server() { "$vaultfs" list --json | grep -o '"pid": *[0-9]*' | grep -o '[0-9]*'; }

new_vault() {
  rm -f "$vault"
  "$vaultfs" create "$vault" --passphrase-file "$work/passphrase" --kdf-memory 64 --kdf-iterations 1 > /dev/null
  unlock
}

drop_caches() {
  [ "$(id -u)" != 0 ] || echo 3 > /proc/sys/vm/drop_caches
}

# Does a work and prints its row: seconds, and the highest resident memory of the server meanwhile.
row() { # LABEL COMMAND...
  local label=$1 pid start
  shift
  pid=$(server)
  echo 5 > "/proc/$pid/clear_refs"
  start=$(now)
  "$@"
  printf '| %s | %s | %s |\n' "$label" "$(since "$start")" "$(awk '/VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/$pid/status")"
}

# Median of five unlocks, each after a lock, with cold caches of the host. Leaves it unlocked.
unlock_row() { # LABEL
  local i start
  for i in 1 2 3 4 5; do
    lock
    drop_caches
    start=$(now)
    unlock
    since "$start"
    echo
  done | sort -g | sed -n 3p > "$work/unlock"
  printf '| %s: unlock, cold | %s | %s |\n' "$1" "$(cat "$work/unlock")" "$(awk '/VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$(server)/status")"
}

create_files() { # COUNT DIRECTORIES BYTES
  perl -e '
    my ($base, $count, $directories, $bytes) = @ARGV;
    open my $random, "<:raw", "/dev/urandom" or die; my $data = ""; !$bytes or read $random, $data, $bytes or die;
    for my $d (1 .. $directories) {
      mkdir "$base/d$d" or die "mkdir: $!";
      for my $f (1 .. $count / $directories) {
        open my $file, ">:raw", "$base/d$d/file-$f" or die "open: $!";
        !$bytes or syswrite($file, $data) == $bytes or die "write: $!";
        close $file or die "close: $!";
      }
    }
  ' "$mount" "$@"
  sync_all
}

walk() { # EXPECTED: stats everything below
  local found
  found=$(find "$mount" -type f -printf '%s\n' | wc -l)
  [ "$found" = "$1" ] || { echo "$found files of $1" >&2; exit 1; }
}

write_ends() {
  perl -e '
    open my $file, ">:raw", $ARGV[0] or die;
    my $end = 4 * 2 ** 40;
    sysseek $file, $_, 0 and syswrite($file, "vault" x 800) == 4000 or die "write: $!" for 0, $end - 4000;
    close $file or die; -s $ARGV[0] == $end or die "size";
  ' "$mount/sparse"
  sync_all
}

write_data() {
  perl -e '
    open my $random, "<:raw", "/dev/urandom" or die; read $random, my $data, 1 << 20 or die;
    open my $file, ">:raw", $ARGV[0] or die;
    syswrite($file, $data) == 1 << 20 or die "write: $!" for 1 .. 1024 * $ARGV[1];
    close $file or die;
  ' "$mount/data" "$gib"
  sync_all
}

read_data() { dd if="$mount/data" of=/dev/null bs=1M status=none; }

used_mib() { du -m "$vault" | cut -f 1; }

wait_until_given_back() { # MIB: until the container holds less
  local i
  for i in $(seq 600); do
    [ "$(used_mib)" -gt "$1" ] || return 0
    sleep 0.5
  done
  echo "The container still holds $(used_mib) MiB." >&2
  exit 1
}

delete_across_a_kill() {
  local pid
  pid=$(server)
  rm "$mount/data"
  sync_all
  kill -KILL "$pid"
  while [ -d "/proc/$pid" ]; do sleep 0.05; done
  unlock
}

echo "$(uname -sr), $(nproc) CPUs, $(grep -m 1 'model name' /proc/cpuinfo | cut -d : -f 2 | xargs); vaultfs $("$vaultfs" --version)"
echo
echo '| work | s | server, MiB resident at most |'
echo '|---|---:|---:|'
new_vault
unlock_row 'empty vault'
row "files: create $files files of 1 KiB in 1,000 directories, sync" create_files "$files" 1000 1024
unlock_row 'files'
row 'files: walk and stat them, cold' walk "$files"
lock
new_vault
row "entries: create $entries empty files in one directory, sync" create_files "$entries" 1 0
unlock_row 'entries'
row 'entries: walk and stat them, cold' walk "$entries"
row 'entries: delete all' rm -r "$mount/d1"
lock
new_vault
row 'sparse: write both ends of 4 TiB, sync' write_ends
unlock_row 'sparse'
row 'sparse: unlink' rm "$mount/sparse"
row 'sparse: sync' sync_all
lock
new_vault
row "data: write $gib GiB, sync" write_data
unlock_row 'data'
drop_caches
row "data: read $gib GiB, cold" read_data
before=$(used_mib)
start=$(now)
delete_across_a_kill
printf '| data: unlink, sync, kill -9, unlock | %s | |\n' "$(since "$start")"
row "data: until the container of $before MiB is below 64 MiB" wait_until_given_back 64
lock
