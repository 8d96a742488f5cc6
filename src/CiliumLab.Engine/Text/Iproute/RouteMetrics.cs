using System.Text.Json;

namespace CiliumLab.Engine.Text;

/// <summary>A route's path settings (<c>mx_names</c> in ip/iproute.c), by the names that the text form uses.</summary>
internal static class RouteMetrics
{
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "advmss", "congctl", "cwnd", "fastopen_no_cookie", "features", "hoplimit", "initcwnd", "initrwnd", "quickack",
        "reordering", "rto_min", "rtt", "rttvar", "ssthresh", "window",
    };

    /// <summary>Whether a word is the name of a setting.</summary>
    public static bool IsName(string word) => Names.Contains(word);

    /// <summary>Takes a setting's value from the text form.</summary>
    public static void Add(Dictionary<string, string> metrics, string name, IprouteWords words)
    {
        words.TakeIf("lock");
        if (name == "features")
        {
            while (words.Peek is { } feature && IsFeature(feature))
                AddFeature(metrics, words.Take()!);
        }
        else if (words.Take() is { } value)
        {
            metrics[name] = value.EndsWith("ms", StringComparison.Ordinal) ? value[..^2] : value;
        }
    }

    /// <summary>Takes the settings from the JSON form, which names two of them differently and has no word for locks.</summary>
    public static Dictionary<string, string> From(IEnumerable<IprouteObject> items)
    {
        var metrics = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in items.SelectMany(item => item.Members))
        {
            if (IsFeature(member.Name))
                AddFeature(metrics, member.Name);
            else if (member.Name == "congestion")
                metrics["congctl"] = member.Value.ToString();
            else if (IsName(member.Name) && member.Value.ValueKind is JsonValueKind.Number or JsonValueKind.String)
                metrics[member.Name] = member.Value.ToString();
        }

        return metrics;
    }

    private static bool IsFeature(string word) => word is "ecn" or "tcp_usec_ts" || word.StartsWith("0x", StringComparison.Ordinal);

    private static void AddFeature(Dictionary<string, string> metrics, string feature) =>
        metrics["features"] = metrics.TryGetValue("features", out var others) ? $"{others} {feature}" : feature;
}
