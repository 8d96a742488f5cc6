using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>hostnamectl</c> of systemd 255.</summary>
internal sealed class HostnamectlProgram() : ImmediateProgram("/usr/bin/hostnamectl")
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "json= j static transient pretty no-ask-password");
        var verb = options.Operands.Count == 0 ? "status" : options.Operands[0];
        if (verb is "hostname" or "set-hostname" && options.Operands.Count > 1)
        {
            if (!call.User.IsRoot)
                return call.Complain("Could not set static hostname: Interactive authentication required.");
            call.Node.HostName = options.Operands[1];
            return 0;
        }

        if (verb is "hostname")
        {
            call.Line(call.Node.HostName);
            return 0;
        }

        if (verb is not ("status" or "show"))
            return call.Complain($"Unknown command verb '{verb}'.");
        if (options.Has("j") || options.Value("json") is "short" or "pretty")
            PrintJson(call, options.Value("json") == "pretty" || options.Has("j"));
        else
            PrintText(call);
        return 0;
    }

    private static void PrintText(ProgramCall call)
    {
        var (node, identity) = (call.Node, call.Node.Identity);
        var rows = new (string Name, string Value)[]
        {
            ("Static hostname", node.HostName),
            ("Icon name", identity.IconName),
            ("Chassis", identity.Chassis + (call.IsUtf8 ? " 🖴" : "")),
            ("Machine ID", identity.MachineId),
            ("Boot ID", identity.BootId),
            ("Virtualization", identity.Virtualization),
            ("Operating System", identity.OperatingSystem),
            ("Kernel", $"Linux {node.Kernel.Release}"),
            ("Architecture", identity.Architecture),
            ("Hardware Vendor", identity.HardwareVendor),
            ("Hardware Model", identity.HardwareModel),
            ("Firmware Version", identity.FirmwareVersion),
            ("Firmware Date", identity.FirmwareDate.ToString("ddd yyyy-MM-dd", CultureInfo.InvariantCulture)),
            ("Firmware Age", Age(call.Now - identity.FirmwareDate)),
        };
        foreach (var (name, value) in rows)
            call.Line($"{name,16}: {value}");
    }

    // systemd's format_timespan with an accuracy of a day.
    private static string Age(TimeSpan age)
    {
        var seconds = (long)age.TotalSeconds;
        var parts = new List<string>();
        foreach (var (unit, length) in ((string, long)[])[("y", 31557600), ("month", 2629800), ("w", 604800), ("d", 86400)])
        {
            if (seconds >= length)
                parts.Add($"{seconds / length}{unit}");
            seconds %= length;
        }

        return parts.Count == 0 ? "0" : string.Join(' ', parts);
    }

    private static void PrintJson(ProgramCall call, bool pretty)
    {
        var (node, identity) = (call.Node, call.Node.Identity);
        var json = new JsonObject
        {
            ["Hostname"] = node.HostName,
            ["StaticHostname"] = node.HostName,
            ["PrettyHostname"] = null,
            ["DefaultHostname"] = "localhost",
            ["HostnameSource"] = "static",
            ["IconName"] = identity.IconName,
            ["Chassis"] = identity.Chassis,
            ["Deployment"] = null,
            ["Location"] = null,
            ["KernelName"] = "Linux",
            ["KernelRelease"] = node.Kernel.Release,
            ["KernelVersion"] = node.Kernel.Version,
            ["OperatingSystemPrettyName"] = identity.OperatingSystem,
            ["OperatingSystemCPEName"] = null,
            ["OperatingSystemHomeURL"] = identity.HomeUrl,
            ["OperatingSystemSupportEnd"] = null,
            ["HardwareVendor"] = identity.HardwareVendor,
            ["HardwareModel"] = identity.HardwareModel,
            ["HardwareSerial"] = null,
            ["FirmwareVersion"] = identity.FirmwareVersion,
            ["FirmwareVendor"] = identity.FirmwareVendor,
            ["FirmwareDate"] = identity.FirmwareDate.ToUnixTimeMilliseconds() * 1000,
            ["MachineID"] = identity.MachineId,
            ["BootID"] = identity.BootId,
            ["ProductUUID"] = null,
            ["VSockCID"] = null,
        };
        call.Line(pretty ? json.ToJsonString(new JsonSerializerOptions(Plain) { WriteIndented = true, IndentCharacter = '\t', IndentSize = 1 }) : json.ToJsonString(Plain));
    }
}

/// <summary><c>resolvectl</c> of systemd 255.</summary>
internal sealed class ResolvectlProgram() : ImmediateProgram("/usr/bin/resolvectl")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "no-pager json= j");
        var verb = options.Operands.Count == 0 ? "status" : options.Operands[0];
        switch (verb)
        {
            case "status":
                return Status(call, [.. options.Operands.Skip(1)]);
            case "dns" or "domain":
                call.Line("Global:");
                foreach (var dns in call.Node.Dns)
                    call.Line($"Link {call.Network.FindLink(dns.Interface)?.Index} ({dns.Interface}):{string.Concat((verb == "dns" ? dns.Servers : dns.Domains).Select(word => " " + word))}");
                return 0;
            case "query":
                return Query(call, [.. options.Operands.Skip(1)]);
            default:
                return call.Complain($"Unknown command verb '{verb}'.");
        }
    }

    private static int Status(ProgramCall call, string[] links)
    {
        foreach (var name in links.Where(name => call.Network.FindLink(name) is null))
            return call.Complain($"Failed to resolve interface \"{name}\": No such device");
        var first = true;
        if (links.Length == 0)
        {
            call.Print("Global\n         Protocols: -LLMNR -mDNS -DNSOverTLS DNSSEC=no/unsupported\n  resolv.conf mode: stub\n");
            first = false;
        }

        foreach (var link in call.Network.Links.Where(link => link.Kind != Network.LinkKind.Loopback && (links.Length == 0 || links.Contains(link.Name))))
        {
            var dns = call.Node.Dns.FirstOrDefault(one => one.Interface == link.Name) ?? new LinkDns(link.Name);
            var rows = new List<(string Name, string Value)>
            {
                ("Current Scopes", dns.Servers.Count > 0 ? "DNS" : "none"),
                ("Protocols", $"{(dns.DefaultRoute ? "+" : "-")}DefaultRoute -LLMNR -mDNS -DNSOverTLS DNSSEC=no/unsupported"),
            };
            if (dns.CurrentServer is { } current)
                rows.Add(("Current DNS Server", current));
            if (dns.Servers.Count > 0)
                rows.Add(("DNS Servers", string.Join(' ', dns.Servers)));
            if (dns.Domains.Count > 0)
                rows.Add(("DNS Domain", string.Join(' ', dns.Domains)));
            call.Line($"{(first ? "" : "\n")}Link {link.Index} ({link.Name})");
            first = false;
            var width = Math.Max(18, rows.Max(row => row.Name.Length));
            foreach (var (name, value) in rows)
                call.Line($"{name.PadLeft(width)}: {value}");
        }

        return 0;
    }

    private static int Query(ProgramCall call, string[] names)
    {
        var code = 0;
        foreach (var name in names)
        {
            var addresses = HostNames.Find(call.Node, name);
            if (addresses.Count == 0)
                code = call.Complain($"{name}: resolve call failed: '{name}' not found");
            for (var index = 0; index < addresses.Count; index++)
                call.Line(index == 0 ? $"{name}: {addresses[index]}" : new string(' ', name.Length + 2) + addresses[index]);
        }

        return code;
    }
}

/// <summary><c>lsmod</c>.</summary>
internal sealed class LsmodProgram() : ImmediateProgram("/usr/sbin/lsmod")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        call.Line("Module                  Size  Used by");
        foreach (var module in call.Node.Kernel.Modules.Loaded)
            call.Line($"{module.File.Name,-19} {module.File.Size,8}  {module.Uses}{(module.Holders.Count == 0 ? "" : " " + string.Join(',', module.Holders))}");
        return 0;
    }
}

/// <summary><c>modprobe</c>.</summary>
internal sealed class ModprobeProgram() : ImmediateProgram("/usr/sbin/modprobe")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "r|remove a|all v|verbose n|dry-run|show q|quiet first-time D|show-depends");
        if (options.Operands.Count == 0)
            return call.Complain("modprobe: ERROR: missing parameters. See -h.");
        var release = call.Node.Kernel.Release;
        var names = options.Has("a") || options.Has("r") ? options.Operands : [options.Operands[0]];
        var code = 0;
        foreach (var name in names)
        {
            if (KernelModules.Find(name) is null && !KernelModules.IsBuiltIn(name))
                code = options.Has("q") ? 1 : call.Complain($"modprobe: FATAL: Module {name} not found in directory /lib/modules/{release}");
            else
                code = Math.Max(code, options.Has("r") ? Unload(call, name) : Load(call, options, name));
        }

        return code;
    }

    private static int Load(ProgramCall call, Options options, string name)
    {
        if (options.Has("D"))
        {
            Depend(name);
            return 0;
        }

        if (options.Has("n") || call.Node.Kernel.Modules.IsLoaded(name) || KernelModules.IsBuiltIn(name))
            return 0;
        if (!call.User.IsRoot)
            return call.Complain($"modprobe: ERROR: could not insert '{name.Replace('-', '_')}': Operation not permitted");
        foreach (var file in call.Node.Kernel.Modules.Load(name))
        {
            if (options.Has("v"))
                call.Line(Insert(call, file));
        }

        return 0;

        void Depend(string module)
        {
            if (KernelModules.Find(module) is not { } file)
            {
                call.Line($"builtin {module}");
                return;
            }

            foreach (var used in file.DependsOn)
                Depend(used);
            call.Line(Insert(call, file));
        }
    }

    private static int Unload(ProgramCall call, string name)
    {
        if (KernelModules.IsBuiltIn(name))
            return call.Complain($"modprobe: FATAL: Module {name} is builtin.");
        if (!call.User.IsRoot && call.Node.Kernel.Modules.IsLoaded(name))
            return call.Complain($"modprobe: ERROR: could not remove '{name}': Operation not permitted");
        try
        {
            call.Node.Kernel.Modules.Unload(name);
        }
        catch (KernelException error) when (error.Errno == Errno.Busy)
        {
            return call.Complain($"modprobe: FATAL: Module {name.Replace('-', '_')} is in use.");
        }
        catch (KernelException)
        {
            // It was not loaded, which is what was asked for.
        }

        return 0;
    }

    private static string Insert(ProgramCall call, ModuleFile file) => $"insmod /lib/modules/{call.Node.Kernel.Release}/{file.Folder}/{file.Name}.ko.zst ";
}

/// <summary><c>date</c>, in UTC.</summary>
internal sealed class DateProgram() : ImmediateProgram("/usr/bin/date")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "u|utc|universal I iso-8601= R|rfc-email");
        var now = call.Now.ToUniversalTime();
        if (options.Operands.FirstOrDefault(operand => operand.StartsWith('+')) is { } format)
            call.Line(Format(now, format[1..]));
        else if (call.Arguments.Any(word => word.StartsWith("-I", StringComparison.Ordinal)) || options.Has("iso-8601"))
            call.Line(now.ToString("yyyy-MM-dd'T'HH:mm:ss+00:00", CultureInfo.InvariantCulture));
        else if (options.Has("R"))
            call.Line(now.ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture));
        else
            call.Line($"{now.ToString("ddd MMM ", CultureInfo.InvariantCulture)}{now.Day,2} {now.ToString("HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture)}");
        return 0;
    }

    private static string Format(DateTimeOffset now, string format)
    {
        var text = new System.Text.StringBuilder();
        for (var index = 0; index < format.Length; index++)
        {
            text.Append(format[index] != '%' || index + 1 == format.Length ? format[index].ToString() : format[++index] switch
            {
                's' => now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                'N' => (now.Ticks % TimeSpan.TicksPerSecond * 100).ToString("D9", CultureInfo.InvariantCulture),
                'F' => now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                'T' => now.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
                'Z' => "UTC",
                'z' => "+0000",
                'n' => "\n",
                '%' => "%",
                var letter => now.ToString(letter switch { 'Y' => "yyyy", 'm' => "MM", 'd' => "dd", 'H' => "HH", 'M' => "mm", 'S' => "ss", 'a' => "ddd", 'b' => "MMM", _ => "''" }, CultureInfo.InvariantCulture),
            });
        }

        return text.ToString();
    }
}

/// <summary><c>uptime</c>, <c>free</c> and <c>df</c>.</summary>
internal sealed class UsageProgram() : ImmediateProgram("/usr/bin/uptime", "/usr/bin/free", "/usr/bin/df")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call) => call.Name[(call.Name.LastIndexOf('/') + 1)..] switch
    {
        "uptime" => Uptime(call),
        "free" => Free(call),
        _ => DiskFree(call),
    };

    private static int Uptime(ProgramCall call)
    {
        var options = Options.Read(call, "p|pretty s|since");
        var up = call.Now - call.Node.BootedAt;
        if (options.Has("s"))
        {
            call.Line(call.Node.BootedAt.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
            return 0;
        }

        if (options.Has("p"))
        {
            var parts = new (int Count, string Unit)[] { (up.Days, "day"), (up.Hours, "hour"), (up.Minutes, "minute") }
                .Where(part => part.Count > 0).Select(part => $"{part.Count} {part.Unit}{(part.Count == 1 ? "" : "s")}").ToArray();
            call.Line("up " + (parts.Length == 0 ? "0 minutes" : string.Join(", ", parts)));
            return 0;
        }

        var days = up.Days > 0 ? $"{up.Days} day{(up.Days == 1 ? "" : "s")}, " : "";
        var hours = up.Hours > 0 ? $"{up.Hours,2}:{up.Minutes:00}" : $"{up.Minutes} min";
        call.Line($" {call.Now:HH:mm:ss} up {days}{hours},  1 user,  load average: 0.12, 0.09, 0.05");
        return 0;
    }

    private static int Free(ProgramCall call)
    {
        var options = Options.Read(call, "m|mebi k|kibi b|bytes h|human g|gibi");
        var total = (long)call.Node.Identity.Memory;
        long[] numbers = [total, total / 3, total / 6, 5_242_880, total - (total / 3) - (total / 6), total - (total / 3) - 5_242_880];
        var divisor = options.Has("b") ? 1 : options.Has("m") ? 1024 * 1024 : options.Has("g") ? 1024L * 1024 * 1024 : 1024;
        string Show(long bytes) => options.Has("h") ? Human(bytes) : (bytes / divisor).ToString(CultureInfo.InvariantCulture);
        call.Line("               total        used        free      shared  buff/cache   available");
        call.Line("Mem:    " + string.Concat(numbers.Select(number => Show(number).PadLeft(12))));
        call.Line("Swap:   " + string.Concat(new long[3].Select(number => Show(number).PadLeft(12))));
        return 0;
    }

    private static string Human(long bytes)
    {
        double value = bytes;
        foreach (var unit in (string[])["B", "Ki", "Mi"])
        {
            if (value < 1000)
                return (value < 10 && unit != "B" ? value.ToString("0.0", CultureInfo.InvariantCulture) : ((long)value).ToString(CultureInfo.InvariantCulture)) + unit;
            value /= 1024;
        }

        return (value < 10 ? value.ToString("0.0", CultureInfo.InvariantCulture) : ((long)value).ToString(CultureInfo.InvariantCulture)) + "Gi";
    }

    private static int DiskFree(ProgramCall call)
    {
        var options = Options.Read(call, "h|human-readable k m T|print-type a i");
        var mounts = new List<NodeMount>();
        var code = 0;
        foreach (var operand in options.Operands)
        {
            if (call.Node.Files.Find(call.PathOf(operand)) is null)
                code = call.Complain($"df: {operand}: No such file or directory");
            else
                mounts.Add(call.Node.Mounts.Of(call.Node.Files.Resolve(call.PathOf(operand))));
        }

        if (options.Operands.Count == 0)
            mounts.AddRange(call.Node.Mounts.All.Where(mount => mount.Size > 0));
        if (mounts.Count == 0)
            return code;
        var rows = new List<string[]> { (string[])["Filesystem", options.Has("h") ? "Size" : "1K-blocks", "Used", options.Has("h") ? "Avail" : "Available", "Use%", "Mounted on"] };
        foreach (var mount in mounts)
        {
            var used = mount.Target == "/" ? call.Node.Files.Used : mount.Used;
            var size = mount.Target == "/" ? call.Node.Files.Capacity : mount.Size;
            string Show(long bytes) => options.Has("h") ? SizeText.Human(bytes) : ((bytes + 1023) / 1024).ToString(CultureInfo.InvariantCulture);
            rows.Add([mount.Source, Show(size), Show(used), Show(size - used), $"{(size == 0 ? 0 : Math.Ceiling(used * 100.0 / size))}%", mount.Target]);
        }

        int[] widths = [.. Enumerable.Range(0, 6).Select(column => rows.Max(row => row[column].Length))];
        widths[0] = Math.Max(widths[0], 14);
        foreach (var row in rows)
            call.Line($"{row[0].PadRight(widths[0])} {string.Join(' ', Enumerable.Range(1, 4).Select(column => row[column].PadLeft(Math.Max(widths[column], options.Has("h") ? 5 : 0))))} {row[5]}");
        return code;
    }
}
