namespace Vault.Storage;

/// <summary>What a record of the intent log says. Numbers are on disk. Each is an outcome: doing it twice changes nothing.</summary>
internal enum LogRecordKind : byte
{
    /// <summary>A key of the tree has this value.</summary>
    Put = 1,

    /// <summary>A key of the tree is not there.</summary>
    Remove = 2,

    /// <summary>A run of blocks that a chunk lay in belongs to nothing any more.</summary>
    Free = 3,

    /// <summary>Blocks of a chunk that is not sealed in this form yet.</summary>
    Data = 4,

    /// <summary>The log goes on in another segment.</summary>
    Continue = 5,
}
