// Cases read as C does: calls, flags and error numbers by their plain names.
global using Vault.Posix.Harness;
global using Vault.Posix.Interop;
global using static Vault.Posix.Harness.Clock;
global using static Vault.Posix.Harness.Expectations;
global using static Vault.Posix.Harness.Shorthand;
global using static Vault.Posix.Harness.User;
global using static Vault.Posix.Interop.Calls;
global using static Vault.Posix.Interop.Constants;
global using static Vault.Posix.Interop.Errno;
