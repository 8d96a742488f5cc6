using System.Globalization;
using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>hostnamectl</c>, its table and its <c>--json</c> form. The JSON form has no architecture and no virtualization, and
/// before systemd 256 no machine and boot identifiers (the Describe method of org.freedesktop.hostname1).
/// </summary>
public static class HostnamectlText
{
    private const string Kind = "Hostnamectl";

    // Understood, but of no use to anybody who looks at a lab.
    private static readonly HashSet<string> LeftOut = new(StringComparer.Ordinal)
    {
        "Pretty hostname", "Icon name", "Deployment", "Location", "CPE OS Name", "Hardware Serial", "Hardware Version", "Hardware SKU",
        "Firmware Age", "Product UUID", "AF_VSOCK CID", "OS Support End", "OS Support Remaining", "OS Support Expired", "OS Support Period",
    };

    /// <summary>Reads one record for each table or document.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that is not a known property.</param>
    public static IEnumerable<NodeInfo> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(text);
        return JsonOutput.IsNext(lines) ? FromJson(lines, node) : FromTable(lines, node, warn);
    }

    private static IEnumerable<NodeInfo> FromJson(LineReader lines, string? node)
    {
        var first = lines.Number + 1;
        var opening = lines.Peek() ?? "";
        using var document = JsonOutput.Read(Kind, lines);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("Hostname", out _))
            throw OutputErrors.NotThisOutput(Kind, first, opening, "the JSON has no field Hostname");
        yield return new NodeInfo
        {
            Node = node,
            Hostname = root.Text("Hostname"),
            StaticHostname = root.Text("StaticHostname"),
            OperatingSystem = root.Text("OperatingSystemPrettyName"),
            KernelVersion = root.Text("KernelRelease"),
            Chassis = root.Text("Chassis"),
            MachineId = Identifier(root.Text("MachineID")),
            BootId = Identifier(root.Text("BootID")),
            HardwareVendor = root.Text("HardwareVendor"),
            HardwareModel = root.Text("HardwareModel"),
            FirmwareVersion = root.Text("FirmwareVersion"),
            FirmwareDate = FirmwareDate(root.Integer("FirmwareDate")),
        };
    }

    private static IEnumerable<NodeInfo> FromTable(LineReader lines, string? node, Action<TextWarning> warn)
    {
        NodeInfo? info = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var key = colon < 0 ? "" : line[..colon].Trim();
            var value = line[(colon + 1)..].Trim();
            var next = With(info ?? new NodeInfo { Node = node }, key, value);
            if (next is null)
            {
                if (info is null)
                    throw OutputErrors.NotThisOutput(Kind, lines.Number, line);
                warn(new TextWarning(lines.Number, line, "expected a property that hostnamectl shows"));
                continue;
            }

            // The same property again: another node's table begins.
            if (!seen.Add(key))
            {
                yield return info!;
                next = With(new NodeInfo { Node = node }, key, value);
                seen = new HashSet<string>(StringComparer.Ordinal) { key };
            }

            info = next;
        }

        if (info is not null)
            yield return info;
    }

    private static NodeInfo? With(NodeInfo info, string key, string value) => key switch
    {
        "Static hostname" when value is "n/a" or "(unset)" => info,
        "Static hostname" => info with { StaticHostname = value, Hostname = info.Hostname ?? value },
        "Transient hostname" => info with { Hostname = value },
        // A pictogram may follow the chassis.
        "Chassis" => info with { Chassis = value.Split(' ')[0] },
        "Machine ID" => info with { MachineId = Identifier(value) },
        "Boot ID" => info with { BootId = Identifier(value) },
        "Virtualization" => info with { Virtualization = value },
        "Operating System" => info with { OperatingSystem = value },
        "Kernel" => info with { KernelVersion = value.StartsWith("Linux ", StringComparison.Ordinal) ? value[6..] : value },
        "Architecture" => info with { Architecture = value },
        "Hardware Vendor" => info with { HardwareVendor = value },
        "Hardware Model" => info with { HardwareModel = value },
        "Firmware Version" => info with { FirmwareVersion = value },
        "Firmware Date" => info with { FirmwareDate = FirmwareDate(value) },
        _ => LeftOut.Contains(key) ? info : null,
    };

    private static Guid? Identifier(string? text) => Guid.TryParse(text, out var id) ? id : null;

    private static DateOnly? FirmwareDate(string text) =>
        DateOnly.TryParseExact(text.Split(' ')[^1], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    private static DateOnly? FirmwareDate(long? microseconds) =>
        microseconds is > 0 and < 253402300800000000 ? DateOnly.FromDateTime(DateTime.UnixEpoch.AddMicroseconds(microseconds.Value)) : null;
}
