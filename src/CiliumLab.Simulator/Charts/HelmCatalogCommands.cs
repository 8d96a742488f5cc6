using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Programs;

namespace CiliumLab.Simulator.Charts;

/// <summary><c>helm repo</c>, <c>helm search</c> and <c>helm show</c>: what needs no cluster.</summary>
/// <param name="call">The run.</param>
/// <param name="arguments">Its words.</param>
internal sealed class HelmCatalogCommands(ProgramCall call, HelmArguments arguments)
{
    private readonly HelmRepositories _repositories = new(call);

    /// <summary>Runs the command.</summary>
    public void Run()
    {
        var (command, sub) = (arguments.Operands[0], arguments.Operands.ElementAtOrDefault(1));
        arguments.Skip(2);
        switch (command, sub)
        {
            case ("repo", "add"):
                Add();
                break;
            case ("repo", "list" or "ls"):
                var all = _repositories.All;
                if (all.Count == 0)
                    throw new HelmUsageException("no repositories to show");
                Print(["NAME", "URL"], [.. all.Select(static entry => new[] { entry.Name, entry.Url })]);
                break;
            case ("repo", "update" or "up"):
                Update();
                break;
            case ("repo", "remove" or "rm"):
                Remove();
                break;
            case ("search", "repo"):
                Search();
                break;
            case ("show" or "inspect", "values"):
                call.Print(YamlText.Write(Chart().Defaults.Values));
                break;
            case ("show" or "inspect", "chart"):
                call.Print(YamlText.Write(Chart().Metadata));
                break;
            default:
                throw new HelmUsageException($"unknown command \"{sub}\" for \"helm {command}\"");
        }
    }

    private Chart Chart() => _repositories.Find(arguments.First ?? throw new HelmUsageException("\"helm show\" requires 1 argument"), arguments.Value("version"), arguments.Value("repo"));

    private void Add()
    {
        if (arguments.Operands is not [var name, var url])
            throw new HelmUsageException("\"helm repo add\" requires 2 arguments\n\nUsage:  helm repo add [NAME] [URL] [flags]");
        var known = _repositories.All.FirstOrDefault(entry => entry.Name == name);
        if (known.Name is not null && known.Url == url && !arguments.Has("force-update"))
        {
            call.Line($"\"{name}\" already exists with the same configuration, skipping");
            return;
        }

        if (known.Name is not null && !arguments.Has("force-update"))
            throw new HelmUsageException($"repository name ({name}) already exists, please specify a different name");
        if (ChartRepositories.Find(url) is null)
            throw HelmRepositories.Unreachable(url);
        _repositories.Write([.. _repositories.All.Where(entry => entry.Name != name), (name, url)]);
        call.Line($"\"{name}\" has been added to your repositories");
    }

    private void Update()
    {
        var all = _repositories.All;
        if (all.Count == 0)
            throw new HelmUsageException("no repositories found. You must add one before updating");
        foreach (var wanted in arguments.Operands.Where(wanted => !all.Any(entry => entry.Name == wanted)))
            throw new HelmUsageException($"no repositories found matching '{wanted}'.  Nothing will be updated");
        call.Line("Hang tight while we grab the latest from your chart repositories...");
        foreach (var (name, _) in all.Where(entry => arguments.Operands.Count == 0 || arguments.Operands.Contains(entry.Name)))
            call.Line($"...Successfully got an update from the \"{name}\" chart repository");
        call.Line("Update Complete. ⎈Happy Helming!⎈");
    }

    private void Remove()
    {
        foreach (var name in arguments.Operands)
        {
            var all = _repositories.All;
            if (all.Count == 0)
                throw new HelmUsageException("no repositories configured");
            if (!all.Any(entry => entry.Name == name))
                throw new HelmUsageException($"no repo named \"{name}\" found");
            _repositories.Write(all.Where(entry => entry.Name != name));
            call.Line($"\"{name}\" has been removed from your repositories");
        }
    }

    private void Search()
    {
        if (_repositories.All.Count == 0)
            throw new HelmUsageException("no repositories configured");
        var words = arguments.Operands;
        var found = _repositories.All.SelectMany(entry => (ChartRepositories.Find(entry.Url) ?? []).Select(chart => (Name: $"{entry.Name}/{chart.Name}", Chart: chart)))
            .Where(entry => words.All(word => entry.Name.Contains(word, StringComparison.OrdinalIgnoreCase) || entry.Chart.Description.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .Where(entry => arguments.Value("version") is not { } version || entry.Chart.Version == version).ToArray();
        if (found.Length == 0 && arguments.Value("output") is null or "table")
            call.Line("No results found");
        else
            Print(["NAME", "CHART VERSION", "APP VERSION", "DESCRIPTION"], [.. found.Select(static entry => new[] { entry.Name, entry.Chart.Version, entry.Chart.AppVersion, entry.Chart.Description })], 50);
    }

    private void Print(string[] heads, string[][] rows, int widest = 0)
    {
        var list = new JsonArray([.. rows.Select(row => (JsonNode)new JsonObject(heads.Zip(row, static (head, cell) => KeyValuePair.Create(head.ToLowerInvariant().Replace("chart version", "version", StringComparison.Ordinal).Replace(' ', '_'), (JsonNode?)cell))))]);
        switch (arguments.Value("output"))
        {
            case "json":
                call.Line(list.ToJsonString(JsonFields.Plain));
                break;
            case "yaml":
                call.Print(YamlText.Write(list));
                break;
            default:
                call.Print(HelmTable.Format([heads, .. rows], widest));
                break;
        }
    }
}
