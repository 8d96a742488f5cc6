using System.Text.Json;

namespace CiliumLab.Engine.Text;

/// <summary>Values of structures that Go printed field by field.</summary>
internal static class RawJson
{
    /// <summary>The number that follows a name; 0 for what is none.</summary>
    public static ulong Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out var number))
            return number;
        reader.Skip();
        return 0;
    }

    /// <summary>The number that follows a name, when it fits; else 0.</summary>
    public static uint Number32(ref Utf8JsonReader reader) => Number(ref reader) is <= uint.MaxValue and var number ? (uint)number : 0;

    /// <summary>The number that follows a name, when it fits; else 0.</summary>
    public static ushort Number16(ref Utf8JsonReader reader) => Number(ref reader) is <= ushort.MaxValue and var number ? (ushort)number : (ushort)0;

    /// <summary>Passes over the value that follows a name.</summary>
    public static void SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
