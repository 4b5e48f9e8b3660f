using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vault.Cli;

/// <summary>Serializers of what crosses between processes and of <c>--json</c> output, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlReply))]
[JsonSerializable(typeof(ServerStart))]
[JsonSerializable(typeof(ServerReport))]
internal sealed partial class CliJson : JsonSerializerContext;

/// <summary>Serializers of what a person reads.</summary>
[JsonSerializable(typeof(IReadOnlyList<ServerStatus>))]
[JsonSerializable(typeof(VaultInfo))]
[JsonSerializable(typeof(FindingView))]
[JsonSerializable(typeof(CheckSummary))]
[JsonSerializable(typeof(SalvageSummary))]
internal sealed partial class OutputJson : JsonSerializerContext
{
    /// <summary>For output to a terminal or a file, not into HTML: paths stay readable.</summary>
    public static OutputJson Readable { get; } = new(WithIndentation(isIndented: true));

    /// <summary>The same without line breaks.</summary>
    public static OutputJson OnOneLine { get; } = new(WithIndentation(isIndented: false));

    private static JsonSerializerOptions WithIndentation(bool isIndented) => new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = isIndented,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
