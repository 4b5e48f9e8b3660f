using System.Security.Cryptography;

namespace Vault.Benchmarks;

/// <summary>AES-256-GCM of the framework over as many bytes, in units as the vault has them: what no vault can be faster than.</summary>
internal sealed class StorageRawCipher : IDisposable
{
    private readonly AesGcm _cipher = new(RandomNumberGenerator.GetBytes(32), 16);
    private readonly byte[] _nonce = new byte[12];
    private readonly byte[] _tag = new byte[16];
    private readonly byte[] _associatedData = new byte[17];
    private readonly byte[] _plaintext;
    private readonly byte[] _sealed;

    public StorageRawCipher(int unitBytes)
    {
        _plaintext = GC.AllocateArray<byte>(unitBytes, pinned: true);
        _sealed = GC.AllocateArray<byte>(unitBytes, pinned: true);
        Seal(unitBytes);
    }

    public void Seal(long bytes)
    {
        for (long done = 0; done < bytes; done += _plaintext.Length)
            _cipher.Encrypt(_nonce, _plaintext, _sealed, _tag, _associatedData);
    }

    public void Open(long bytes)
    {
        for (long done = 0; done < bytes; done += _sealed.Length)
            _cipher.Decrypt(_nonce, _sealed, _tag, _plaintext, _associatedData);
    }

    public void Dispose() => _cipher.Dispose();
}
