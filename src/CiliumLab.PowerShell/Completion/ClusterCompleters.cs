using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Cluster.Services;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Completion;

/// <summary>The base of completers whose names only the cluster's API knows, of the lab that is open, through <see cref="NodeFactCache"/>.</summary>
public abstract class ClusterFactCompleter : IArgumentCompleter
{
    /// <summary>What is asked, as a key of the cache, and what asks it: later and elsewhere, so it takes what it needs from the line now.</summary>
    private protected abstract (string Fact, ClusterFactSource Source) Question(IDictionary boundParameters);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            if (NodeFactCompleter.OpenLab(fakeBoundParameters) is not { HasCluster: true } session)
                return [];
            var (fact, source) = Question(fakeBoundParameters);
            return Completions.Of(NodeFactCache.Shared.Names(session, fact, source), wordToComplete);
        }
        catch (LabException)
        {
            return [];
        }
    }

    /// <summary>The namespace that a line names; null when it names none, several, or a pattern.</summary>
    private protected static string? Namespace(IDictionary boundParameters) =>
        boundParameters["Namespace"] is string ns && !Engine.Labs.NodePattern.IsWildcard(ns) ? ns : null;
}

/// <summary>Completes <c>-Namespace</c>.</summary>
public sealed class NamespaceCompleter : ClusterFactCompleter
{
    private protected override (string Fact, ClusterFactSource Source) Question(IDictionary boundParameters) => ("namespaces", LabPods.NamespacesAsync);
}

/// <summary>Completes with the names of pods, in the namespace that the line names.</summary>
public sealed class PodNameCompleter : ClusterFactCompleter
{
    private protected override (string Fact, ClusterFactSource Source) Question(IDictionary boundParameters)
    {
        var ns = Namespace(boundParameters);
        return ($"pods {ns}", (client, cancellationToken) => LabPods.NamesAsync(client, ns, cancellationToken));
    }
}

/// <summary>Completes with the names of services, in the namespace that the line names.</summary>
public sealed class ServiceNameCompleter : ClusterFactCompleter
{
    private protected override (string Fact, ClusterFactSource Source) Question(IDictionary boundParameters)
    {
        var ns = Namespace(boundParameters);
        return ($"services {ns}", (client, cancellationToken) => LabServices.NamesAsync(client, ns, cancellationToken));
    }
}

/// <summary>Completes with what a pod can ask: services and pods.</summary>
public sealed class DestinationCompleter : ClusterFactCompleter
{
    private protected override (string Fact, ClusterFactSource Source) Question(IDictionary boundParameters)
    {
        var ns = Namespace(boundParameters) ?? "default";
        return ($"destinations {ns}", (client, cancellationToken) => AllAsync(client, ns, cancellationToken));
    }

    private static async Task<IReadOnlyCollection<string>> AllAsync(ClusterClient client, string ns, CancellationToken cancellationToken) =>
        [
            .. await LabServices.NamesAsync(client, ns, cancellationToken).ConfigureAwait(false),
            .. await LabPods.NamesAsync(client, ns, cancellationToken).ConfigureAwait(false),
        ];
}
