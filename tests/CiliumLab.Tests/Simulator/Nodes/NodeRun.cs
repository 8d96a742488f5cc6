using System.Text;
using CiliumLab.Simulator;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;
using CiliumLab.Simulator.Nodes.Programs;

namespace CiliumLab.Tests.Simulator.Nodes;

/// <summary>What a program said, on a simulated node or on this machine.</summary>
internal sealed record Said(string Output, string Error, int ExitCode)
{
    public override string ToString() => $"{Output}{Error}[{ExitCode}]";
}

/// <summary>Runs programs of simulated nodes.</summary>
internal static class NodeRun
{
    /// <summary>A node with nothing but a loopback interface that is off, as in a new network namespace.</summary>
    public static SimulatedNode Bare(TimeProvider? clock = null)
    {
        var node = new SimulatedNode("bare", clock ?? TimeProvider.System, new Seed(1));
        StandardPrograms.AddTo(node);
        return node;
    }

    public static Said Run(this SimulatedNode node, params string[] words) => Run(node, words, null);

    public static Said Run(this SimulatedNode node, IReadOnlyList<string> words, string? input, NetworkNamespace? network = null, NodeUser? user = null, string folder = "/root")
    {
        var said = new MemoryStream();
        var call = new ProgramCall
        {
            Node = node,
            Name = words[0],
            Arguments = [.. words.Skip(1)],
            Network = network ?? node.Kernel.Network,
            User = user ?? NodeUser.Root,
            Folder = folder,
            Environment = [new("LC_ALL", "C")],
            Input = Encoding.UTF8.GetBytes(input ?? ""),
            Output = new ProgramOutput((bytes, _) =>
            {
                said.Write(bytes.Span);
                return ValueTask.CompletedTask;
            }),
        };
        var code = node.Programs.RunAsync(call).GetAwaiter().GetResult();
        call.Output.FlushAsync(default).AsTask().GetAwaiter().GetResult();
        return new Said(Encoding.UTF8.GetString(said.ToArray()), call.Error.ToString(), code);
    }

    /// <summary>The output of a command that must succeed.</summary>
    public static string Output(this SimulatedNode node, params string[] words)
    {
        var said = node.Run(words);
        Assert.True(said.ExitCode == 0, $"{string.Join(' ', words)}: {said}");
        return said.Output;
    }

    /// <summary>Splits a line as a shell does, with double and single quotes.</summary>
    public static string[] Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        char? quote = null;
        var any = false;
        foreach (var letter in line)
        {
            if (quote is null && letter is '"' or '\'' && quote is null)
            {
                (quote, any) = (letter, true);
            }
            else if (letter == quote)
            {
                quote = null;
            }
            else if (quote is null && letter == ' ')
            {
                if (any || word.Length > 0)
                    words.Add(word.ToString());
                word.Clear();
                any = false;
            }
            else
            {
                word.Append(letter);
            }
        }

        if (any || word.Length > 0)
            words.Add(word.ToString());
        return [.. words];
    }
}
