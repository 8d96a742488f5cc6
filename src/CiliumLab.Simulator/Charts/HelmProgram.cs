using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Programs;
using YamlDotNet.Core;

namespace CiliumLab.Simulator.Charts;

/// <summary><c>helm</c> 3.18: releases in the cluster, repositories in the user's files, charts from <see cref="ChartRepositories"/>.</summary>
/// <param name="store">The cluster.</param>
/// <param name="unreachable">Why the API server cannot be reached, as the connection says it; null when it can.</param>
internal sealed class HelmProgram(ObjectStore store, Func<string?> unreachable) : INodeProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly ReleaseActions _actions = new(store);

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["/usr/local/bin/helm"];

    /// <inheritdoc/>
    public async Task<int> RunAsync(ProgramCall call)
    {
        var failure = "";
        try
        {
            var arguments = HelmArguments.Read(call.Arguments);
            switch (arguments.First)
            {
                case "version":
                    call.Line(arguments.Has("short")
                        ? "v3.18.3+g6838ebc"
                        : "version.BuildInfo{Version:\"v3.18.3\", GitCommit:\"6838ebcf265a3842d1433956e8a622e3290cf324\", GitTreeState:\"clean\", GoVersion:\"go1.24.4\"}");
                    break;
                case "repo" or "search" or "show" or "inspect":
                    new HelmCatalogCommands(call, arguments).Run();
                    break;
                case "template":
                    Template(call, arguments);
                    break;
                case "install":
                    failure = "INSTALLATION FAILED: ";
                    await InstallAsync(call, arguments).ConfigureAwait(false);
                    break;
                case "upgrade":
                    failure = "UPGRADE FAILED: ";
                    await UpgradeAsync(call, arguments).ConfigureAwait(false);
                    break;
                case "uninstall" or "delete" or "del" or "un":
                    await UninstallAsync(call, arguments).ConfigureAwait(false);
                    break;
                case "list" or "ls" or "status" or "get" or "history" or "hist":
                    Reach();
                    new HelmQueries(call, arguments, _actions.Releases).Run();
                    break;
                case null:
                    call.Line("The Kubernetes package manager\n\nUsage:\n  helm [command]");
                    break;
                case var other:
                    throw new HelmUsageException($"unknown command \"{other}\" for \"helm\"\nRun 'helm --help' for usage.");
            }

            await call.Output.FlushAsync(call.CancellationToken).ConfigureAwait(false);
            return 0;
        }
        catch (Exception error) when (error is HelmUsageException or ReleaseException or ApiException or KernelException or FormatException)
        {
            var text = error is ReleaseException or ApiException or FormatException ? failure + error.Message : error.Message;
            await call.Output.FlushAsync(call.CancellationToken).ConfigureAwait(false);
            return call.Complain("Error: " + text);
        }
    }

    /// <summary>The namespace that a call is about.</summary>
    internal static string NamespaceOf(HelmArguments arguments, ProgramCall call) => arguments.Value("namespace") ?? call.Variable("HELM_NAMESPACE") ?? "default";

    private static (string Name, string Chart) Names(HelmArguments arguments, string command)
    {
        arguments.Skip(1);
        if (arguments.Operands.Count > 2)
            throw new HelmUsageException($"expected at most two arguments, unexpected arguments: {string.Join(", ", arguments.Operands.Skip(2))}");
        if (command == "install" && arguments.Operands.Count == 0)
            throw new HelmUsageException("\"helm install\" requires at least 1 argument\n\nUsage:  helm install [NAME] [CHART] [flags]");
        if (command == "install" && arguments.Operands.Count == 1)
            throw new ReleaseException("must either provide a name or specify --generate-name");
        if (arguments.Operands.Count != 2)
            throw new HelmUsageException($"\"helm {command}\" requires 2 arguments\n\nUsage:  helm {command} [RELEASE] [CHART] [flags]");
        var name = arguments.Operands[0];
        if (NameRules.Subdomain(name) is not null || name.Length > 53)
            throw new ReleaseException($"release name \"{name}\": invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53");
        return (name, arguments.Operands[1]);
    }

    private static JsonObject ReadValues(ProgramCall call, HelmArguments arguments)
    {
        var values = new JsonObject();

        // Files come first, whatever the order; then each kind of --set.
        foreach (var (_, path) in arguments.Settings.Where(static setting => setting.Name == "values"))
            values = ChartValues.Merge(values, ReadFile(call, path), keepNulls: true);
        foreach (var (kind, form) in (ReadOnlySpan<(string, SetForm)>)[("set-json", SetForm.Json), ("set", SetForm.Typed), ("set-string", SetForm.Text)])
        {
            foreach (var (name, text) in arguments.Settings)
            {
                if (name != kind)
                    continue;
                try
                {
                    ChartValues.Set(values, text, form);
                }
                catch (FormatException error)
                {
                    throw new ReleaseException(kind == "set-json" ? $"failed parsing --set-json data {text}" : $"failed parsing --{kind} data: {error.Message}");
                }
            }
        }

        return values;
    }

    private static JsonObject ReadFile(ProgramCall call, string path)
    {
        string text;
        try
        {
            text = path == "-" ? call.InputText : System.Text.Encoding.UTF8.GetString(call.Node.Files.Read(call.PathOf(path), call.User));
        }
        catch (KernelException error)
        {
            throw new ReleaseException($"open {path}: {error.Errno.Text().ToLowerInvariant()}");
        }

        try
        {
            return YamlText.Read(text) switch
            {
                JsonObject map => map,
                null => [],
                _ => throw new ReleaseException($"failed to parse {path}: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value of type map[string]interface {{}}"),
            };
        }
        catch (YamlException error)
        {
            throw new ReleaseException($"failed to parse {path}: error converting YAML to JSON: yaml: line {error.Start.Line}: {error.Message}");
        }
        catch (JsonException error)
        {
            throw new ReleaseException($"failed to parse {path}: error converting YAML to JSON: {error.Message}");
        }
    }

    private void Reach()
    {
        if (unreachable() is { } reason)
            throw new ReleaseException($"Kubernetes cluster unreachable: {reason}");
    }

    private async Task InstallAsync(ProgramCall call, HelmArguments arguments)
    {
        var (name, reference) = Names(arguments, "install");
        var chart = new HelmRepositories(call).Find(reference, arguments.Value("version"), arguments.Value("repo"));
        var values = ReadValues(call, arguments);
        Reach();
        var options = new ReleaseOptions { CreateNamespace = arguments.Has("create-namespace"), DryRun = arguments.Has("dry-run") };
        var release = _actions.Install(chart, name, NamespaceOf(arguments, call), values, options);
        await WaitAsync(call, arguments, release, options.DryRun).ConfigureAwait(false);
        HelmQueries.Print(call, arguments, release, withManifest: options.DryRun);
    }

    // Renders without a cluster.
    private static void Template(ProgramCall call, HelmArguments arguments)
    {
        var (name, reference) = Names(arguments, "template");
        var chart = new HelmRepositories(call).Find(reference, arguments.Value("version"), arguments.Value("repo"));
        var values = ChartValues.Merge(chart.Defaults.Values, ReadValues(call, arguments));
        try
        {
            foreach (var made in chart.RenderInOrder(new ChartContext(name, NamespaceOf(arguments, call), values, new Seed(0), call.Now)))
                call.Print($"---\n# Source: {made.Template}\n{YamlText.Write(made.Object, sort: false)}");
        }
        catch (ChartException error)
        {
            throw new ReleaseException(error.Message);
        }
    }

    private async Task UpgradeAsync(ProgramCall call, HelmArguments arguments)
    {
        var (name, reference) = Names(arguments, "upgrade");
        var ns = NamespaceOf(arguments, call);
        var chart = new HelmRepositories(call).Find(reference, arguments.Value("version"), arguments.Value("repo"));
        var values = ReadValues(call, arguments);
        Reach();
        var options = new ReleaseOptions
        {
            CreateNamespace = arguments.Has("create-namespace"),
            DryRun = arguments.Has("dry-run"),
            ReuseValues = arguments.Has("reuse-values") || arguments.Has("reset-then-reuse-values"),
            ResetValues = arguments.Has("reset-values"),
        };
        var history = _actions.Releases.History(ns, name);
        var json = arguments.Value("output") is "json" or "yaml";
        var install = arguments.Has("install") && (history.Count == 0 || history[^1].Status == "uninstalled");
        if (install && !json)
            call.Line($"Release \"{name}\" does not exist. Installing it now.");
        var release = install ? _actions.Install(chart, name, ns, values, options) : _actions.Upgrade(chart, name, ns, values, options);
        await WaitAsync(call, arguments, release, options.DryRun).ConfigureAwait(false);
        if (!install && !json)
            call.Line($"Release \"{name}\" has been upgraded. Happy Helming!");
        HelmQueries.Print(call, arguments, release, withManifest: options.DryRun);
    }

    private async Task UninstallAsync(ProgramCall call, HelmArguments arguments)
    {
        arguments.Skip(1);
        if (arguments.Operands.Count == 0)
            throw new HelmUsageException("\"helm uninstall\" requires at least 1 argument\n\nUsage:  helm uninstall RELEASE_NAME [...] [flags]");
        Reach();
        var ns = NamespaceOf(arguments, call);
        foreach (var name in arguments.Operands)
        {
            if (arguments.Has("ignore-not-found") && _actions.Releases.History(ns, name).Count == 0)
                continue;
            if (arguments.Has("dry-run") && _actions.Releases.History(ns, name).Count == 0)
                throw new ReleaseException("release: not found");
            var objects = _actions.Releases.History(ns, name) is [.., var last] ? last.Objects.ToArray() : [];
            if (!arguments.Has("dry-run"))
                _actions.Uninstall(name, ns, arguments.Has("keep-history"));
            var end = call.Now + arguments.Duration("timeout", Patience);
            while (arguments.Has("wait") && objects.Any(made => store.Catalog.FindKind(made.Text("apiVersion")!, made.Text("kind")!) is { } type
                && store.Find(type, type.Namespaced ? made.Text("metadata", "namespace") ?? ns : null, made.Text("metadata", "name")!) is not null))
            {
                if (call.Now >= end)
                    throw new ReleaseException("context deadline exceeded");
                await Task.Delay(Poll, call.Node.Clock, call.CancellationToken).ConfigureAwait(false);
            }

            call.Line($"release \"{name}\" uninstalled");
        }
    }

    private async Task WaitAsync(ProgramCall call, HelmArguments arguments, Release release, bool dry)
    {
        if (dry || (!arguments.Has("wait") && !arguments.Has("atomic")))
            return;
        var end = call.Now + arguments.Duration("timeout", Patience);
        while (_actions.Unready(release) is not null)
        {
            if (call.Now >= end)
            {
                _actions.Fail(release, $"Release \"{release.Name}\" failed: context deadline exceeded");
                if (arguments.Has("atomic"))
                    _actions.Uninstall(release.Name, release.Namespace, keepHistory: false);
                throw new ReleaseException(arguments.Has("atomic")
                    ? string.Create(CultureInfo.InvariantCulture, $"release {release.Name} failed, and has been uninstalled due to atomic being set: context deadline exceeded")
                    : "context deadline exceeded");
            }

            await Task.Delay(Poll, call.Node.Clock, call.CancellationToken).ConfigureAwait(false);
        }
    }
}
