using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text.Json;

namespace CiliumLab.Engine.Text;

/// <summary>A JSON object of a tool; members that are missing are null, and those of another type are a warning.</summary>
internal sealed class IprouteObject(JsonElement element, int line, Action<TextWarning> warn)
{
    /// <summary>The members in their order; <c>ip route</c> repeats names behind <c>encap</c>.</summary>
    public IEnumerable<JsonProperty> Members => element.EnumerateObject();

    /// <summary>Whether there is such a member, whatever its value.</summary>
    public bool Has(string name) => First(name) is not null;

    /// <summary>A text.</summary>
    public string? Text(string name) => First(name) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { ValueKind: JsonValueKind.Number } value => value.GetRawText(),
        { } value => Wrong<string>(name, value, "a text"),
    };

    /// <summary>A number; some versions write it as a text.</summary>
    public T? Number<T>(string name)
        where T : struct, INumber<T> => First(name) switch
        {
            null or { ValueKind: JsonValueKind.Null } => null,
            { ValueKind: JsonValueKind.String or JsonValueKind.Number } value
                when T.TryParse(
                    value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText(),
                    NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture,
                    out var number) => number,
            { } value => Wrong<T?>(name, value, "a number"),
        };

    /// <summary>A yes or no: true and false, 1 and 0, on and off.</summary>
    public bool? Flag(string name) => First(name) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.Number } value => value.GetRawText() != "0",
        { ValueKind: JsonValueKind.String } value when value.ValueEquals("on") || value.ValueEquals("off") => value.ValueEquals("on"),
        { } value => Wrong<bool?>(name, value, "true or false"),
    };

    /// <summary>An address.</summary>
    public IPAddress? Address(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return IprouteNames.Address(text) ?? Wrong<IPAddress>(name, First(name)!.Value, "an address");
    }

    /// <summary>A name that stands for a value.</summary>
    public T? Named<T>(string name, Func<string, T?> read)
        where T : struct
    {
        if (Text(name) is not { } text)
            return null;
        return read(text) ?? Wrong<T?>(name, First(name)!.Value, "a known name");
    }

    /// <summary>The texts of an array.</summary>
    public IReadOnlyList<string> Texts(string name) => First(name) switch
    {
        null or { ValueKind: JsonValueKind.Null } => [],
        { ValueKind: JsonValueKind.Array } value =>
            [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)],
        { } value => Wrong<string[]>(name, value, "an array") ?? [],
    };

    /// <summary>An object; null when there is none.</summary>
    public IprouteObject? Object(string name) => First(name) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object } value => new IprouteObject(value, line, warn),
        { } value => Wrong<IprouteObject>(name, value, "an object"),
    };

    /// <summary>The objects of an array.</summary>
    public IReadOnlyList<IprouteObject> Objects(string name) => First(name) switch
    {
        null or { ValueKind: JsonValueKind.Null } => [],
        { ValueKind: JsonValueKind.Array } value =>
        [
            .. value.EnumerateArray()
                .Where(item => item.ValueKind == JsonValueKind.Object && item.EnumerateObject().Any())
                .Select(item => new IprouteObject(item, line, warn)),
        ],
        { } value => Wrong<IprouteObject[]>(name, value, "an array") ?? [],
    };

    /// <summary>Says that the object was not understood.</summary>
    public void Complain(string reason) => warn(new TextWarning(line, element.GetRawText(), reason));

    private JsonElement? First(string name)
    {
        foreach (var member in element.EnumerateObject())
        {
            if (member.NameEquals(name))
                return member.Value;
        }

        return null;
    }

    private T? Wrong<T>(string name, JsonElement value, string expected)
    {
        warn(new TextWarning(line, $"\"{name}\":{value.GetRawText()}", $"expected {expected}"));
        return default;
    }
}
