using System.Globalization;
using System.Net.Sockets;
using CiliumLab.Simulator.Nodes.Files;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary>Programs of one line: <c>echo true false pwd whoami id arch which printenv</c>.</summary>
internal sealed class SmallProgram() : ImmediateProgram(
    "/usr/bin/echo", "/usr/bin/true", "/usr/bin/false", "/usr/bin/pwd", "/usr/bin/whoami", "/usr/bin/id", "/usr/bin/arch", "/usr/bin/which", "/usr/bin/printenv", "/usr/bin/systemd-detect-virt")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        switch (call.Name[(call.Name.LastIndexOf('/') + 1)..])
        {
            case "echo":
                Echo(call);
                return 0;
            case "true":
                return 0;
            case "false":
                return 1;
            case "pwd":
                call.Line(call.Folder);
                return 0;
            case "whoami":
                if (call.Arguments.Count > 0)
                    throw Options.Usage(call, $"extra operand '{call.Arguments[0]}'");
                call.Line(call.User.Name);
                return 0;
            case "arch":
                call.Line(call.Node.Kernel.Machine);
                return 0;
            case "systemd-detect-virt":
                call.Line(call.Node.Identity.Virtualization);
                return call.Node.Identity.Virtualization == "none" ? 1 : 0;
            case "printenv":
                foreach (var (name, value) in call.Environment.Where(variable => call.Arguments.Count == 0 || call.Arguments.Contains(variable.Key)))
                    call.Line(call.Arguments.Count == 0 ? $"{name}={value}" : value);
                return call.Arguments.Count == 0 || call.Arguments.All(name => call.Variable(name) is not null) ? 0 : 1;
            case "which":
                var code = 0;
                foreach (var name in call.Arguments)
                {
                    if (call.Node.Programs.Which(name, call.User) is { } path)
                        call.Line(path);
                    else
                        code = 1;
                }

                return call.Arguments.Count == 0 ? 1 : code;
            default:
                return Id(call);
        }
    }

    private static void Echo(ProgramCall call)
    {
        var words = call.Arguments.ToList();
        var (newline, escapes) = (true, false);
        while (words.Count > 0 && words[0].Length > 1 && words[0][0] == '-' && words[0].Skip(1).All(letter => "neE".Contains(letter)))
        {
            newline &= !words[0].Contains('n', StringComparison.Ordinal);
            escapes |= words[0].Contains('e', StringComparison.Ordinal);
            words.RemoveAt(0);
        }

        var text = string.Join(' ', words);
        if (escapes)
            text = text.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
        call.Print(newline ? text + "\n" : text);
    }

    private static int Id(ProgramCall call)
    {
        var options = Options.Read(call, "u|user g|group n|name G|groups");
        var user = call.User;
        if (options.Operands.Count > 0 && NodeUser.Find(options.Operands[0]) is { } found)
            user = found;
        else if (options.Operands.Count > 0)
            return call.Complain($"id: '{options.Operands[0]}': no such user");
        if (options.Has("u") || options.Has("g") || options.Has("G"))
            call.Line(options.Has("n") ? user.Name : user.Id.ToString(CultureInfo.InvariantCulture));
        else
            call.Line($"uid={user.Id}({user.Name}) gid={user.Id}({user.Name}) groups={user.Id}({user.Name}){(user.IsRoot ? "" : ",27(sudo)")}");
        return 0;
    }
}

/// <summary><c>env</c>: prints its environment, or runs a program in a changed one.</summary>
internal sealed class EnvProgram : INodeProgram
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["/usr/bin/env"];

    /// <inheritdoc/>
    public async Task<int> RunAsync(ProgramCall call)
    {
        var environment = call.Environment.ToList();
        var words = call.Arguments.ToList();
        while (words.Count > 0 && words[0].IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
        {
            environment.RemoveAll(variable => variable.Key == words[0][..at]);
            environment.Add(new(words[0][..at], words[0][(at + 1)..]));
            words.RemoveAt(0);
        }

        if (words.Count == 0)
        {
            foreach (var (name, value) in environment)
                call.Line($"{name}={value}");
            await call.Output.FlushAsync(call.CancellationToken).ConfigureAwait(false);
            return 0;
        }

        if (call.Node.Programs.Which(words[0], call.User) is null)
            return call.Complain($"env: '{words[0]}': No such file or directory", 127);
        return await call.Node.Programs.RunAsync(call with { Name = words[0], Arguments = [.. words.Skip(1)], Environment = environment }).ConfigureAwait(false);
    }
}

/// <summary><c>sleep</c>, by the node's clock.</summary>
internal sealed class SleepProgram : INodeProgram
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["/usr/bin/sleep"];

    /// <inheritdoc/>
    public async Task<int> RunAsync(ProgramCall call)
    {
        if (call.Arguments.Count == 0)
            throw Options.Usage(call, "missing operand");
        var total = TimeSpan.Zero;
        foreach (var word in call.Arguments)
            total += Interval(word) ?? throw Options.Usage(call, $"invalid time interval '{word}'");

        await Task.Delay(total, call.Node.Clock, call.CancellationToken).ConfigureAwait(false);
        return 0;
    }

    /// <summary>A time as the coreutils read it: <c>1.5</c>, <c>2m</c>; null when it is none.</summary>
    public static TimeSpan? Interval(string word)
    {
        var unit = word.Length > 0 && "smhd".Contains(word[^1]) ? word[^1] : ' ';
        return double.TryParse(unit == ' ' ? word : word[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? TimeSpan.FromSeconds(number * unit switch { 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 1 })
            : null;
    }
}

/// <summary><c>timeout</c>: ends a program when its time is over.</summary>
internal sealed class TimeoutProgram : INodeProgram
{
    private const int TimedOut = 124;
    private const int Failed = 125;

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["/usr/bin/timeout"];

    /// <inheritdoc/>
    public async Task<int> RunAsync(ProgramCall call)
    {
        var options = Options.Read(call, "s|signal= k|kill-after= preserve-status foreground v|verbose", Failed, stopAtOperand: true);
        if (options.Operands.Count < 2)
            throw Options.Usage(call, "missing operand", Failed);
        if (SleepProgram.Interval(options.Operands[0]) is not { } time)
            throw Options.Usage(call, $"invalid time interval '{options.Operands[0]}'", Failed);
        using var over = new CancellationTokenSource(time == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : time, call.Node.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(over.Token, call.CancellationToken);
        try
        {
            var code = await call.Node.Programs.RunAsync(call with { Name = options.Operands[1], Arguments = [.. options.Operands.Skip(2)], CancellationToken = both.Token }).ConfigureAwait(false);
            return over.IsCancellationRequested && !options.Has("preserve-status") ? TimedOut : code;
        }
        catch (OperationCanceledException) when (!call.CancellationToken.IsCancellationRequested)
        {
            return TimedOut;
        }
    }
}

/// <summary><c>uname</c>.</summary>
internal sealed class UnameProgram() : ImmediateProgram("/usr/bin/uname")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "a|all s|kernel-name n|nodename r|kernel-release v|kernel-version m|machine p|processor i|hardware-platform o|operating-system");
        if (options.Operands.Count > 0)
            throw Options.Usage(call, $"extra operand '{options.Operands[0]}'");
        var kernel = call.Node.Kernel;
        var all = options.Has("a");
        string[] parts =
        [
            .. new (string Key, string Text)[]
            {
                ("s", "Linux"), ("n", call.Node.HostName), ("r", kernel.Release), ("v", kernel.Version), ("m", kernel.Machine), ("p", kernel.Machine), ("i", kernel.Machine), ("o", "GNU/Linux"),
            }.Where(part => all || options.Has(part.Key)).Select(part => part.Text),
        ];
        call.Line(parts.Length == 0 ? "Linux" : string.Join(' ', parts));
        return 0;
    }
}

/// <summary><c>hostname</c>.</summary>
internal sealed class HostnameProgram() : ImmediateProgram("/usr/bin/hostname")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "I|all-ip-addresses i|ip-address f|fqdn|long s|short d|domain", exitCode: 255);
        if (options.Operands.Count > 0)
        {
            if (!call.User.IsRoot)
                return call.Complain("hostname: you must be root to change the host name");
            call.Node.HostName = options.Operands[0];
            return 0;
        }

        if (options.Has("I"))
        {
            var addresses = call.Network.AllAddresses().Where(pair => pair.Address.Scope == NetworkScope.Global).Select(pair => pair.Address);
            call.Line(string.Concat(addresses.OrderBy(address => address.Family == AddressFamily.InterNetworkV6).Select(address => address.Address + " ")));
            return 0;
        }

        if (options.Has("i"))
        {
            call.Line(string.Join(' ', HostNames.Find(call.Node, call.Node.HostName)));
            return 0;
        }

        call.Line(options.Has("d") ? "" : call.Node.HostName);
        return 0;
    }
}

/// <summary><c>sysctl</c>.</summary>
internal sealed class SysctlProgram() : ImmediateProgram("/usr/sbin/sysctl")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "a|all n|values w|write e|ignore q|quiet p|load system");
        var sysctls = call.Node.Kernel.Sysctls;
        if (options.Has("a"))
        {
            foreach (var (name, value) in sysctls.All)
                call.Line(options.Has("n") ? value : $"{name} = {value}");
            return 0;
        }

        var code = 0;
        foreach (var operand in options.Operands)
        {
            var parts = operand.Split('=', 2);
            var name = parts[0].Trim();
            var key = name.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash && (name.IndexOf('.', StringComparison.Ordinal) is var dot && (dot < 0 || slash < dot))
                ? string.Create(name.Length, name, static (span, from) =>
                {
                    for (var index = 0; index < from.Length; index++)
                        span[index] = from[index] switch { '/' => '.', '.' => '/', var letter => letter };
                })
                : name;
            if (sysctls.Find(key) is not { } value)
            {
                if (!options.Has("e"))
                    code = call.Complain($"sysctl: cannot stat /proc/sys/{name.Replace('.', '/')}: No such file or directory");
                continue;
            }

            if (parts.Length > 1)
            {
                if (!call.User.IsRoot)
                {
                    code = call.Complain($"sysctl: permission denied on key \"{name}\"");
                    continue;
                }

                sysctls.Set(key, value = parts[1].Trim());
            }

            if (!options.Has("q"))
                call.Line(options.Has("n") ? value : $"{name} = {value}");
        }

        return code;
    }
}

/// <summary>Names of hosts, as a node resolves them: /etc/hosts, and its own name.</summary>
internal static class HostNames
{
    /// <summary>The first name of an address; null when it has none.</summary>
    public static string? NameOf(SimulatedNode node, System.Net.IPAddress address) => node.Files.Find("/etc/hosts") is RegularFile file
        ? System.Text.Encoding.UTF8.GetString(file.Content).Split('\n')
            .Select(static line => line.Split('#')[0].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(words => words.Length > 1 && IpPrefix.TryParseAddress(words[0], out var one) && one.Equals(address))?[1]
        : null;

    /// <summary>The addresses of a name; none when it is not known.</summary>
    public static IReadOnlyList<System.Net.IPAddress> Find(SimulatedNode node, string name)
    {
        if (node.Files.Find("/etc/hosts") is not RegularFile file)
            return [];
        var found = new List<System.Net.IPAddress>();
        foreach (var line in System.Text.Encoding.UTF8.GetString(file.Content).Split('\n'))
        {
            var words = line.Split('#')[0].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1 && words.Skip(1).Contains(name, StringComparer.OrdinalIgnoreCase) && IpPrefix.TryParseAddress(words[0], out var address))
                found.Add(address);
        }

        return found;
    }
}
