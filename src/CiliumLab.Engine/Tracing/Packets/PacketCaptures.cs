using System.Globalization;
using System.Text.Json;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>Where captures of a lab are made: in a pod with its own tcpdump, in its network namespace from the node, or on the node.</summary>
/// <param name="session">The lab.</param>
public sealed class PacketCaptures(LabSession session)
{
    /// <summary>Listens on a node.</summary>
    /// <exception cref="LabException">As <see cref="PacketCapture"/> has it.</exception>
    public static async Task<PacketCapture> OnNodeAsync(INodeShell shell, CaptureRequest request, CancellationToken cancellationToken)
    {
        request.Check();
        var wanted = await OwnConnection.LeaveOutAsync(shell, request, cancellationToken).ConfigureAwait(false);
        return await PacketCapture.OpenAsync(shell, [], sudo: true, wanted, new CaptureOrigin(shell.Node), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Listens in a pod.</summary>
    /// <param name="pod">The pod's name, or <c>namespace/name</c>.</param>
    /// <param name="ns">The namespace of a pod that is named without one.</param>
    /// <param name="request">What is captured.</param>
    /// <param name="cancellationToken">Ends the capture, now and later.</param>
    /// <exception cref="LabException">There is no such pod, it does not run, or nobody who could listen: <c>CaptureToolMissing</c>.</exception>
    public async Task<PacketCapture> InPodAsync(string pod, string ns, CaptureRequest request, CancellationToken cancellationToken)
    {
        request.Check();
        var found = await RunningPod.FindAsync(session.Cluster, pod, ns, cancellationToken).ConfigureAwait(false);
        var origin = new CaptureOrigin(found.Spec.NodeName, found.Metadata.NamespaceProperty, found.Metadata.Name);
        try
        {
            var own = session.Cluster.Shell(found.Metadata.NamespaceProperty, found.Metadata.Name, null, found.Spec.NodeName);
            return await PacketCapture.OpenAsync(own, [], sudo: false, request, origin, cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error) when (error.ErrorId is CaptureErrors.ToolMissing or CaptureErrors.NotPermitted)
        {
            return await FromNodeAsync(found, request, origin, error, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<PacketCapture> FromNodeAsync(V1Pod pod, CaptureRequest request, CaptureOrigin origin, LabException why, CancellationToken cancellationToken)
    {
        var (name, node) = ($"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}", pod.Spec.NodeName);
        if (!session.Nodes.Contains(node, StringComparer.OrdinalIgnoreCase))
            throw NoTool(name, why, $"and its node '{node}' is none that the lab reaches");
        var shell = session.Shell(node);
        var process = await ProcessAsync(shell, pod, cancellationToken).ConfigureAwait(false);
        try
        {
            string[] entering = ["nsenter", "-t", process.ToString(CultureInfo.InvariantCulture), "-n"];
            return await PacketCapture.OpenAsync(shell, entering, sudo: true, request, origin, cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error) when (error.ErrorId == CaptureErrors.ToolMissing)
        {
            throw NoTool(name, why, $"and neither is there one on its node '{node}'");
        }
    }

    /// <summary>A process of the pod, whose network namespace is the pod's.</summary>
    private static async Task<int> ProcessAsync(INodeShell shell, V1Pod pod, CancellationToken cancellationToken)
    {
        var containers = await NodeContainers.ReadAsync(shell, all: false, _ => { }, cancellationToken).ConfigureAwait(false);
        var container = containers.FirstOrDefault(one => one.Namespace == pod.Metadata.NamespaceProperty && one.Pod == pod.Metadata.Name) ?? throw new LabException(
            "PodContainerNotFound",
            LabErrorKind.ObjectNotFound,
            $"The container runtime of node '{shell.Node}' knows no running container of pod '{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}'.",
            shell.Node,
            $"See its containers: Get-NodeContainer {shell.Node}");
        var command = NodeCommand.AsRoot("crictl", "inspect", "-o", "json", container.ContainerId);
        var json = await shell.ReadOutputAsync(command, cancellationToken).ConfigureAwait(false);
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.Object("info") is { } info && info.TryGetProperty("pid", out var pid) && pid.TryGetInt32(out var number) && number > 0)
                return number;
        }
        catch (JsonException)
        {
            // It is said below.
        }

        throw OutputErrors.NotThisOutput("crictl inspect", 1, json.Split('\n')[0], "it names no process");
    }

    private static LabException NoTool(string pod, LabException why, string andThen) => new(
        CaptureErrors.ToolMissing,
        LabErrorKind.NotInstalled,
        $"Nobody can capture in pod '{pod}': {why.Message.TrimEnd('.')}, {andThen}.",
        pod,
        $"Install tcpdump on the node: Invoke-NodeCommand -Node {why.Target} -Sudo -Command 'apt-get', 'install', '-y', 'tcpdump'; or give the pod an image that has it, such as nicolaka/netshoot.");
}
