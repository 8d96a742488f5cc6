using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>cilium-dbg shell -- db/show devices</c>, the table and the JSON, which is objects one after the other (tables.Device).</summary>
public static partial class CiliumDeviceText
{
    private const string Kind = "CiliumDevices";

    // net.Flags of Go, by name and in the order of its bits
    private static readonly (string Name, LinkFlags Flag)[] Flags =
    [
        ("up", LinkFlags.Up), ("broadcast", LinkFlags.Broadcast), ("loopback", LinkFlags.Loopback),
        ("pointtopoint", LinkFlags.PointToPoint), ("multicast", LinkFlags.Multicast), ("running", LinkFlags.Running),
    ];

    /// <summary>Reads the devices in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or document that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<CiliumDevice> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => Documents(lines, node, warn),
            OutputForm.Text => new TextRows<CiliumDevice>(Kind, "a device with name, index, selection, type and MTU", line => Row(line, node))
            {
                IsHeading = static line => Heading().IsMatch(line),
            }.Read(lines, warn),
            _ => [],
        };
    }

    private static IEnumerable<CiliumDevice> Documents(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var start = new OutputStart(Kind, warn);
        foreach (var (document, text, line) in JsonDocuments.Read(lines, start))
        {
            if (document is { } found && FromJson(found, node) is { } device)
            {
                start.Understood();
                yield return device;
            }
            else
            {
                start.Warn(new TextWarning(line, text, "expected a device with Index, Name and Selected"));
            }
        }

        start.AtEnd();
    }

    private static CiliumDevice? FromJson(JsonElement item, string? node)
    {
        if (item.Text("Name") is not { } name || item.Int32("Index") is not { } index || item.Boolean("Selected") is not { } isSelected)
            return null;
        var bits = item.Integer("Flags") ?? 0;
        return new CiliumDevice
        {
            Node = node,
            Interface = name,
            InterfaceIndex = index,
            IsSelected = isSelected,
            NotSelectedReason = isSelected ? null : item.Text("NotSelectedReason"),
            Type = item.Text("Type"),
            Mtu = item.Int32("MTU") ?? 0,
            Mac = item.Text("HardwareAddr"),
            Flags = Flags.Select(static (flag, bit) => (flag.Flag, Bit: bit)).Where(flag => (bits & (1L << flag.Bit)) != 0).Aggregate(LinkFlags.None, static (all, flag) => all | flag.Flag),
            Addresses = [.. item.Items("Addrs").Select(static one => CiliumValues.Address(one.Text("Addr"))).OfType<IPAddress>()],
            MasterIndex = item.Int32("MasterIndex") is > 0 and var master ? master : null,
        };
    }

    private static CiliumDevice? Row(string line, string? node)
    {
        if (Columns().Match(line) is not { Success: true } columns
            || !int.TryParse(columns.Groups["index"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            || !int.TryParse(columns.Groups["mtu"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var mtu))
        {
            return null;
        }

        var flags = LinkFlags.None;
        foreach (var name in columns.Groups["flags"].Value.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name == "0")
                continue;
            if (Array.Find(Flags, flag => flag.Name == name.Replace("-", "", StringComparison.Ordinal)) is not { Name: not null } known)
                return null;
            flags |= known.Flag;
        }

        var addresses = new List<IPAddress>();
        foreach (var word in columns.Groups["addresses"].Value.Split((char[])[',', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!CiliumValues.TryAddress(word, out var address))
                return null;
            addresses.Add(address);
        }

        return new CiliumDevice
        {
            Node = node,
            Interface = columns.Groups["name"].Value,
            InterfaceIndex = index,
            IsSelected = columns.Groups["selected"].Value == "true",
            Type = columns.Groups["type"].Value,
            Mtu = mtu,
            Mac = columns.Groups["mac"] is { Success: true } mac ? mac.Value : null,
            Flags = flags,
            Addresses = addresses,
        };
    }

    [GeneratedRegex(@"^Name\s+Index\s+Selected\s+Type\s+MTU\b")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(?<name>\S+)\s+(?<index>\d+)\s+(?<selected>true|false)\s+(?<type>[\w-]+)\s+(?<mtu>\d+)(?:\s+(?<mac>[0-9a-f]{2}(?::[0-9a-f]{2})+))?(?:\s+(?<flags>0|[a-z-]+(?:\|[a-z-]+)*))?(?:\s+(?<addresses>[0-9a-f].*))?\s*$")]
    private static partial Regex Columns();
}
