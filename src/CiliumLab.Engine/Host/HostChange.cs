using CiliumLab.Model;

namespace CiliumLab.Engine.Host;

/// <summary>A change of this computer that needs its administrator.</summary>
public sealed class HostChange
{
    private readonly LocalHost _host;
    private readonly IReadOnlyList<LocalCommand> _commands;

    private HostChange(LocalHost host, string target, string action, params IReadOnlyList<LocalCommand> commands)
    {
        _host = host;
        Target = target;
        Action = action;
        _commands = commands;
    }

    /// <summary>What is changed.</summary>
    public string Target { get; }

    /// <summary>What is done to it.</summary>
    public string Action { get; }

    /// <summary>Makes the change.</summary>
    /// <exception cref="LabException"><c>HostNotChanged</c>.</exception>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        foreach (var command in _commands)
        {
            var run = _host.IsRoot ? command : command with { Program = _host.Find("sudo") ?? throw Failed("there is no sudo, and you are not root"), Arguments = [command.Program, .. command.Arguments] };
            var result = await LocalProgram.RunAsync(run, null, cancellationToken).ConfigureAwait(false);
            if (result.ExitCode != 0)
                throw Failed($"'{command.Program} {string.Join(' ', command.Arguments)}' ended with exit code {result.ExitCode}: {result.Error.Trim()}");
        }
    }

    /// <summary>Loads kernel modules.</summary>
    internal static HostChange LoadModules(LocalHost host, IReadOnlyList<string> modules) =>
        new(
            host,
            "the running kernel",
            $"Load {string.Join(", ", modules)}",
            new LocalCommand(host.Find("modprobe", "/usr/sbin", "/sbin") ?? "modprobe", ["--all", .. modules]));

    /// <summary>Replaces a file, whole or not at all, and keeps what was there beside it.</summary>
    internal static HostChange WriteFile(LocalHost host, string path, string action, string text)
    {
        var file = host.At(path);
        var temporary = file + ".ciliumlab-new";
        var commands = new List<LocalCommand> { new("mkdir", ["-p", System.IO.Path.GetDirectoryName(file)!]) };
        if (File.Exists(file))
            commands.Add(new LocalCommand("cp", ["-p", file, $"{file}.ciliumlab-{DateTime.Now:yyyyMMdd-HHmmss}"]));
        commands.Add(new LocalCommand("tee", [temporary]) { Input = text });
        commands.Add(new LocalCommand("chmod", ["644", temporary]));
        commands.Add(new LocalCommand("mv", [temporary, file]));
        return new HostChange(host, path, action, commands);
    }

    private LabException Failed(string reason) =>
        new("HostNotChanged", LabErrorKind.PermissionDenied, $"'{Action}' did not succeed for {Target}: {reason}.", Target, "Do it by hand, with the remedy that Test-LabHost shows.");
}
