namespace Vault.Storage.Tests.Simulation;

/// <summary>The vault did what it must not do.</summary>
internal sealed class SimulationException(string message, Exception? inner = null) : Exception(message, inner);
