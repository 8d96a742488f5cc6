using System.Globalization;
using System.Text.RegularExpressions;

namespace CiliumLab.Engine.Text;

/// <summary>An option of the agent.</summary>
/// <param name="Name">Its name, without dashes.</param>
/// <param name="Type">The type of its value as pflag names it; empty for a switch.</param>
public sealed partial record AgentFlag(string Name, string Type)
{
    /// <summary>What a value of the option looks like; null when it may be any text.</summary>
    public string? Expected => Type switch
    {
        "" => "true or false",
        "int" or "int32" or "int64" => "a whole number",
        "uint" or "uint8" or "uint16" or "uint32" or "uint64" => "a whole number that is not negative",
        "float" or "float32" or "float64" => "a number",
        "duration" => "a duration such as 30s, 5m or 1h30m",
        _ => null,
    };

    /// <summary>
    /// Whether the agent reads a value: before it starts it holds each value of its ConfigMap against the option's type (Cilium's pkg/option,
    /// validateConfigMapFlag), as Go's strconv and time.ParseDuration read it. What a text means, it tells only when it starts.
    /// </summary>
    public bool Takes(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Type switch
        {
            "" => value is "" or "1" or "t" or "T" or "true" or "TRUE" or "True" or "0" or "f" or "F" or "false" or "FALSE" or "False",
            "int" or "int32" or "int64" => Whole().IsMatch(value),
            "uint" or "uint8" or "uint16" or "uint32" or "uint64" => Whole().IsMatch(value) && value[0] != '-',
            "float" or "float32" or "float64" => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
            "duration" => Duration().IsMatch(value),
            _ => true,
        };
    }

    [GeneratedRegex(@"^[+-]?(?:[0-9]+|0[xX][0-9a-fA-F]+)\z")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[+-]?(?:[0-9]+|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)\z")]
    private static partial Regex Duration();
}
