using System.Management.Automation;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Tracing.Packets;
using CiliumLab.Model;
using CiliumLab.PowerShell.Cluster;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Labs;
using CiliumLab.PowerShell.Nodes;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Tracing;

/// <summary>Get-PodPacket: captures packets in a pod or on a node, and writes them as they pass.</summary>
[Cmdlet(VerbsCommon.Get, "PodPacket", DefaultParameterSetName = "Pod", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(CapturedPacket))]
public sealed class GetPodPacketCommand : LabScopedCmdlet
{
    private bool _keeping;

    /// <summary>The pods to listen in.</summary>
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "Pod", ValueFromPipelineByPropertyName = true)]
    [PodName]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PodNameCompleter))]
    public string[] Pod { get; set; } = [];

    /// <summary>The namespace of pods that are named without one.</summary>
    [Parameter(ParameterSetName = "Pod", ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string Namespace { get; set; } = "default";

    /// <summary>The nodes to listen on; wildcards work.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Node")]
    [SupportsWildcards]
    [NodeName]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public string[] Node { get; set; } = [];

    /// <summary>Which packets, in tcpdump's syntax.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Filter { get; set; }

    /// <summary>The interface; all of them when it is not given.</summary>
    [Parameter]
    [ValidatePattern(@"^[^\s/-][^\s/]*$")]
    [ArgumentCompleter(typeof(InterfaceNameCompleter))]
    public string Interface { get; set; } = CaptureRequest.Everywhere;

    /// <summary>How many packets are captured in each pod or on each node.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Count { get; set; }

    /// <summary>For how long.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? Duration { get; set; }

    /// <summary>A file that keeps the capture for tcpdump and Wireshark.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Overwrites the file when it exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var session = Session;
        var request = new CaptureRequest { Interface = Interface, Filter = Filter, Count = Count, Duration = Duration };
        Require(() =>
        {
            request.Check();
            return request;
        });
        if (ParameterSetName == "Node")
        {
            foreach (var node in NodePattern.Select(session.Description.Name, session.Nodes, Node, error => WriteError(LabErrors.ToRecord(error))))
            {
                var shell = session.Shell(node);
                Capture(request, (wanted, cancellationToken) => PacketCaptures.OnNodeAsync(shell, wanted, cancellationToken));
            }

            return;
        }

        var (captures, ns) = (new PacketCaptures(session), Namespace);
        foreach (var pod in Pod)
            Capture(request, (wanted, cancellationToken) => captures.InPodAsync(pod, ns, wanted, cancellationToken));
    }

    private void Capture(CaptureRequest request, Func<CaptureRequest, CancellationToken, Task<PacketCapture>> open)
    {
        if (Path is null)
        {
            Start((output, cancellationToken) => WriteAsync(request, open, output, cancellationToken));
            return;
        }

        if (_keeping)
        {
            ThrowTerminatingError(LabErrors.ToRecord(new LabException(
                "CaptureFileForOne", LabErrorKind.InvalidArgument, "One file keeps one capture, of one pod or one node.", Path, "Capture in each pod by itself, each with a file of its own.")));
        }

        _keeping = true;
        var (path, force) = (SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path), Force);
        if (!ShouldProcess(path, "Keep the captured packets"))
            return;
        Start(async (output, cancellationToken) =>
        {
            var file = new PacketFile(path, force);
            await using (file.ConfigureAwait(false))
                await WriteAsync(request with { Copy = file.Write }, open, output, cancellationToken).ConfigureAwait(false);
        });
    }

    private static async Task WriteAsync(
        CaptureRequest request, Func<CaptureRequest, CancellationToken, Task<PacketCapture>> open, WorkOutput output, CancellationToken cancellationToken)
    {
        var capture = await open(request, cancellationToken).ConfigureAwait(false);
        await using (capture.ConfigureAwait(false))
        {
            await foreach (var packet in capture.ReadAsync(cancellationToken).ConfigureAwait(false))
                await output.WriteAsync(packet).ConfigureAwait(false);
        }
    }
}
