using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CiliumLab.Tests.Simulator.Transcript;

/// <summary>The programs behind the recorded pipes.</summary>
internal static class TranscriptPipes
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Runs <c>grep</c>, <c>head</c> or <c>jq</c>.</summary>
    public static string Run(IReadOnlyList<string> words, string input) => words[0] switch
    {
        "grep" => Grep([.. words.Skip(1)], input),
        "head" => string.Concat(Lines(input).Take(int.Parse(words[1].TrimStart('-').TrimStart('n'), CultureInfo.InvariantCulture)).Select(static line => line + "\n")),
        "jq" => JsonSerializer.Serialize(JsonNode.Parse(input), Indented) + "\n",
        _ => throw new ArgumentException($"no {words[0]} here"),
    };

    private static string Grep(List<string> words, string input)
    {
        var (after, most, ignoresCase) = (0, int.MaxValue, false);
        string? pattern = null;
        for (var at = 0; at < words.Count; at++)
        {
            switch (words[at])
            {
                case "-E":
                    break;
                case "-i":
                    ignoresCase = true;
                    break;
                case "-m":
                    most = int.Parse(words[++at], CultureInfo.InvariantCulture);
                    break;
                case ['-', 'A', .. var count]:
                    after = int.Parse(count, CultureInfo.InvariantCulture);
                    break;
                default:
                    pattern ??= words[at];
                    break;
            }
        }

        var regex = new Regex(pattern!, ignoresCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        var output = new StringBuilder();
        var (left, found, skipped) = (0, 0, false);
        foreach (var line in Lines(input))
        {
            var matches = found < most && regex.IsMatch(line);
            if (matches)
            {
                if (after > 0 && found > 0 && left == 0 && skipped)
                    output.Append("--\n");
                (left, skipped, found) = (after + 1, false, found + 1);
            }

            if (left > 0)
                (left, _) = (left - 1, output.Append(line).Append('\n'));
            else
                skipped = true;
        }

        return output.ToString();
    }

    private static string[] Lines(string text) => text.TrimEnd('\n').Split('\n');
}
