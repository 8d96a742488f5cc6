using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using CiliumLab.PowerShell.Nodes;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cluster;

/// <summary>
/// What the user named, by namespace and name; both take wildcards. A plain name that nothing has is an error that says what there is.
/// </summary>
/// <param name="kind">What is named: <c>pod</c> or <c>service</c>.</param>
/// <param name="namespaces">The namespaces; null for all.</param>
/// <param name="names">The names; null for all.</param>
internal sealed class NamedObjects(string kind, string[]? namespaces, string[]? names)
{
    private readonly HashSet<string> _found = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _seen = [];

    /// <summary>The one namespace that the server needs to be asked about; null for all.</summary>
    public string? OnlyNamespace => namespaces is [var only] && !NodePattern.IsWildcard(only) ? only : null;

    /// <summary>The namespaces that were named plainly and so must be there.</summary>
    public IEnumerable<string> PlainNamespaces => (namespaces ?? []).Where(ns => !NodePattern.IsWildcard(ns));

    /// <summary>Whether an object is one of those that were named.</summary>
    public bool Selects(string ns, string name)
    {
        if (!Wildcards.Match(namespaces, ns))
            return false;
        _seen.Add(name);
        if (!Wildcards.Match(names, name))
            return false;
        _found.Add(name);
        return true;
    }

    /// <summary>Writes an error for each plain name that nothing has.</summary>
    public async Task ReportMissingAsync(WorkOutput output)
    {
        foreach (var name in (names ?? []).Where(name => !NodePattern.IsWildcard(name) && !_found.Contains(name)))
        {
            var noun = char.ToUpperInvariant(kind[0]) + kind[1..];
            await output.ErrorAsync(new LabException(
                $"{noun}NotFound",
                LabErrorKind.ObjectNotFound,
                $"There is no {kind} '{name}'{Where()}. {(_seen.Count == 0 ? "There are none at all" : $"There are: {string.Join(", ", _seen.Distinct())}")}.",
                name,
                $"See them all with: Get-Lab{noun}")).ConfigureAwait(false);
        }
    }

    private string Where() => namespaces is null ? "" : $" in namespace {string.Join(", ", namespaces.Select(ns => $"'{ns}'"))}";
}
