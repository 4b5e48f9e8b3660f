global using Vault.Posix.Harness;
global using Vault.Posix.Interop;
global using static Vault.Posix.Interop.Calls;
global using static Vault.Posix.Interop.Constants;
