using System.Globalization;
using CiliumLab.Simulator.Nodes.Services;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>systemctl</c> of systemd 255. It runs outside of the node's lock, because controllers act when a unit is restarted.</summary>
internal sealed class SystemctlProgram : INodeProgram
{
    private const int NotRunning = 3;
    private const int NotFound = 4;
    private const int NotLoaded = 5;

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["/usr/bin/systemctl"];

    /// <inheritdoc/>
    public async Task<int> RunAsync(ProgramCall call)
    {
        var code = Run(call);
        await call.Output.FlushAsync(call.CancellationToken).ConfigureAwait(false);
        return code;
    }

    private static int Run(ProgramCall call)
    {
        var options = Options.Read(call, "no-pager q|quiet n|lines= l|full p|property= value now type= state= a|all no-legend plain no-block");
        if (options.Operands.Count == 0)
            return call.Complain("systemctl: give a command, such as status or restart");
        var verb = options.Operands[0];
        string[] names = [.. options.Operands.Skip(1)];
        switch (verb)
        {
            case "daemon-reload" or "daemon-reexec":
                return call.User.IsRoot ? 0 : Denied(call, "Failed to reload daemon");
            case "is-active" or "is-enabled" or "is-failed":
                return Ask(call, options, verb, names);
            case "status":
                return names.Select(name => Status(call, name)).DefaultIfEmpty(0).Max();
            case "show":
                return Show(call, options, names);
            case "start" or "stop" or "restart" or "try-restart" or "reload" or "reload-or-restart" or "enable" or "disable":
                if (names.Length == 0)
                    return call.Complain("Too few arguments.");
                return names.Select(name => Change(call, verb, name)).Max();
            default:
                return call.Complain($"Unknown command verb '{verb}'.");
        }
    }

    private static int Ask(ProgramCall call, Options options, string verb, string[] names)
    {
        if (names.Length == 0)
            return call.Complain("Too few arguments.");
        var code = 0;
        foreach (var name in names)
        {
            var unit = call.Node.Services.Find(name);
            var (text, failure) = verb switch
            {
                "is-active" => (State(unit), unit is { IsActive: true } ? 0 : unit is null ? NotFound : NotRunning),
                "is-failed" => (State(unit), unit is { HasFailed: true } ? 0 : 1),
                _ => (unit is null ? "not-found" : unit.IsEnabled ? "enabled" : "disabled", unit is { IsEnabled: true } ? 0 : unit is null ? NotFound : 1),
            };
            if (!options.Has("q"))
                call.Line(text);
            code = Math.Max(code, failure);
        }

        return code;
    }

    private static string State(NodeService? unit) => unit is null ? "inactive" : unit.IsActive ? "active" : unit.HasFailed ? "failed" : "inactive";

    private static int Change(ProgramCall call, string verb, string name)
    {
        var full = name.Contains('.', StringComparison.Ordinal) ? name : name + ".service";
        if (call.Node.Services.Find(name) is not { } unit)
        {
            return verb is "enable" or "disable"
                ? call.Complain($"Failed to {verb} unit: Unit file {full} does not exist.")
                : call.Complain($"Failed to {verb} {full}: Unit {full} not found.", NotLoaded);
        }

        if (!call.User.IsRoot)
            return Denied(call, $"Failed to {verb} {full}", $"\nSee system logs and 'systemctl status {full}' for details.");
        var services = call.Node.Services;
        try
        {
            switch (verb)
            {
                case "start":
                    services.Start(unit);
                    break;
                case "stop":
                    services.Stop(unit);
                    break;
                case "enable" or "disable":
                    services.SetEnabled(unit, verb == "enable");
                    break;
                case "try-restart" when !unit.IsActive:
                    break;
                case "reload":
                    return call.Complain($"Failed to reload {full}: Job type reload is not applicable for unit {full}.");
                default:
                    services.Restart(unit);
                    break;
            }

            return 0;
        }
        catch (KernelException)
        {
            return call.Complain($"Job for {full} failed because the control process exited with error code.\nSee \"systemctl status {full}\" and \"journalctl -xeu {full}\" for details.");
        }
    }

    private static int Denied(ProgramCall call, string what, string advice = "") => call.Complain($"{what}: Interactive authentication required.{advice}");

    private static int Status(ProgramCall call, string name)
    {
        var full = name.Contains('.', StringComparison.Ordinal) ? name : name + ".service";
        if (call.Node.Services.Find(name) is not { } unit)
            return call.Complain($"Unit {full} could not be found.", NotFound);
        var bullet = call.IsUtf8 ? unit.IsActive ? "●" : unit.HasFailed ? "×" : "○" : unit.IsActive ? "*" : unit.HasFailed ? "x" : "o";
        call.Line($"{bullet} {full} - {unit.Description}");
        call.Line($"     Loaded: loaded ({unit.UnitFile}; {(unit.IsEnabled ? "enabled" : "disabled")}; preset: enabled)");
        var (branch, trunk) = call.IsUtf8 ? ("└─", "") : ("`-", "");
        if (unit.DropIns.Count > 0)
            call.Line($"    Drop-In: {unit.DropIns[0][..unit.DropIns[0].LastIndexOf('/')]}\n             {branch}{string.Join(", ", unit.DropIns.Select(file => file[(file.LastIndexOf('/') + 1)..]))}{trunk}");
        var since = $"since {unit.Since.ToString("ddd yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)}; {HumanTime.Ago(call.Now - unit.Since)} ago";
        call.Line($"     Active: {(unit.IsActive ? "active (running)" : unit.HasFailed ? "failed (Result: exit-code)" : "inactive (dead)")} {since}");
        if (unit.Documentation is { } documentation)
            call.Line($"       Docs: {documentation}");
        if (!unit.IsActive)
            return NotRunning;
        call.Line($"   Main PID: {unit.ProcessId} ({unit.Name[..Math.Min(15, unit.Name.Length)]})");
        call.Line($"     Memory: {unit.Memory / 1048576.0:0.0}M");
        call.Line($"     CGroup: /system.slice/{full}");
        call.Line($"             {branch}{unit.ProcessId} {unit.Command}");
        return 0;
    }

    private static int Show(ProgramCall call, Options options, string[] names)
    {
        foreach (var name in names)
        {
            var unit = call.Node.Services.Find(name);
            var properties = new (string Name, string Value)[]
            {
                ("MainPID", (unit?.ProcessId ?? 0).ToString(CultureInfo.InvariantCulture)),
                ("NRestarts", (unit?.RestartCount ?? 0).ToString(CultureInfo.InvariantCulture)),
                ("Id", name.Contains('.', StringComparison.Ordinal) ? name : name + ".service"),
                ("Description", unit?.Description ?? name),
                ("LoadState", unit is null ? "not-found" : "loaded"),
                ("ActiveState", State(unit)),
                ("SubState", unit is { IsActive: true } ? "running" : unit is { HasFailed: true } ? "failed" : "dead"),
                ("FragmentPath", unit?.UnitFile ?? ""),
                ("UnitFileState", unit is null ? "" : unit.IsEnabled ? "enabled" : "disabled"),
                ("ActiveEnterTimestamp", unit is { IsActive: true } ? unit.Since.ToString("ddd yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture) : ""),
            };
            var asked = options.Value("p")?.Split(',');
            foreach (var (key, value) in properties.Where(property => asked is null || asked.Contains(property.Name)))
                call.Line(options.Has("value") ? value : $"{key}={value}");
        }

        return 0;
    }
}

/// <summary><c>journalctl</c> of one unit.</summary>
internal sealed class JournalctlProgram() : ImmediateProgram("/usr/bin/journalctl")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "u|unit= n|lines= o|output= no-pager q|quiet x|catalog e|pager-end");
        if (options.Value("u") is not { } name)
            return call.Complain("journalctl: a simulated node has journals of units only; give --unit");
        var lines = call.Node.Services.Find(name)?.Journal ?? [];
        if (options.Value("n") is { } count && int.TryParse(count, CultureInfo.InvariantCulture, out var most))
            lines = [.. lines.TakeLast(most)];
        if (lines.Count == 0 && !options.Has("q"))
            call.Line("-- No entries --");
        foreach (var (time, text) in lines)
        {
            call.Line(options.Value("o") == "cat"
                ? text
                : $"{time.ToString("MMM dd HH:mm:ss", CultureInfo.InvariantCulture)} {call.Node.HostName} {name}[{call.Node.Services.Find(name)!.ProcessId}]: {text}");
        }

        return 0;
    }
}

/// <summary>Durations for people.</summary>
internal static class HumanTime
{
    /// <summary>As systemd says how long ago something was.</summary>
    public static string Ago(TimeSpan age)
    {
        if (age.TotalSeconds < 1)
            return $"{(int)age.TotalMilliseconds}ms";
        if (age.TotalMinutes < 1)
            return $"{(int)age.TotalSeconds}s";
        if (age.TotalHours < 1)
            return age.TotalMinutes < 10 && age.Seconds > 0 ? $"{age.Minutes}min {age.Seconds}s" : $"{(int)age.TotalMinutes}min";
        if (age.TotalDays < 1)
            return age.Minutes > 0 ? $"{age.Hours}h {age.Minutes}min" : $"{age.Hours}h";
        return (int)age.TotalDays == 1 ? $"1 day {age.Hours}h" : $"{(int)age.TotalDays} days";
    }

    /// <summary>As go-units' HumanDuration says it.</summary>
    public static string Duration(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "Less than a second",
        { TotalSeconds: < 2 } => "1 second",
        { TotalSeconds: < 60 } => $"{(int)age.TotalSeconds} seconds",
        { TotalMinutes: < 2 } => "About a minute",
        { TotalMinutes: < 60 } => $"{(int)age.TotalMinutes} minutes",
        { TotalHours: < 1.5 } => "About an hour",
        { TotalHours: < 48 } => $"{(int)(age.TotalHours + 0.5)} hours",
        { TotalDays: < 14 } => $"{(int)age.TotalDays} days",
        { TotalDays: < 60 } => $"{(int)(age.TotalDays / 7)} weeks",
        { TotalDays: < 730 } => $"{(int)(age.TotalDays / 30)} months",
        _ => $"{(int)(age.TotalDays / 365)} years",
    };
}
