using System.Runtime.CompilerServices;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <summary>The endpoints of a node: those of its agent, joined with the cluster's CiliumEndpoints.</summary>
public static class CiliumEndpoints
{
    /// <summary>Reads them. When the agent does not answer, what the cluster has of them comes first, and then the error.</summary>
    /// <param name="agents">The agents.</param>
    /// <param name="resources">The cluster's CiliumEndpoints.</param>
    /// <param name="node">The node.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async IAsyncEnumerable<CiliumEndpoint> ReadAsync(
        CiliumAgents agents, Task<EndpointResources> resources, string node, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var told = new List<CiliumEndpoint>();
        var known = await resources.WaitAsync(cancellationToken).ConfigureAwait(false);
        LabException? silent = null;
        await using var answers = agents.EndpointsAsync(node, warn, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await answers.MoveNextAsync().ConfigureAwait(false))
                    break;
            }
            catch (LabException error)
            {
                silent = error;
                break;
            }

            told.Add(answers.Current);
            yield return known.Join(answers.Current);
        }

        foreach (var other in known.Others(node, told))
            yield return other;
        if (silent is not null)
            throw silent;
    }
}
