using CiliumLab.Model;

namespace CiliumLab.Engine.Cni.Helm;

/// <summary>A Helm that can be run, and the cluster that it is told.</summary>
internal interface IHelmPlace
{
    /// <summary>Where it is, for messages: <c>node 'k8s-ctr'</c>.</summary>
    string Name { get; }

    /// <summary>What an error about it is about.</summary>
    string Target { get; }

    /// <summary>What to type to run it by hand.</summary>
    string ByHand(IReadOnlyList<string> words);

    /// <summary>Runs it.</summary>
    /// <param name="words">Its words, without those that name the cluster.</param>
    /// <param name="input">What it reads on standard input.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<NodeCommandResult> RunAsync(IReadOnlyList<string> words, string input, CancellationToken cancellationToken);
}
