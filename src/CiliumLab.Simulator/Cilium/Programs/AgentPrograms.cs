using System.Text;
using CiliumLab.Simulator.Life;

namespace CiliumLab.Simulator.Cilium;

/// <summary>The programs of the agent's image.</summary>
internal static class AgentPrograms
{
    /// <summary>The programs by the names under which exec finds them; <c>cilium</c> is a link to <c>cilium-dbg</c>.</summary>
    public static IReadOnlyDictionary<string, IContainerProgram> All(CiliumInstallation cilium)
    {
        var debugger = new AgentProgram(cilium, "cilium-dbg",
            [.. EndpointCommands.All, .. StatusCommands.All, .. MapCommands.All, .. BpfCommands.All, .. BpfTableCommands.All, .. MonitorCommand.All, .. ShellCommands.All, .. SettingCommands.All]);
        return new Dictionary<string, IContainerProgram>(ContainerPrograms.Debian, StringComparer.Ordinal)
        {
            ["cilium-agent"] = new AgentHelp(cilium),
            ["cilium-dbg"] = debugger,
            ["cilium"] = debugger,
            ["cilium-health"] = new AgentProgram(cilium, "cilium-health", HealthCommands.All),
            ["bpftool"] = new BpftoolProgram(cilium),
            ["find"] = new FindProgram(cilium),
        };
    }
}

/// <summary>A program whose commands ask the agent of the node that it runs on.</summary>
internal sealed class AgentProgram(CiliumInstallation cilium, string name, IReadOnlyList<AgentCommand> commands) : IContainerProgram
{
    /// <inheritdoc/>
    public async Task<int> RunAsync(ContainerCall call, CancellationToken cancellationToken)
    {
        var words = call.Arguments.Skip(1).ToList();
        var agent = cilium[call.Container.Node];
        AgentCall? run = null;
        int code;
        try
        {
            var (command, rest) = Find(words);
            run = new AgentCall(agent, command.Flags, rest);
            run.FlushAsync = () => FlushAsync(call, run, cancellationToken);
            command.Before?.Invoke(run);
            lock (agent.Node.Kernel.Gate)
            {
                if (!agent.IsReady)
                    throw new AgentCommandException("Get \"http://localhost/v1/healthz\": dial unix /var/run/cilium/cilium.sock: connect: no such file or directory\nIs the agent running?");
                code = command.Run(run);
            }

            await run.FlushAsync().ConfigureAwait(false);
            if (code == 0 && command.Follow is { } follow)
                code = await follow(run, cancellationToken).ConfigureAwait(false);
            await run.FlushAsync().ConfigureAwait(false);
            return code;
        }
        catch (AgentCommandException refusal)
        {
            if (run is not null)
                await run.FlushAsync().ConfigureAwait(false);
            return await call.ComplainAsync(refusal.Message, refusal.ExitCode, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async ValueTask FlushAsync(ContainerCall call, AgentCall run, CancellationToken cancellationToken)
    {
        var (output, error) = (run.Output.ToString(), run.Error.ToString());
        run.Output.Clear();
        run.Error.Clear();
        if (output.Length > 0)
            await call.PrintAsync(output, cancellationToken).ConfigureAwait(false);
        if (error.Length > 0)
            await call.Error.WriteAsync(Encoding.UTF8.GetBytes(error), cancellationToken).ConfigureAwait(false);
    }

    private (AgentCommand Command, IReadOnlyList<string> Words) Find(List<string> words)
    {
        foreach (var command in commands.OrderByDescending(static command => command.Path.Length))
        {
            var path = command.Path.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Count >= path.Length && words.Take(path.Length).Zip(path).All(static pair => pair.First == pair.Second || pair is { First: "ls", Second: "list" }))
                return (command, words[path.Length..]);
        }

        var word = words.FirstOrDefault(static one => one.Length > 0 && one[0] != '-') ?? "";
        var isGroup = commands.Any(command => command.Path.StartsWith(word + " ", StringComparison.Ordinal));
        throw new AgentCommandException(isGroup && words.Count < 2
            ? $"Error: '{name} {word}' needs a command: {string.Join(", ", commands.Where(command => command.Path.StartsWith(word + " ", StringComparison.Ordinal)).Select(static command => command.Path))}"
            : $"Error: unknown command \"{(isGroup ? words.ElementAtOrDefault(1) : word)}\" for \"{name}{(isGroup ? " " + word : "")}\"\nRun '{name} --help' for usage.");
    }
}
