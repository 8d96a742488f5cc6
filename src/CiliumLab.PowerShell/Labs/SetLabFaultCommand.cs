using System.Management.Automation;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Nodes;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Set-LabFault: breaks something in a simulated lab on purpose.</summary>
[Cmdlet(VerbsCommon.Set, "LabFault", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(LabFault))]
public sealed class SetLabFaultCommand : FaultCmdlet
{
    private const string ApiServer = "API server";

    /// <summary>What to break.</summary>
    [Parameter(Position = 0, Mandatory = true)]
    public LabFaultKind Kind { get; set; }

    /// <summary>The nodes where it is broken; wildcards work; all nodes when it is not given.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [NodeName]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public string[]? Node { get; set; }

    /// <summary>How often it strikes before it ends by itself.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Count { get; set; }

    /// <summary>How many bytes of output arrive before the connection breaks.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? Bytes { get; set; }

    /// <summary>How many events of a watch arrive before it is cut.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? EventCount { get; set; }

    /// <summary>How much later everything begins.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? Delay { get; set; }

    /// <summary>When clients are told to come back.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>The images that cannot be pulled; wildcards work.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string? Image { get; set; }

    /// <summary>The API paths that are hit; wildcards work.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string? ApiPath { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (lab, folder, board) = Board();
        var onNode = LabFaultRules.IsOnNode(Kind);
        var wanted = Require(() => LabFaultRules.Checked(new LabFault
        {
            Lab = lab.Name,
            Kind = Kind,
            Node = onNode ? null : Node?.FirstOrDefault(),
            Count = Count,
            Bytes = Bytes,
            EventCount = EventCount,
            Delay = Delay,
            RetryAfter = RetryAfter,
            Image = Image,
            ApiPath = ApiPath,
        }));
        IReadOnlyList<string> places = onNode
            ? NodePattern.Select(lab.Name, [.. lab.Nodes.Select(node => node.Node)], Node, error => WriteError(LabErrors.ToRecord(error)))
            : [ApiServer];
        Start(async (output, cancellationToken) =>
        {
            foreach (var place in places)
            {
                if (!await output.ShouldProcessAsync($"{place} of lab {lab.Name}", $"Break: {wanted.Kind}").ConfigureAwait(false))
                    continue;
                await output.WriteAsync(
                    await board.SetAsync(lab, folder, wanted with { Node = onNode ? place : null }, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            }
        });
    }
}
