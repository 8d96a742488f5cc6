using System.Management.Automation;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Test-NodeConnectivity: whether the nodes reach each other.</summary>
[Cmdlet(VerbsDiagnostic.Test, "NodeConnectivity")]
[OutputType(typeof(NodeConnectivity), typeof(bool))]
public sealed class TestNodeConnectivityCommand : NodeCmdlet
{
    private NodeReachability? _reachability;
    private int _failures;
    private int _tests;

    /// <summary>Names or addresses to ping, as the nodes know them; every other node of the lab when it is not given.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string[]? Destination { get; set; }

    /// <summary>How many requests are sent to each destination.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int Count { get; set; } = 2;

    /// <summary>One Boolean instead of the results: whether every request of every node was answered.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _reachability ??= new NodeReachability(Session, Count);
        base.ProcessRecord();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (Quiet)
            WriteObject(_failures == 0 && _tests > 0);
    }

    private protected override async Task RunAsync(INodeShell shell, WorkOutput output, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var result in _reachability!.TestAsync(shell, Destination, Warn(shell, output), cancellationToken).ConfigureAwait(false))
            {
                Interlocked.Increment(ref _tests);
                if (!result.Succeeded)
                    Interlocked.Increment(ref _failures);
                if (!Quiet)
                    await output.WriteAsync(result).ConfigureAwait(false);
            }
        }
        catch (LabException error) when (Quiet)
        {
            // A node that cannot be asked is a "no" like any other.
            Interlocked.Increment(ref _failures);
            await output.VerboseAsync($"{shell.Node}: {error.Message}").ConfigureAwait(false);
        }
    }
}
