using System.Text.RegularExpressions;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>What tcpdump complains of, as the errors of this module.</summary>
internal static partial class CaptureErrors
{
    public const string ToolMissing = "CaptureToolMissing";
    public const string NotPermitted = "CaptureNotPermitted";

    private const int NoSuchProgram = 127;

    /// <summary>The error of a capture that ended by itself.</summary>
    public static LabException Of(ICommandRunner place, CaptureRequest request, NodeCommand command, CommandExit exit)
    {
        var said = string.Join(" ", Complaints().Matches(exit.Error).Select(line => line.Groups[1].Value.Trim()));
        if (exit.ExitCode == NoSuchProgram)
        {
            return new LabException(
                ToolMissing,
                LabErrorKind.NotInstalled,
                $"There is no tcpdump in {place.Place}.",
                place.Node,
                $"Install it there, on a node for example with: Invoke-NodeCommand -Node {place.Node} -Sudo -Command 'apt-get', 'install', '-y', 'tcpdump'");
        }

        if (NoDevice().IsMatch(said))
        {
            return new LabException(
                "CaptureInterfaceNotFound",
                LabErrorKind.ObjectNotFound,
                $"There is no interface '{request.Interface}' in {place.Place}: {said}",
                request.Interface,
                $"Capture on all of them with -Interface any, or see a node's with: Get-NodeInterface {place.Node}");
        }

        if (Forbidden().IsMatch(said))
        {
            return new LabException(
                NotPermitted,
                LabErrorKind.PermissionDenied,
                $"tcpdump may not listen in {place.Place}: {said}",
                place.Node,
                $"Capture on the node, where root may: Get-PodPacket -Node {place.Node} -Interface any");
        }

        // Its filter is compiled last, and libpcap has many ways to refuse one.
        return request.Filter is { } filter && said.Length > 0 && !LaterFailure().IsMatch(said)
            ? Filter(filter, said)
            : NodeShellCommands.Failure(place, command, exit);
    }

    /// <summary>A filter is none.</summary>
    public static LabException Filter(string filter, string why) => new(
        "PacketFilterInvalid",
        LabErrorKind.InvalidArgument,
        $"'{filter}' is no filter of packets: {why.TrimEnd('.')}.",
        filter,
        "Write it as tcpdump takes it, for example: -Filter 'tcp port 80 and host 10.244.1.5' (man pcap-filter)");

    [GeneratedRegex(@"^tcpdump: (?!listening on|data link type|verbose output|NOTE)(.*)$", RegexOptions.Multiline)]
    private static partial Regex Complaints();

    [GeneratedRegex(@"^pcap_|disappeared|Unable to write|invalid option|unrecognized option")]
    private static partial Regex LaterFailure();

    [GeneratedRegex(@"No such device|That device doesn't exist|device is not up")]
    private static partial Regex NoDevice();

    [GeneratedRegex(@"permission to (?:capture|perform)|Operation not permitted|Permission denied")]
    private static partial Regex Forbidden();
}
