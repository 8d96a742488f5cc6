using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>helm list</c> and <c>helm status</c> (which <c>helm install</c> prints too), text and JSON, of Helm 3 and 4.</summary>
public static partial class HelmText
{
    private const string ListKind = "HelmList";
    private const string StatusKind = "HelmStatus";

    /// <summary>Reads the releases of <c>helm list</c>.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node where Helm was asked; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<HelmRelease> ParseList(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => JsonItems.OfArray(ListKind, lines, warn, "a release with name, namespace, revision and status", item => FromListItem(item, node)),
            OutputForm.Text => new TextRows<HelmRelease>(ListKind, "a release with name, namespace, revision, time, status and chart", line => Row(line, node)) { IsHeading = static line => ListHeading().IsMatch(line) }.Read(lines, warn),
            _ => [],
        };
    }

    /// <summary>Reads the release of <c>helm status</c>. Its text has no time zone; the time is taken for UTC.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node where Helm was asked; null when that is not known.</param>
    /// <param name="warn">Is told of each line that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<HelmRelease> ParseStatus(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => StatusDocument(lines, node),
            OutputForm.Text => StatusLines(lines, node, warn),
            _ => [],
        };
    }

    private static HelmRelease? FromListItem(JsonElement item, string? node)
    {
        if (item.Text("name") is not { } name || item.Text("namespace") is not { } space || item.Int32("revision") is not { } revision || item.Text("chart") is not { } chart)
            return null;
        var (chartName, version) = Chart(chart);
        return new HelmRelease
        {
            Node = node,
            Name = name,
            Namespace = space,
            Revision = revision,
            Status = Status(item.Text("status")),
            Updated = Time(item.Text("updated")),
            Chart = chartName,
            ChartVersion = version,
            AppVersion = item.Text("app_version"),
        };
    }

    private static HelmRelease? Row(string line, string? node)
    {
        if (ListColumns().Match(line) is not { Success: true } columns
            || !int.TryParse(columns.Groups["revision"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            return null;
        }

        var (chart, version) = Chart(columns.Groups["chart"].Value);
        return new HelmRelease
        {
            Node = node,
            Name = columns.Groups["name"].Value,
            Namespace = columns.Groups["namespace"].Value,
            Revision = revision,
            Status = Status(columns.Groups["status"].Value),
            Updated = Time(columns.Groups["updated"].Value),
            Chart = chart,
            ChartVersion = version,
            AppVersion = columns.Groups["app"].Value is { Length: > 0 } app ? app : null,
        };
    }

    private static IEnumerable<HelmRelease> StatusDocument(LineReader lines, string? node)
    {
        var (first, opening) = (lines.Number + 1, lines.Peek() ?? "");
        using var document = JsonOutput.Read(StatusKind, lines);
        var root = document.RootElement;
        if (root.Text("name") is not { } name || root.Object("info") is not { } info || root.Int32("version") is not { } revision)
            throw OutputErrors.NotThisOutput(StatusKind, first, opening, "the JSON is no release with name, info and version");
        var metadata = root.Object("chart")?.Object("metadata");
        yield return new HelmRelease
        {
            Node = node,
            Name = name,
            Namespace = root.Text("namespace") ?? "",
            Revision = revision,
            Status = Status(info.Text("status")),
            Updated = info.Time("last_deployed"),
            Chart = metadata?.Text("name"),
            ChartVersion = metadata?.Text("version"),
            AppVersion = metadata?.Text("appVersion"),
            Description = info.Text("description"),
            Notes = info.Text("notes")?.Trim(),
        };
    }

    private static IEnumerable<HelmRelease> StatusLines(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var start = new OutputStart(StatusKind, warn);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        List<string>? notes = null;
        while (lines.Next() is { } line)
        {
            if (notes is not null)
                notes.Add(line);
            else if (line.TrimEnd() == "NOTES:" && values.ContainsKey("NAME"))
                notes = [];
            else if (StatusLine().Match(line) is { Success: true } pair)
                values.TryAdd(pair.Groups[1].Value, pair.Groups[2].Value.Trim());
            else if (!string.IsNullOrWhiteSpace(line) && !values.ContainsKey("RESOURCES"))
                start.Warn(new TextWarning(lines.Number, line, "expected a property of the release"));
        }

        if (!values.TryGetValue("NAME", out var name) || !values.TryGetValue("STATUS", out var status))
        {
            start.AtEnd();
            if (values.Count > 0)
                throw OutputErrors.NotThisOutput(StatusKind, 1, $"{values.First().Key}: {values.First().Value}", "there are no NAME and STATUS");
            yield break;
        }

        start.Understood();
        yield return new HelmRelease
        {
            Node = node,
            Name = name,
            Namespace = values.GetValueOrDefault("NAMESPACE", ""),
            Revision = int.TryParse(values.GetValueOrDefault("REVISION"), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0,
            Status = Status(status),
            Updated = DateTimeOffset.TryParseExact(
                values.GetValueOrDefault("LAST DEPLOYED"), "ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out var time) ? time : null,
            Description = values.GetValueOrDefault("DESCRIPTION"),
            Notes = notes is null ? null : string.Join('\n', notes).Trim(),
        };
    }

    private static HelmReleaseStatus Status(string? word) =>
        Enum.TryParse<HelmReleaseStatus>(word?.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var status) && Enum.IsDefined(status) ? status : HelmReleaseStatus.Unknown;

    private static (string Name, string? Version) Chart(string text) =>
        ChartForm().Match(text) is { Success: true } form ? (form.Groups[1].Value, form.Groups[2].Value) : (text, null);

    // 2025-07-20 05:59:47.929229605 +0900 KST, as time.Time prints itself; or RFC 3339 with --time-format
    private static DateTimeOffset? Time(string? text)
    {
        if (text is null || GoTime().Match(text) is not { Success: true } form)
            return GoValues.Time(text);
        var fraction = form.Groups["fraction"].Value is { Length: > 8 } long8 ? long8[..8] : form.Groups["fraction"].Value;
        return GoValues.Time($"{form.Groups["time"].Value}{fraction}{form.Groups["hours"].Value}:{form.Groups["minutes"].Value}");
    }

    [GeneratedRegex(@"^NAME\s+NAMESPACE\s+REVISION\s+UPDATED\s+STATUS\s+CHART\s+APP VERSION\s*$")]
    private static partial Regex ListHeading();

    [GeneratedRegex(@"^(?<name>[a-z0-9][a-z0-9.-]*)\s+(?<namespace>[a-z0-9][a-z0-9-]*)\s+(?<revision>\d+)\s+(?<updated>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*(?: [+-]\d{4} \S+)?)\s+(?<status>[a-z]+(?:-[a-z]+)?)\s+(?<chart>\S+)(?:\s+(?<app>\S+))?\s*$")]
    private static partial Regex ListColumns();

    [GeneratedRegex(@"^(.+?)-(v?\d+\.\d+.*)$")]
    private static partial Regex ChartForm();

    [GeneratedRegex(@"^(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?<fraction>\.\d+)? (?<hours>[+-]\d\d)(?<minutes>\d\d)(?: \S+)?$")]
    private static partial Regex GoTime();

    [GeneratedRegex(@"^(NAME|LAST DEPLOYED|NAMESPACE|STATUS|REVISION|TEST SUITE|DESCRIPTION|HOOKS|RESOURCES):(?:\s+(.*))?$")]
    private static partial Regex StatusLine();
}
