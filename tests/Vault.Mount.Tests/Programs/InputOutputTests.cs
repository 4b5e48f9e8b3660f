using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests.Programs;

/// <summary>Programs that read and write in unusual ways.</summary>
public sealed class InputOutputTests
{
    // Goal: asynchronous and direct I/O of every kind reads back what it wrote.
    // Method: fio's engines write random blocks, with O_DIRECT and without, and verify a checksum in each; again after lock and unlock.
    [Fact]
    public void Fio_verifies_what_it_wrote()
    {
        Requires.Fuse();
        Requires.Program("fio");
        Assert.SkipWhen(File.ReadAllText("/proc/sys/kernel/io_uring_disabled").Trim() == "2", "io_uring is disabled here.");
        using TestVault vault = new();
        vault.Open();
        string fio = $$"""
            run() {
              for engine in libaio:1 io_uring:1 io_uring:0 mmap:0 splice:0 pvsync2:1; do
                fio --name=t --filename=data-${engine/:/-} --ioengine=${engine%:*} --direct=${engine#*:} --rw=randwrite --bs=4k-64k --size=8M                   --iodepth=16 --randseed=7 --verify=crc32c --verify_fatal=1 --minimal "$@" > {{vault.In("fio.log")}}
              done
            }
            """;

        vault.InMount($"{fio}\nrun").Succeed();
        vault.LockAndUnlock();

        vault.InMount($"{fio}\nrun --verify_only").Succeed();
    }

    // Goal: a file that arrives in pieces, out of order and from several processes at once, is whole: what sshfs does to a file.
    // Method: 32 KiB pieces of a file, each process its part, backwards; then it is cut and sent again.
    [Fact]
    public void Partial_writes_out_of_order_make_a_whole_file()
    {
        Requires.Fuse();
        using TestVault vault = new();
        Shell.Bash($"head -c 3000001 /dev/urandom > {vault.In("source")}").Succeed();
        vault.Open();

        vault.InMount($$"""
            for round in 1 2; do
              for p in 0 1 2 3; do
                ( for i in $(seq 92 -1 0); do [ $((i % 4)) != $p ] || dd if={{vault.In("source")}} of=target bs=32768 skip=$i seek=$i count=1 conv=notrunc status=none; done ) &
              done
              wait; cmp target {{vault.In("source")}}; [ $round = 2 ] || truncate -s 100000 target
            done
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount($"cmp target {vault.In("source")}").Succeed();
    }

    // Goal: a mail store loses and doubles no message.
    // Method: two processes deliver by tmp, fsync, link and unlink; a reader moves what is new; every message is read once.
    [Fact]
    public void A_maildir_keeps_every_message()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();

        vault.InMount("""
            mkdir -p box/{tmp,new,cur}; cd box
            deliver() { for i in $(seq 100); do m=$1.$i; echo "message $m" > tmp/$m; sync tmp/$m; ln tmp/$m new/$m; rm tmp/$m; done; }
            deliver a & deliver b &
            until [ "$(ls cur | wc -l)" = 200 ]; do for m in $(ls new); do mv -n new/$m "cur/$m:2,S"; done; done
            wait; sync cur
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount("""
            cd box; [ -z "$(ls tmp new | grep -v ':$' | tr -d '\n')" ]; [ "$(cat cur/* | sort -u | wc -l)" = 200 ]
            for m in cur/*; do n=${m#cur/}; [ "$(cat "$m")" = "message ${n%:2,S}" ]; [ "$(stat -c %h "$m")" = 1 ]; done
            """).Succeed();
    }

    // Goal: images are written by programs that seek and map.
    // Method: ImageMagick makes an image, converts it through formats without loss, and finds the same pixels.
    [Fact]
    public void Imagemagick_writes_images()
    {
        Requires.Fuse();
        Requires.Program("convert-im6.q16", "identify-im6.q16");
        using TestVault vault = new();
        vault.Open();

        vault.InMount("""
            export MAGICK_TEMPORARY_PATH=$PWD
            convert-im6.q16 -seed 7 -size 640x480 plasma:fractal -depth 8 a.png; convert-im6.q16 a.png b.tif; convert-im6.q16 b.tif c.ppm; convert-im6.q16 c.ppm -quality 90 d.jpg
            convert-im6.q16 a.png -resize 50% b.tif e.gif
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount("""
            sum() { identify-im6.q16 -regard-warnings -format '%#' "$1"; }
            [ "$(sum a.png)" = "$(sum b.tif)" ]; [ "$(sum a.png)" = "$(sum c.ppm)" ]; identify-im6.q16 -regard-warnings d.jpg e-0.gif > /dev/null 2>&1 || identify-im6.q16 d.jpg > /dev/null
            """).Succeed();
    }
}
