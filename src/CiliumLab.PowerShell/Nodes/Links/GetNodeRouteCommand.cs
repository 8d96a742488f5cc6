using System.Management.Automation;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeRoute: routes, IPv4 and IPv6.</summary>
[Cmdlet(VerbsCommon.Get, "NodeRoute")]
[OutputType(typeof(NodeRoute))]
public sealed class GetNodeRouteCommand : NodeReadCmdlet<NodeRoute>
{
    private RouteDestination? _destination;

    /// <summary>
    /// An address: the routes that cover it, in the kernel's order of preference. A network: the routes to it and inside it. The
    /// word default: the default routes.
    /// </summary>
    [Parameter(Position = 1)]
    public string? Destination { get; set; }

    /// <summary>Only routes through this interface, or with one path through it; wildcards work.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(InterfaceNameCompleter))]
    public string[]? Interface { get; set; }

    /// <summary>The tables by name or number; wildcards work, and all is every table.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RouteTableCompleter))]
    public string[] Table { get; set; } = ["main"];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Destination is { } destination)
            _destination = Require(() => RouteDestination.Parse(destination));
    }

    private protected override async IAsyncEnumerable<NodeRoute> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var covering = new List<NodeRoute>();
        await foreach (var route in NodeLinks.RoutesAsync(shell, warn, cancellationToken).ConfigureAwait(false))
        {
            if (_destination is null)
                yield return route;
            else if (_destination.Fits(route) && !_destination.IsAddress)
                yield return route;
            else if (_destination.Fits(route))
                covering.Add(route);
        }

        // The order of preference is only known when the last route is.
        foreach (var route in RouteDestination.MostSpecificFirst(covering))
            yield return route;
    }

    private protected override Func<NodeRoute, bool> Selector()
    {
        var interfaces = Given(nameof(Interface), Interface);
        var tables = Table.Contains("all", StringComparer.OrdinalIgnoreCase) ? null : Table;
        return route => Wildcards.Match(tables, route.Table)
            && (interfaces is null
                || Wildcards.Match(interfaces, route.Interface)
                || route.Nexthops.Any(path => Wildcards.Match(interfaces, path.Interface)));
    }
}
