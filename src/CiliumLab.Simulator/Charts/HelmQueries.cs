using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Programs;

namespace CiliumLab.Simulator.Charts;

/// <summary><c>helm list</c>, <c>status</c>, <c>get</c> and <c>history</c>.</summary>
/// <param name="call">The run.</param>
/// <param name="arguments">Its words.</param>
/// <param name="releases">Where releases lie.</param>
internal sealed class HelmQueries(ProgramCall call, HelmArguments arguments, ReleaseStore releases)
{
    /// <summary>Runs the command.</summary>
    public void Run()
    {
        var command = arguments.Operands[0];
        arguments.Skip(1);
        if (arguments.Value("output") is { } form and not ("table" or "json" or "yaml"))
            throw new HelmUsageException($"invalid argument \"{form}\" for \"-o, --output\" flag: invalid format type");
        switch (command)
        {
            case "list" or "ls":
                List();
                break;
            case "status":
                Print(call, arguments, Find(arguments.First, "status"), withManifest: false);
                break;
            case "get":
                Get();
                break;
            default:
                History();
                break;
        }
    }

    /// <summary>Prints what an installation ends with.</summary>
    public static void Print(ProgramCall call, HelmArguments arguments, Release release, bool withManifest)
    {
        var shown = release.Json.Copy();
        shown.Remove("chart");
        switch (arguments.Value("output"))
        {
            case "json":
                call.Line(shown.ToJsonString(JsonFields.Plain));
                return;
            case "yaml":
                call.Print(YamlText.Write(shown));
                return;
        }

        call.Line($"NAME: {release.Name}");
        call.Line($"LAST DEPLOYED: {Ansi(release.DeployedAt)}");
        call.Line($"NAMESPACE: {release.Namespace}");
        call.Line($"STATUS: {release.Status}");
        call.Line(string.Create(CultureInfo.InvariantCulture, $"REVISION: {release.Revision}"));
        call.Line("TEST SUITE: None");
        if (withManifest)
            call.Print($"HOOKS:\nMANIFEST:\n{release.Manifest}\n");
        if (release.Json.Text("info", "notes") is { } notes)
            call.Line($"NOTES:\n{notes}");
    }

    private static string Ansi(DateTimeOffset time) => time.UtcDateTime.ToString("ddd MMM ", CultureInfo.InvariantCulture) + time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2) + time.UtcDateTime.ToString(" HH:mm:ss yyyy", CultureInfo.InvariantCulture);

    // Go's time.String: fractions without trailing zeros.
    private static string Full(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) + " +0000 UTC";

    private Release Find(string? name, string command)
    {
        if (name is null)
            throw new HelmUsageException($"\"helm {command}\" requires 1 argument\n\nUsage:  helm {command} RELEASE_NAME [flags]");
        var history = releases.History(HelmProgram.NamespaceOf(arguments, call), name);
        var wanted = arguments.Value("revision") is { } text && int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0 ? history.FirstOrDefault(release => release.Revision == number) : history is [.., var last] ? last : null;
        return wanted ?? throw new ReleaseException("release: not found");
    }

    private void List()
    {
        var found = releases.All(arguments.Has("all-namespaces") ? null : HelmProgram.NamespaceOf(arguments, call))
            .GroupBy(static release => (release.Namespace, release.Name)).Select(static group => group.Last())
            .Where(release => arguments.Has("all") || Wanted(release.Status))
            .Where(release => arguments.Value("filter") is not { } filter || System.Text.RegularExpressions.Regex.IsMatch(release.Name, filter, default, TimeSpan.FromSeconds(1)))
            .OrderBy(static release => release.Name, StringComparer.Ordinal).ThenBy(static release => release.Namespace, StringComparer.Ordinal).ToArray();
        if (arguments.Has("short"))
        {
            foreach (var release in found)
                call.Line(release.Name);
            return;
        }

        Print(
            [("NAME", "name"), ("NAMESPACE", "namespace"), ("REVISION", "revision"), ("UPDATED", "updated"), ("STATUS", "status"), ("CHART", "chart"), ("APP VERSION", "app_version")],
            [.. found.Select(static release => new[] { release.Name, release.Namespace, release.Revision.ToString(CultureInfo.InvariantCulture), Full(release.DeployedAt), release.Status, release.Chart, release.AppVersion })]);
    }

    private bool Wanted(string status)
    {
        var named = ((string[])["deployed", "failed", "pending", "superseded", "uninstalled"]).Where(arguments.Has).ToArray();
        return named.Length == 0 ? status is "deployed" or "failed" : named.Any(name => status.StartsWith(name, StringComparison.Ordinal));
    }

    private void Get()
    {
        var what = arguments.First;
        arguments.Skip(1);
        if (what is not ("values" or "manifest" or "metadata" or "notes" or "all"))
            throw new HelmUsageException($"unknown command \"{what}\" for \"helm get\"");
        var release = Find(arguments.First, "get " + what);
        switch (what)
        {
            case "values":
                PrintValues(release);
                break;
            case "manifest":
                call.Line(release.Manifest);
                break;
            case "metadata":
                PrintMetadata(release);
                break;
            case "notes":
                call.Line($"NOTES:\n{release.Json.Text("info", "notes")}");
                break;
            default:
                Print(call, arguments, release, withManifest: true);
                break;
        }
    }

    private void PrintValues(Release release)
    {
        var all = arguments.Has("all");
        JsonNode? values = all ? ChartValues.Merge(release.ChartValues, release.Config) : release.Config.Count == 0 ? null : release.Config;
        if (arguments.Value("output") == "json")
        {
            call.Line(values is null ? "null" : Sorted(values)!.ToJsonString(JsonFields.Plain));
            return;
        }

        if (arguments.Value("output") != "yaml")
            call.Line(all ? "COMPUTED VALUES:" : "USER-SUPPLIED VALUES:");
        call.Print(YamlText.Write(values));
    }

    private void PrintMetadata(Release release)
    {
        var rows = new JsonObject
        {
            ["name"] = release.Name,
            ["chart"] = release.Json.Text("chart", "metadata", "name"),
            ["version"] = release.Json.Text("chart", "metadata", "version"),
            ["appVersion"] = release.AppVersion,
            ["namespace"] = release.Namespace,
            ["revision"] = release.Revision,
            ["status"] = release.Status,
            ["deployedAt"] = release.DeployedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
        switch (arguments.Value("output"))
        {
            case "json":
                call.Line(rows.ToJsonString(JsonFields.Plain));
                break;
            case "yaml":
                call.Print(YamlText.Write(rows, sort: false));
                break;
            default:
                foreach (var (key, value) in rows)
                    call.Line($"{key.Replace("appV", "APP_V", StringComparison.Ordinal).Replace("edAt", "ED_AT", StringComparison.Ordinal).ToUpperInvariant()}: {value.AsDisplay()}");
                break;
        }
    }

    private void History()
    {
        var name = arguments.First ?? throw new HelmUsageException("\"helm history\" requires 1 argument\n\nUsage:  helm history RELEASE_NAME [flags]");
        var history = releases.History(HelmProgram.NamespaceOf(arguments, call), name);
        if (history.Count == 0)
            throw new ReleaseException("release: not found");
        var table = arguments.Value("output") is null or "table";
        Print(
            [("REVISION", "revision"), ("UPDATED", "updated"), ("STATUS", "status"), ("CHART", "chart"), ("APP VERSION", "app_version"), ("DESCRIPTION", "description")],
            [.. history.Select(release => new[] { release.Revision.ToString(CultureInfo.InvariantCulture), table ? Ansi(release.DeployedAt) : release.Json.Text("info", "last_deployed")!, release.Status, release.Chart, release.AppVersion, release.Json.Text("info", "description") ?? "" })],
            numbers: command => command == "revision");
    }

    private void Print((string Head, string Key)[] columns, string[][] rows, Func<string, bool>? numbers = null)
    {
        if (arguments.Value("output") is null or "table")
        {
            call.Print(HelmTable.Format([[.. columns.Select(static column => column.Head)], .. rows]));
            return;
        }

        var list = new JsonArray([.. rows.Select(row => (JsonNode)new JsonObject(columns.Zip(row, (column, cell) => KeyValuePair.Create(column.Key, numbers?.Invoke(column.Key) == true ? int.Parse(cell, CultureInfo.InvariantCulture) : (JsonNode?)cell))))]);
        if (arguments.Value("output") == "json")
            call.Line(list.ToJsonString(JsonFields.Plain));
        else
            call.Print(YamlText.Write(list));
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(static member => member.Key, StringComparer.Ordinal).Select(static member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
