using System.Net;
using System.Text.RegularExpressions;

namespace CiliumLab.Engine.Text;

/// <summary>A host-only interface or network of VirtualBox's.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Network">The network that it is in; null when it has no address.</param>
internal sealed record HostOnlyNetwork(string Name, IPNetwork? Network);

/// <summary>Reads what <c>VBoxManage</c> prints (VBoxManageList.cpp). Warnings about the installation may stand before everything.</summary>
internal static partial class VirtualBoxText
{
    /// <summary>The version in <c>VBoxManage --version</c>, such as <c>7.1.10r169112</c> or Debian's <c>6.1.32_Debianr149290</c>; null when there is none.</summary>
    public static (Version Version, string Text)? Version(string output)
    {
        foreach (var line in Lines(output))
        {
            if (VersionLine().Match(line) is { Success: true } match)
                return (System.Version.Parse(match.Groups["version"].Value), line);
        }

        return null;
    }

    /// <summary>Names and identifiers in <c>VBoxManage list vms</c>.</summary>
    public static IEnumerable<(string Name, Guid Id)> Machines(string output) =>
        Lines(output)
            .Select(line => MachineLine().Match(line))
            .Where(match => match.Success)
            .Select(match => (match.Groups["name"].Value, Guid.Parse(match.Groups["id"].Value)));

    /// <summary>The blocks of <c>VBoxManage list hostonlyifs</c> and, on macOS since VirtualBox 7, <c>list hostonlynets</c>.</summary>
    public static IEnumerable<HostOnlyNetwork> HostOnlyNetworks(string output)
    {
        string? name = null;
        IPAddress? address = null;
        foreach (var line in Lines(output))
        {
            var at = line.IndexOf(':', StringComparison.Ordinal);
            if (at < 0)
                continue;
            var (field, value) = (line[..at], line[(at + 1)..].Trim());
            switch (field)
            {
                case "Name":
                    (name, address) = (value, null);
                    break;
                case "IPAddress" or "LowerIP":
                    address = Address(value);
                    break;
                // The mask of interfaces comes after their address, that of networks before it.
                case "VBoxNetworkName" when name is not null:
                    yield return new HostOnlyNetwork(name, Network(address, Field(output, name, "NetworkMask")));
                    break;
            }
        }
    }

    /// <summary>The folder of machines in <c>VBoxManage list systemproperties</c>; null when it does not say.</summary>
    public static string? MachineFolder(string output) =>
        Lines(output).Where(line => line.StartsWith("Default machine folder:", StringComparison.Ordinal)).Select(line => line["Default machine folder:".Length..].Trim()).FirstOrDefault();

    private static IPAddress? Address(string? text) => IPAddress.TryParse(text, out var address) ? address : null;

    private static string? Field(string output, string name, string field) =>
        Lines(output)
            .SkipWhile(line => !(line.StartsWith("Name:", StringComparison.Ordinal) && line[5..].Trim() == name))
            .Where(line => line.StartsWith(field + ":", StringComparison.Ordinal))
            .Select(line => line[(field.Length + 1)..].Trim())
            .FirstOrDefault();

    private static IPNetwork? Network(IPAddress? address, string? mask)
    {
        if (address is null || Address(mask) is not { } bits || address.GetAddressBytes() is not { Length: 4 } bytes || bits.GetAddressBytes() is not { Length: 4 } masked)
            return null;
        var prefix = masked.Sum(part => System.Numerics.BitOperations.PopCount(part));
        return new IPNetwork(new IPAddress([.. bytes.Zip(masked, (part, cut) => (byte)(part & cut))]), prefix);
    }

    private static IEnumerable<string> Lines(string output) => output.Split('\n').Select(line => line.TrimEnd('\r'));

    [GeneratedRegex(@"\A(?<version>\d+\.\d+\.\d+)[\w.~+-]*\z")]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"\A""(?<name>.*)"" \{(?<id>[0-9a-fA-F-]{36})\}\z")]
    private static partial Regex MachineLine();
}
