using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Life;

/// <summary>A container that is about to run, runs, or ran, and what it can reach.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Node">Where it runs.</param>
/// <param name="Pod">Its pod as it was when the container started.</param>
/// <param name="Spec">Its entry in the pod's spec.</param>
/// <param name="Id">Its identifier.</param>
/// <param name="Network">Its network: the pod's, or the node's.</param>
/// <param name="Address">The pod's address.</param>
/// <param name="Log">Takes a line that it writes.</param>
internal sealed record ContainerContext(
    SimulatedCluster Cluster, SimulatedNode Node, StoredObject Pod, JsonObject Spec, string Id, NetworkNamespace Network, IPAddress? Address, Action<string> Log)
{
    /// <summary>The container's name.</summary>
    public string Name => Spec.Text("name") ?? "";

    /// <summary>What exec started in it.</summary>
    public ContainerProcesses Processes { get; } = new();

    /// <summary>What programs wrote in it.</summary>
    public ContainerFiles Files { get; } = new();

    /// <summary>Command and arguments as the pod gives them; empty when the image's own run.</summary>
    public IReadOnlyList<string> Command => [.. Spec.Texts("command"), .. Spec.Texts("args")];
}

/// <summary>What becomes of a container's process by itself.</summary>
/// <param name="EndsAfter">How long it runs; null for until it is stopped.</param>
/// <param name="ExitCode">How it ends.</param>
internal sealed record ProcessOutcome(TimeSpan? EndsAfter = null, int ExitCode = 0)
{
    /// <summary>Runs until it is stopped.</summary>
    public static readonly ProcessOutcome Runs = new();

    /// <summary>Does its work and ends at once.</summary>
    public static readonly ProcessOutcome Done = new(TimeSpan.Zero);

    /// <summary>Fails at once.</summary>
    public static ProcessOutcome Failed(int exitCode) => new(TimeSpan.Zero, exitCode);

    /// <summary>Whether SIGTERM ends it; what does not heed it is killed when the grace period is over.</summary>
    public bool HeedsTerm { get; init; } = true;
}

/// <summary>What an image's main process does. One instance for each container; members run on the loop.</summary>
internal interface IContainerProcess
{
    /// <summary>The container starts.</summary>
    ProcessOutcome Start(ContainerContext context);

    /// <summary>The container has ended, whatever the reason.</summary>
    void Stop(ContainerContext context);

    /// <summary>Whether the readiness probe that the pod declares succeeds; null when nothing speaks against it, the complaint otherwise.</summary>
    string? ReadinessFailure(ContainerContext context) => null;

    /// <summary>Whether what is ready may cease to be, so that the probe must go on.</summary>
    bool MayBecomeUnready => false;
}

/// <summary>An image of a registry.</summary>
/// <param name="Repository">With its registry, for instance <c>docker.io/traefik/whoami</c>.</param>
/// <param name="Tag">The tag; <c>latest</c> when nobody says.</param>
internal sealed record ContainerImage(string Repository, string Tag)
{
    /// <summary>The configuration's digest without <c>sha256:</c>: the identifier that crictl shows the beginning of.</summary>
    public required string Id { get; init; }

    /// <summary>The manifest's digest with <c>sha256:</c>.</summary>
    public required string Digest { get; init; }

    /// <summary>Bytes.</summary>
    public ulong Size { get; init; } = 20_000_000;

    /// <summary>Makes what runs in a container of this image.</summary>
    public Func<IContainerProcess> Process { get; init; } = static () => new IdleProcess();

    /// <summary>Programs in the image by name; exec finds these and nothing else.</summary>
    public IReadOnlyDictionary<string, IContainerProgram> Programs { get; init; } = new Dictionary<string, IContainerProgram>();

    /// <summary>The whole name.</summary>
    public string Name => $"{Repository}:{Tag}";
}

/// <summary>A process that runs and does nothing that anybody could see, or what its command says.</summary>
internal class IdleProcess : IContainerProcess
{
    /// <inheritdoc/>
    public virtual ProcessOutcome Start(ContainerContext context) => CommandOutcome.Of(context.Command);

    /// <inheritdoc/>
    public virtual void Stop(ContainerContext context)
    {
    }
}

/// <summary>What well-known commands that people give to pods come to.</summary>
internal static class CommandOutcome
{
    /// <summary>Reads a command.</summary>
    public static ProcessOutcome Of(IReadOnlyList<string> command)
    {
        if (command.Count >= 3 && command[0] is "sh" or "/bin/sh" or "bash" or "/bin/bash" && command[1] == "-c")
        {
            var script = command[2].Trim();
            var words = script.Split([' ', ';', '\n'], StringSplitOptions.RemoveEmptyEntries);
            return script.Contains(';', StringComparison.Ordinal) || script.Contains('\n', StringComparison.Ordinal) || script.Contains('&', StringComparison.Ordinal)
                ? words[^2..] is ["exit", var code] && int.TryParse(code, out var number) ? ProcessOutcome.Failed(number) : Of(words.SkipWhile(static w => w != "sleep").ToArray())
                : Of(words);
        }
        return command switch
        {
            ["sleep" or "/bin/sleep", var time, ..] when Seconds(time) is { } seconds => new(seconds) { HeedsTerm = false },
            ["sleep" or "/bin/sleep" or "tail", ..] => new() { HeedsTerm = false },
            ["true" or "echo" or "/bin/true", ..] => ProcessOutcome.Done,
            ["false" or "/bin/false"] => ProcessOutcome.Failed(1),
            ["exit", var code] when int.TryParse(code, out var number) => ProcessOutcome.Failed(number),
            _ => ProcessOutcome.Runs,
        };
    }

    private static TimeSpan? Seconds(string text)
    {
        var unit = text[^1] switch { 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 1 };
        return double.TryParse(text.TrimEnd('s', 'm', 'h', 'd'), System.Globalization.CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? TimeSpan.FromSeconds(number * unit)
            : null;
    }
}
