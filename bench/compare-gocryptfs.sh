#!/usr/bin/env bash
# Is vaultfs at least as fast as gocryptfs? Both do the same work in turns, in one run on one machine:
#   create  1,000 files of 4 KiB in one directory, from an empty file system (files/s)
#   read    a file of 512 MiB of random bytes, cold: freshly mounted, caches dropped (MB/s)
# The containers lie in memory (/dev/shm), so that it is the file systems that are compared. Both run with their own defaults.
# Returns 0 if the median of the rounds' ratios is at least 1 for both. usage: compare-gocryptfs.sh [ROUNDS]
set -euo pipefail

root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
rounds=${1:-7}
file_count=1000
file_mib=512

missing=()
for entry in 'gocryptfs gocryptfs' 'fusermount3 fuse3' 'perl perl-base' 'dd coreutils' 'mountpoint util-linux'; do
  command -v "${entry% *}" > /dev/null || missing+=("${entry#* }")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "Missing Debian packages: ${missing[*]}. Install them with: apt-get install ${missing[*]}" >&2
  exit 2
fi

work=$(mktemp -d /dev/shm/vaultfs-compare-XXXXXX)
export XDG_RUNTIME_DIR=$work/run XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config
mkdir -m 700 "$work/run"
mkdir "$work/vaultfs" "$work/gocryptfs" "$work/cipher"

unmount() { # SYSTEM
  mountpoint -q "$work/$1" || return 0
  case $1 in
    vaultfs) "$root/vaultfs" lock "$work/vaultfs" > /dev/null ;;
    gocryptfs)
      fusermount3 -u "$work/gocryptfs"
      # It ends in the background.
      while pgrep -f "gocryptfs.*$work/cipher" > /dev/null; do sleep 0.02; done
      ;;
  esac
}

clean_up() {
  local system
  for system in vaultfs gocryptfs; do
    unmount "$system" || fusermount3 -uz "$work/$system" || umount -l "$work/$system"
  done
  rm -rf --one-file-system "$work"
}
trap clean_up EXIT

make() { # SYSTEM
  case $1 in
    vaultfs) "$root/vaultfs" create "$work/test.vault" --passphrase-file "$work/passphrase" --kdf-memory 64 --kdf-iterations 1 > /dev/null ;;
    gocryptfs) gocryptfs -q -init -scryptn 10 -passfile "$work/passphrase" "$work/cipher" ;;
  esac
}

mount_it() { # SYSTEM
  case $1 in
    vaultfs) "$root/vaultfs" unlock "$work/test.vault" "$work/vaultfs" --passphrase-file "$work/passphrase" > /dev/null ;;
    gocryptfs) gocryptfs -q -nosyslog -passfile "$work/passphrase" "$work/cipher" "$work/gocryptfs" ;;
  esac
}

drop_caches() {
  sync
  # Without root the fresh mount alone has to do: it has no cache of its own yet.
  [ "$(id -u)" != 0 ] || echo 3 > /proc/sys/vm/drop_caches
}

create_files() { # DIRECTORY: prints files a second
  perl -MTime::HiRes=time -e '
    my ($directory, $count) = @ARGV;
    open my $random, "<:raw", "/dev/urandom" or die; read $random, my $data, 4096 or die;
    mkdir $directory or die "mkdir: $!";
    my $start = time;
    for my $i (1 .. $count) {
      open my $file, ">:raw", "$directory/file-$i" or die "open: $!";
      syswrite($file, $data) == 4096 or die "write: $!";
      close $file or die "close: $!";
    }
    printf "%.1f\n", $count / (time - $start);
  ' "$1" "$file_count"
}

read_file() { # FILE: prints MB a second
  perl -MTime::HiRes=time -e '
    my $start = time; my $total = 0;
    open my $file, "<:raw", $ARGV[0] or die "open: $!";
    while (my $count = sysread $file, my $data, 1 << 20) { $total += $count }
    $total == $ARGV[1] or die "read $total bytes";
    printf "%.1f\n", $total / 1e6 / (time - $start);
  ' "$1" $((file_mib << 20))
}

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

echo passphrase > "$work/passphrase"
"$root/vaultfs" --version > /dev/null
head -c "${file_mib}M" /dev/urandom > "$work/random"
for system in vaultfs gocryptfs; do
  make "$system"
  mount_it "$system"
  cp "$work/random" "$work/$system/random"
  unmount "$system"
done

for round in $(seq "$rounds"); do
  # Who is first changes, lest one always finds the machine warmer.
  order=(vaultfs gocryptfs)
  [ $((round % 2)) = 0 ] || order=(gocryptfs vaultfs)
  for system in "${order[@]}"; do
    drop_caches
    mount_it "$system"
    create_files "$work/$system/round-$round" >> "$work/create.$system"
    unmount "$system"
    drop_caches
    mount_it "$system"
    read_file "$work/$system/random" >> "$work/read.$system"
    cmp "$work/random" "$work/$system/random"
    rm -r "$work/$system/round-$round"
    unmount "$system"
  done
done

echo "$(uname -sr), $(nproc) CPUs, $(grep -m 1 'model name' /proc/cpuinfo | cut -d : -f 2 | xargs); vaultfs $("$root/vaultfs" --version), $(gocryptfs -version | cut -d ';' -f 1); $rounds rounds"
printf '%-26s %12s %12s %8s\n' 'median of rounds' vaultfs gocryptfs ratio
slower=0
for work_name in create read; do
  label='create 4 KiB files (1/s)'
  [ "$work_name" = create ] || label="read $file_mib MiB cold (MB/s)"
  ratio=$(paste "$work/$work_name.vaultfs" "$work/$work_name.gocryptfs" | awk '{ print $1 / $2 }' | median)
  printf '%-26s %12.0f %12.0f %8.2f\n' "$label" "$(median < "$work/$work_name.vaultfs")" "$(median < "$work/$work_name.gocryptfs")" "$ratio"
  awk -v ratio="$ratio" 'BEGIN { exit !(ratio < 1) }' && slower=1
done
exit $slower
