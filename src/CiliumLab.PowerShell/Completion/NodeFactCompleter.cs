using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using CiliumLab.PowerShell.Labs;

namespace CiliumLab.PowerShell.Completion;

/// <summary>
/// The base of completers whose names only the nodes know. It asks the nodes that the line already names, of the lab that is
/// open, through <see cref="NodeFactCache"/>.
/// </summary>
public abstract class NodeFactCompleter : IArgumentCompleter
{
    /// <summary>What is asked, as a key of the cache; what else the line says may be part of it.</summary>
    private protected abstract string Fact(IDictionary boundParameters);

    /// <summary>What asks one node. It runs later and elsewhere, so it takes what it needs from the line now.</summary>
    private protected abstract NodeFactSource Source(IDictionary boundParameters);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            if (OpenLab(fakeBoundParameters) is not { } session)
                return [];
            var nodes = NodePattern.Select(
                session.Description.Name, session.Nodes, NodeNames(fakeBoundParameters["Node"]), static _ => { });
            var names = NodeFactCache.Shared.Names(session, nodes, Fact(fakeBoundParameters), Source(fakeBoundParameters));
            return Completions.Of(names, wordToComplete);
        }
        catch (LabException)
        {
            return [];
        }
    }

    /// <summary>The lab that a line is about, when it is open: a Tab press opens none.</summary>
    internal static LabSession? OpenLab(IDictionary boundParameters)
    {
        var labs = RunspaceLabs.Here;
        var lab = boundParameters["Lab"] as string;
        return (lab is null ? labs.Current is null : !labs.Open.Contains(lab, StringComparer.OrdinalIgnoreCase)) ? null : labs.Session(lab);
    }

    private static string[]? NodeNames(object? value) => value switch
    {
        null => null,
        string name => [name],
        IEnumerable many => [.. many.Cast<object?>().SelectMany(item => NodeNames(item) ?? [])],
        _ when PSObject.AsPSObject(value).Properties["Node"]?.Value is string name => [name],
        _ => [value.ToString() ?? ""],
    };
}
