using System.Text.Json.Nodes;

namespace CiliumLab.Tests.Simulator.Transcript;

/// <summary>
/// The whole recorded lab once more, in the simulator: its 195 commands in order, and what each says against what was recorded. Lines
/// are compared without regard to their order, because what they are ordered by is often a name with a hash.
/// </summary>
public sealed class TranscriptTests
{
    [Fact]
    public async Task Says_what_the_recorded_lab_said()
    {
        Assert.SkipWhen(TranscriptLab.Kubectl is null, "kubectl is not installed (Debian: kubernetes-client)");
        await using var lab = await TranscriptLab.CreateAsync();
        var shell = new TranscriptShell(lab);
        var steps = new TranscriptSteps(lab, shell);
        var commands = JsonNode.Parse(Fixture.Read("transcript/index.json"))!.AsArray();
        var (matching, broken, healed) = (0, new List<string>(), new List<string>());
        foreach (var entry in commands)
        {
            var (id, node, command) = ((int)entry!["id"]!, (string)entry["node"]!, (string)entry["command"]!);
            await steps.BeforeAsync(id);
            var reason = TranscriptDifferences.Reasons.GetValueOrDefault(id);
            var difference = node == "host" || TranscriptDifferences.NotRun.Contains(id)
                ? "not run"
                : Difference(Fixture.Read("transcript/" + (string)entry["output"]!), await shell.RunAsync(node, command));
            if (difference is null)
                matching++;
            if (difference is null && reason is not null && !TranscriptDifferences.MayMatch.Contains(id))
                healed.Add($"{id} {command}: matches now; its entry must go ({reason})");
            else if (difference is not null && reason is null)
                broken.Add($"{id} {command}\n{difference}");
            else if (reason is not null)
                TestContext.Current.TestOutputHelper!.WriteLine($"{id,3} {command.Split('\n')[0]}: {reason}");
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{matching} of {commands.Count} commands say what was recorded.");
        Assert.True(broken.Count == 0, $"{matching} of {commands.Count} match. These do not:\n\n{string.Join("\n\n", broken)}");
        Assert.True(healed.Count == 0, string.Join('\n', healed));
    }

    /// <summary>The lines that only one side has; null when there are none.</summary>
    private static string? Difference(string recorded, string said)
    {
        var (wanted, given) = (TranscriptMask.Lines(recorded).ToList(), TranscriptMask.Lines(said).ToList());
        foreach (var line in wanted.ToList())
        {
            if (given.Remove(line))
                wanted.Remove(line);
        }

        return wanted.Count + given.Count == 0 ? null : string.Join('\n', wanted.Select(static line => "  recorded: " + line).Concat(given.Select(static line => "  said:     " + line)));
    }
}
