using System.Text.RegularExpressions;
using CiliumLab.Engine.Text;

namespace CiliumLab.Engine.Providers.Vagrant;

/// <summary>A step that a machine, or Vagrant as a whole, is at.</summary>
/// <param name="Node">The machine; null for Vagrant as a whole.</param>
/// <param name="Step">The step.</param>
internal sealed record VagrantStep(string? Node, string Step);

/// <summary>Follows what Vagrant says: which machine is at which step, and what its current task has said so far.</summary>
internal sealed partial class VagrantProgress
{
    private const int LinesKept = 40;

    private readonly Dictionary<string, Machine> _machines = new(StringComparer.Ordinal);

    /// <summary>Takes a line in; returns the step that it tells of, or null.</summary>
    public VagrantStep? Read(VagrantLine line)
    {
        if (line is { Type: "action", Target.Length: > 0, Data: [var action, var moment, ..] })
            return Action(line.Target, action, moment);
        if (line.Said is not var (kind, text))
            return null;
        if (line.Target.Length == 0)
            return Bringing().Match(text) is { Success: true } match ? new VagrantStep(match.Groups["name"].Value, "waiting") : null;

        VagrantStep? step = null;
        foreach (var said in text.Split('\n'))
            step = Said(line.Target, kind, WithoutPrefix(line.Target, said)) ?? step;
        return step;
    }

    /// <summary>The machine whose work has begun and not ended, with what it was at; null when there is none.</summary>
    public (string Node, string Task, IReadOnlyList<string> Output)? Unfinished()
    {
        foreach (var (name, machine) in _machines.OrderByDescending(machine => machine.Value.Failed))
        {
            if (machine.Working)
                return (name, machine.Task, [.. machine.Output]);
        }

        return null;
    }

    private VagrantStep? Action(string node, string action, string moment)
    {
        var machine = Of(node);
        machine.Working = moment == "start";
        if (moment == "end" && action == "up")
            return new VagrantStep(node, "up");
        return null;
    }

    private VagrantStep? Said(string node, string kind, string text)
    {
        var machine = Of(node);
        if (kind == "error")
            machine.Failed = true;
        if (Provisioner().Match(text) is { Success: true } provisioner)
        {
            machine.Provisioner = provisioner.Groups["name"].Value;
            return machine.At(node, machine.Provisioner);
        }

        if (machine.Provisioner is not null && Task().Match(text) is { Success: true } task)
        {
            var count = task.Groups["count"].Success ? "/" + task.Groups["count"].Value : "";
            return machine.At(node, $"{machine.Provisioner} {task.Groups["number"].Value}{count}: {task.Groups["title"].Value}");
        }

        if (kind != "detail" && text.Length > 0)
            return machine.At(node, text.EndsWith("...", StringComparison.Ordinal) ? text[..^3] : text);
        if (text.StartsWith("Downloading: ", StringComparison.Ordinal))
            return machine.At(node, text);
        machine.Keep(text);
        return null;
    }

    private Machine Of(string node) => _machines.TryGetValue(node, out var machine) ? machine : _machines[node] = new Machine();

    // Vagrant sets machine-readable lines off just as it does for people: "==> NAME: " for a step, "    NAME: " for its details.
    private static string WithoutPrefix(string node, string text)
    {
        foreach (var start in (ReadOnlySpan<string>)["==> ", "    "])
        {
            if (text.StartsWith(start + node + ":", StringComparison.Ordinal))
                return text[(start.Length + node.Length + 1)..].TrimStart();
        }

        return text;
    }

    [GeneratedRegex(@"\ABringing machine '(?<name>[^']+)' up with")]
    private static partial Regex Bringing();

    [GeneratedRegex(@"\ARunning provisioner: (?<name>.+?)( \((shell|file)\))?\.\.\.\z")]
    private static partial Regex Provisioner();

    [GeneratedRegex(@"\A\[TASK (?<number>\d+)(/(?<count>\d+))?\] (?<title>.+)\z")]
    private static partial Regex Task();

    private sealed class Machine
    {
        private readonly Queue<string> _output = new();

        public bool Working { get; set; }

        public bool Failed { get; set; }

        public string? Provisioner { get; set; }

        public string Task { get; private set; } = "";

        public IEnumerable<string> Output => _output;

        public VagrantStep At(string node, string step)
        {
            Task = step;
            _output.Clear();
            return new VagrantStep(node, step);
        }

        public void Keep(string text)
        {
            if (string.IsNullOrWhiteSpace(text))
                return;
            _output.Enqueue(text);
            if (_output.Count > LinesKept)
                _output.Dequeue();
        }
    }
}
