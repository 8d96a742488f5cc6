using System.Globalization;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>crictl ps</c>, its table (with the NAMESPACE column of newer versions or without) and its <c>-o json</c> form.</summary>
public static partial class CrictlPsText
{
    internal const string Kind = "CrictlPs";

    /// <summary>Reads the containers in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that is not a container, crictl's own warnings included.</param>
    public static IEnumerable<NodeContainer> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(text);
        // Without a configuration file crictl complains about its endpoint before it answers.
        while (!JsonOutput.IsNext(lines) && lines.Peek() is { } line && OwnWarning().IsMatch(line))
            warn(new TextWarning(lines.Number + 1, lines.Next()!, "crictl warns"));
        return JsonOutput.IsNext(lines) ? CrictlPsJson.Parse(lines, node, warn) : FromTable(lines, node, warn);
    }

    internal static NodeContainerState? State(string? word) => word?.ToUpperInvariant() switch
    {
        "RUNNING" or "CONTAINER_RUNNING" => NodeContainerState.Running,
        "EXITED" or "CONTAINER_EXITED" => NodeContainerState.Exited,
        "CREATED" or "CONTAINER_CREATED" => NodeContainerState.Created,
        "UNKNOWN" or "CONTAINER_UNKNOWN" => NodeContainerState.Unknown,
        _ => null,
    };

    private static IEnumerable<NodeContainer> FromTable(LineReader lines, string? node, Action<TextWarning> warn)
    {
        string[]? header = null;
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var cells = Gap().Split(line.Trim());
            if (cells is ["CONTAINER" or "CONTAINER ID", ..])
            {
                header = cells;
                continue;
            }

            if (header is null)
                throw OutputErrors.NotThisOutput(Kind, lines.Number, line);
            if (Container(header, cells, node) is { } container)
                yield return container;
            else
                warn(new TextWarning(lines.Number, line, $"expected {header.Length} columns as in the header"));
        }
    }

    private static NodeContainer? Container(string[] header, string[] cells, string? node)
    {
        // A static pod may lack what stands in the last columns; nothing before them can be empty.
        if (cells.Length > header.Length || cells.Length < Math.Min(7, header.Length))
            return null;
        string? Cell(string column) => Array.IndexOf(header, column) is >= 0 and var index && index < cells.Length ? cells[index] : null;
        if (Cell("NAME") is not { } name
            || State(Cell("STATE")) is not { } state
            || !int.TryParse(Cell("ATTEMPT"), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt))
        {
            return null;
        }

        return new NodeContainer
        {
            Node = node,
            ContainerId = cells[0],
            Image = Cell("IMAGE"),
            Age = Age(Cell("CREATED")),
            State = state,
            Name = name,
            Attempt = attempt,
            PodId = Cell("POD ID"),
            Pod = Cell("POD"),
            Namespace = Cell("NAMESPACE"),
        };
    }

    // units.HumanDuration of github.com/docker/go-units, with " ago" behind it
    private static TimeSpan? Age(string? text)
    {
        if (text is null || HumanDuration().Match(text) is not { Success: true } age)
            return null;
        var count = age.Groups["count"].Value is var digits && int.TryParse(digits, out var number) ? Math.Min(number, 10_000) : 1;
        var unit = age.Groups["unit"].Value switch
        {
            "second" => TimeSpan.FromSeconds(1),
            "minute" => TimeSpan.FromMinutes(1),
            "hour" => TimeSpan.FromHours(1),
            "day" => TimeSpan.FromDays(1),
            "week" => TimeSpan.FromDays(7),
            "month" => TimeSpan.FromDays(30),
            _ => TimeSpan.FromDays(365),
        };
        return text.StartsWith("Less than", StringComparison.Ordinal) ? TimeSpan.Zero : unit * count;
    }

    [GeneratedRegex(@"\s{2,}|\t")]
    private static partial Regex Gap();

    [GeneratedRegex(@"^\s*(?:WARN\[|W\d{4} |time="".*level=warning)")]
    private static partial Regex OwnWarning();

    [GeneratedRegex(@"^(?:Less than an? |About an? |(?<count>\d+) )(?<unit>second|minute|hour|day|week|month|year)s?(?: ago)?$")]
    private static partial Regex HumanDuration();
}
