using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>vagrant status</c>, for people or with <c>--machine-readable</c> (plugins/commands/status/command.rb): one line for each machine,
/// its name, its state and its provider in brackets.
/// </summary>
public static partial class VagrantStatusText
{
    private const string Kind = "VagrantStatus";

    /// <summary>Reads the machines in the Vagrantfile's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="warn">Is told of each line that is not a machine's.</param>
    public static IEnumerable<VagrantMachine> Parse(TextReader text, Action<TextWarning> warn)
    {
        var lines = new LineReader(text);
        var listed = false;
        var ended = false;
        string? provider = null;
        while (lines.Next() is { } line)
        {
            if (line.Length == 0)
            {
                ended = listed;
            }
            else if (VagrantLine.Parse(line) is { } machineReadable)
            {
                if (machineReadable is { Type: "error-exit", Data: [.., var reason] })
                    throw OutputErrors.NotThisOutput(Kind, lines.Number, reason.ReplaceLineEndings(" "));
                if (Machine(machineReadable, ref provider) is { } machine)
                    yield return machine;
            }
            else if (MachineLine().Match(line) is { Success: true } match)
            {
                listed = true;
                yield return Of(match.Groups["name"].Value, match.Groups["state"].Value, match.Groups["provider"].Value);
            }
            else if (ended)
            {
                // A paragraph for people, in whatever words this version has.
                yield break;
            }
            else if (listed)
            {
                warn(new TextWarning(lines.Number, line, "expected a machine's name, its state and its provider in brackets"));
            }
            else if (!line.StartsWith("Current machine states", StringComparison.Ordinal))
            {
                throw OutputErrors.NotThisOutput(Kind, lines.Number, line);
            }
        }
    }

    /// <summary>The machines in lines of <c>vagrant status --machine-readable</c>.</summary>
    public static IEnumerable<VagrantMachine> Machines(IEnumerable<VagrantLine> lines)
    {
        string? provider = null;
        return lines.Select(line => Machine(line, ref provider)).OfType<VagrantMachine>();
    }

    // A machine's state comes after its provider.
    private static VagrantMachine? Machine(VagrantLine line, ref string? provider)
    {
        if (line is { Type: "provider-name", Data: [var name, ..] })
            provider = name;
        return line is { Type: "state", Data: [var state, ..] } ? Of(line.Target, state, provider) : null;
    }

    private static VagrantMachine Of(string name, string state, string? provider) => new()
    {
        Node = name,
        State = state.Replace(' ', '_') switch
        {
            "not_created" => VagrantMachineState.NotCreated,
            "running" => VagrantMachineState.Running,
            "poweroff" or "shutoff" => VagrantMachineState.PowerOff,
            "saved" => VagrantMachineState.Saved,
            "paused" => VagrantMachineState.Paused,
            "aborted" => VagrantMachineState.Aborted,
            "inaccessible" => VagrantMachineState.Inaccessible,
            _ => VagrantMachineState.Other,
        },
        StateText = state,
        VagrantProvider = provider,
    };

    [GeneratedRegex(@"\A(?<name>\S+)\s+(?<state>[a-z][a-z _-]*[a-z]) \((?<provider>[\w.-]+)\)\z")]
    private static partial Regex MachineLine();
}
