using System.Diagnostics;
using CiliumLab.Engine.Host;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni.Helm;

/// <summary>A Helm of this computer, with the lab's kubeconfig.</summary>
/// <param name="program">The program.</param>
/// <param name="kubeConfig">The kubeconfig.</param>
internal sealed class LocalHelm(string program, string kubeConfig) : IHelmPlace
{
    /// <inheritdoc/>
    public string Name => "this computer";

    /// <inheritdoc/>
    public string Target => program;

    /// <inheritdoc/>
    public string ByHand(IReadOnlyList<string> words) => ShellQuoting.Join([program, .. Words(words)]);

    /// <inheritdoc/>
    public async Task<NodeCommandResult> RunAsync(IReadOnlyList<string> words, string input, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var result = await LocalProgram.RunAsync(new LocalCommand(program, Words(words)) { Input = input }, null, cancellationToken).ConfigureAwait(false);
        return new NodeCommandResult
        {
            Node = program,
            Command = ShellQuoting.Join([program, .. words]),
            ExitCode = result.ExitCode,
            Output = result.Output,
            Error = result.Error,
            Duration = clock.Elapsed,
        };
    }

    private string[] Words(IReadOnlyList<string> words) => [.. words, "--kubeconfig", kubeConfig];
}
