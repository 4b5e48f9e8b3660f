namespace Vault.PosixStress;

/// <summary>Operations on the content of open files, held against the model as well.</summary>
internal sealed class DataOperations(Twins twins, Contents contents, Random random)
{
    private const int MaxFileBytes = 400_000;
    private const int Page = 4096;

    private static readonly int[] s_allocations =
    [
        0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE,
        FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
    ];

    public void Step(OpenPair file, OpenPair? other)
    {
        switch (random.Next(24))
        {
            case < 6:
                Write(file);
                break;
            case < 10:
                Read(file);
                break;
            case < 12:
                WriteMapped(file);
                break;
            case 12:
                ReadMapped(file);
                break;
            case 13:
                int size = Offset();
                twins.Both($"ftruncate to {size}", file, fd => ftruncate(fd, size)).Ok();
                contents.Resize(file.Inode, size);
                break;
            case < 17:
                Allocate(file);
                break;
            case < 20:
                if (other is not null)
                    Copy(file, other);
                break;
            case 20:
                FindHoles(file);
                break;
            case 21:
                bool all = random.Next(2) == 0;
                twins.Both(all ? "fsync" : "fdatasync", file, fd => all ? fsync(fd) : fdatasync(fd)).Ok();
                break;
            case 22:
                WriteDirect(file);
                break;
            default:
                twins.Both("fstat", file, Size).Is(contents.SizeOf(file.Inode), $"the size of {file.Name}");
                break;
        }
    }

    private int Offset()
    {
        int offset = random.Next(random.Next(3) == 0 ? 5000 : MaxFileBytes);
        return random.Next(2) == 0 ? offset / Page * Page : offset;
    }

    private int Length()
    {
        int length = random.Next(1, random.Next(3) == 0 ? 100 : random.Next(2) == 0 ? 10_000 : 120_000);
        return random.Next(2) == 0 ? (length + Page - 1) / Page * Page : length;
    }

    private byte[] Bytes(int length)
    {
        byte[] data = new byte[length];
        random.NextBytes(data);
        return data;
    }

    private static Outcome Size(int fd)
    {
        Outcome outcome = statx(fd, "", AT_EMPTY_PATH, StatxBuffer.BasicStats, out StatxBuffer buffer);
        return outcome.Error == Errno.None ? new Outcome(new Stat(buffer).Size, Errno.None) : outcome;
    }

    private void Write(OpenPair file)
    {
        int offset = Offset();
        byte[] data = Bytes(Length());
        twins.Both($"pwrite {data.Length} at {offset}", file, fd => pwrite(fd, data, (nuint)data.Length, offset)).Is(data.Length);
        contents.Write(file.Inode, offset, data);
    }

    private void Read(OpenPair file)
    {
        int offset = Offset();
        byte[] data = new byte[Length()];
        int count = twins.Both($"pread {data.Length} at {offset}", file, fd => pread(fd, data, (nuint)data.Length, offset)).Ok();
        Compare(file, offset, data.AsSpan(0, count)); // the tested file was read last
    }

    private void Compare(OpenPair file, int offset, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> right = contents[file.Inode];
        right = right[Math.Min(offset, right.Length)..];
        right = right[..Math.Min(right.Length, data.Length)];
        int common = right.CommonPrefixLength(data);
        if (common != data.Length)
            throw twins.Failure($"{file.Name} has wrong data at byte {offset + common}.");
    }

    private void WriteMapped(OpenPair file)
    {
        int size = contents.SizeOf(file.Inode);
        if (size == 0)
            return;
        int offset = random.Next(size);
        byte[] data = Bytes(Math.Min(Length(), size - offset));
        bool syncs = random.Next(3) == 0;
        twins.Both($"mapped write of {data.Length} at {offset}", file, fd =>
        {
            using Mapping mapping = new(fd, size, PROT_READ | PROT_WRITE, MAP_SHARED);
            data.CopyTo(mapping.Bytes[offset..]);
            return syncs ? msync(mapping.Address, (nuint)size, MS_SYNC) : default;
        }).Ok();
        contents.Write(file.Inode, offset, data);
    }

    private void ReadMapped(OpenPair file)
    {
        int size = contents.SizeOf(file.Inode);
        if (size == 0)
            return;
        twins.Note($"mapped read of {file.Name}");
        using Mapping mapping = new(file.Tested, size, PROT_READ, random.Next(2) == 0 ? MAP_SHARED : MAP_PRIVATE);
        Compare(file, 0, mapping.Bytes);
    }

    private void Allocate(OpenPair file)
    {
        int mode = s_allocations[random.Next(s_allocations.Length)];
        int offset = Offset();
        int length = Length();
        twins.Both($"fallocate {mode} {length} at {offset}", file, fd => fallocate(fd, mode, offset, length)).Ok();
        if ((mode & FALLOC_FL_KEEP_SIZE) == 0 && offset + length > contents.SizeOf(file.Inode))
            contents.Resize(file.Inode, offset + length);
        if ((mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) != 0)
            contents.Clear(file.Inode, offset, length);
    }

    private void Copy(OpenPair source, OpenPair destination)
    {
        int from = random.Next(2) == 0 ? 0 : Offset();
        int to = random.Next(3) == 0 ? Offset() : from;
        int length = random.Next(2) == 0 ? MaxFileBytes : Length();
        if (source.Inode == destination.Inode)
            length = Math.Clamp(contents.SizeOf(source.Inode) - from, 1, length); // else going on would copy what was copied
        twins.Note($"copy {length} of {source.Name} at {from} to {destination.Name} at {to}");
        Outcome right = CopyAll(source.Twin, from, destination.Twin, to, length);
        Outcome outcome = CopyAll(source.Tested, from, destination.Tested, to, length);
        if (outcome != right)
            throw twins.Failure($"The copy gave {outcome}, in the plain directory {right}.");
        if (outcome.Value > 0)
            contents.Write(destination.Inode, to, contents[source.Inode].Slice(from, (int)outcome.Value).ToArray());
    }

    // A copy may stop short and is then asked to go on, as programs do.
    private static Outcome CopyAll(int from, long fromOffset, int to, long toOffset, int length)
    {
        long done = 0;
        while (done < length)
        {
            Outcome outcome = copy_file_range(from, ref fromOffset, to, ref toOffset, (nuint)(length - done), 0);
            if (outcome.Error != Errno.None)
                return outcome;
            if (outcome.Value == 0)
                break;
            done += outcome.Value;
        }

        return new Outcome(done, Errno.None);
    }

    // Which holes there are is the file system's business; that there is no data in them is not.
    private void FindHoles(OpenPair file)
    {
        twins.Note($"holes of {file.Name}");
        ReadOnlySpan<byte> content = contents[file.Inode];
        long position = 0;
        while (position < content.Length)
        {
            Outcome data = lseek(file.Tested, position, SEEK_DATA);
            long end = data.Error == Errno.ENXIO ? content.Length : data.Ok();
            if (end < position || end > content.Length || content[(int)position..(int)end].ContainsAnyExcept((byte)0))
                throw twins.Failure($"{file.Name} has data in a hole from {position} to {end}.");
            if (data.Error == Errno.ENXIO)
                return;
            position = lseek(file.Tested, end, SEEK_HOLE).Ok();
            if (position <= end)
                throw twins.Failure($"{file.Name} has a hole at {position}, where it has data.");
        }
    }

    // Past the cache in the tested file, whole pages; sometimes durable on return.
    private void WriteDirect(OpenPair file)
    {
        int offset = Offset() / Page * Page;
        using AlignedMemory memory = new(random.Next(1, 12) * Page);
        random.NextBytes(memory.Bytes);
        int flags = random.Next(3) switch { 0 => O_DIRECT, 1 => O_DSYNC, _ => O_DIRECT | O_SYNC };
        bool reads = random.Next(3) == 0;
        twins.Note($"direct {flags:x} {memory.Bytes.Length} at {offset} of {file.Name}");
        int direct = open($"/proc/self/fd/{file.Tested}", O_RDWR | flags).Ok();
        if (reads)
        {
            int count = pread_into(direct, memory.Address, (nuint)memory.Bytes.Length, offset).Ok();
            Compare(file, offset, memory.Bytes[..count]);
        }
        else
        {
            pwrite_from(direct, memory.Address, (nuint)memory.Bytes.Length, offset).Is(memory.Bytes.Length);
            pwrite_from(file.Twin, memory.Address, (nuint)memory.Bytes.Length, offset).Is(memory.Bytes.Length);
            contents.Write(file.Inode, offset, memory.Bytes);
        }

        close(direct).Ok();
    }
}
