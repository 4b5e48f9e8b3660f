using System.Runtime.InteropServices;

namespace Vault.Crypto.Tests;

public sealed class Argon2KnownAnswerTests
{
    // Goal: the function that slots are opened with is Argon2id.
    // Method: the vectors of the reference implementation's test suite (test.c, version 0x13) through our own path.
    [Theory]
    [InlineData(2, 65536, 1, "password", "somesalt", "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7")]
    [InlineData(2, 256, 1, "password", "somesalt", "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe")]
    [InlineData(2, 256, 2, "password", "somesalt", "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037")]
    [InlineData(1, 65536, 1, "password", "somesalt", "f6a5adc1ba723dddef9b5ac1d464e180fcd9dffc9d1cbf76cca2fed795d9ca98")]
    [InlineData(4, 65536, 1, "password", "somesalt", "9025d48e68ef7395cca9079da4c4ec3affb3c8911fe4f86d1a2520856f63172c")]
    [InlineData(2, 65536, 1, "differentpassword", "somesalt", "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde")]
    [InlineData(2, 65536, 1, "password", "diffsalt", "bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c")]
    public void Argon2id_of_the_reference_implementation(uint iterations, uint memoryKib, uint lanes, string password, string salt, string expected)
    {
        byte[] output = new byte[32];
        Argon2id.DeriveUnchecked(
            System.Text.Encoding.ASCII.GetBytes(password), System.Text.Encoding.ASCII.GetBytes(salt), new Argon2Parameters(memoryKib, iterations, lanes), output);
        Assert.Equal(expected, Convert.ToHexStringLower(output));
    }

    // Goal: the installed library computes RFC 9106's Argon2id.
    // Method: the vector of section 5.3; it has a secret and associated data, so it needs the library's context call.
    [Fact]
    public void Argon2id_of_rfc_9106_section_5_3()
    {
        Assert.Equal(
            "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659",
            Convert.ToHexStringLower(HashWithContext(
                password: Repeat(0x01, 32), salt: Repeat(0x02, 16), secret: Repeat(0x03, 8), associatedData: Repeat(0x04, 12))));
    }

    // Goal: both calls are the same function, so that the RFC's vector speaks for the one that we use.
    // Method: the RFC's costs without secret and associated data.
    [Fact]
    public void The_context_call_and_ours_agree()
    {
        byte[] output = new byte[32];
        Argon2id.DeriveUnchecked(Repeat(0x01, 32), Repeat(0x02, 16), new Argon2Parameters(MemoryKib: 32, Iterations: 3, Lanes: 4), output);
        Assert.Equal(HashWithContext(Repeat(0x01, 32), Repeat(0x02, 16), secret: [], associatedData: []), output);
    }

    private static byte[] Repeat(byte value, int count) => [.. Enumerable.Repeat(value, count)];

    private static byte[] HashWithContext(byte[] password, byte[] salt, byte[] secret, byte[] associatedData)
    {
        byte[] output = new byte[32];
        List<GCHandle> pins = [];
        nint Pin(byte[] bytes)
        {
            pins.Add(GCHandle.Alloc(bytes, GCHandleType.Pinned));
            return bytes.Length == 0 ? 0 : pins[^1].AddrOfPinnedObject();
        }

        Argon2Context context = new()
        {
            Out = Pin(output),
            OutLength = (uint)output.Length,
            Password = Pin(password),
            PasswordLength = (uint)password.Length,
            Salt = Pin(salt),
            SaltLength = (uint)salt.Length,
            Secret = Pin(secret),
            SecretLength = (uint)secret.Length,
            AssociatedData = Pin(associatedData),
            AssociatedDataLength = (uint)associatedData.Length,
            Iterations = 3,
            MemoryKib = 32,
            Lanes = 4,
            Threads = 4,
            Version = Argon2id.Version,
        };
        try
        {
            Assert.Equal(0, argon2id_ctx(ref context));
            return output;
        }
        finally
        {
            pins.ForEach(p => p.Free());
        }
    }

    [DllImport("libargon2.so.1", ExactSpelling = true)]
    private static extern int argon2id_ctx(ref Argon2Context context);

    /// <summary><c>argon2_context</c> of <c>argon2.h</c>, 20171227.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Argon2Context
    {
        public nint Out;
        public uint OutLength;
        public nint Password;
        public uint PasswordLength;
        public nint Salt;
        public uint SaltLength;
        public nint Secret;
        public uint SecretLength;
        public nint AssociatedData;
        public uint AssociatedDataLength;
        public uint Iterations;
        public uint MemoryKib;
        public uint Lanes;
        public uint Threads;
        public uint Version;
        public nint Allocate;
        public nint Free;
        public uint Flags;
    }
}
