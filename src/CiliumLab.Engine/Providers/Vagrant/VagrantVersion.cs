using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using CiliumLab.Engine.Host;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers.Vagrant;

/// <summary>Finds Vagrant on this computer and looks at its version.</summary>
internal static partial class VagrantVersion
{
    /// <summary>The oldest Vagrant that knows VirtualBox 7.</summary>
    public static readonly Version Oldest = new(2, 3, 2);

    private static readonly ConcurrentDictionary<string, Version> Known = new(StringComparer.Ordinal);

    /// <summary>The program's file and version; null when there is none.</summary>
    /// <exception cref="LabException"><c>VagrantNotUnderstood</c> when what it prints is no version.</exception>
    public static async Task<(string Program, Version Version)?> FindAsync(LocalHost host, CancellationToken cancellationToken)
    {
        if (host.Find("vagrant") is not { } program)
            return null;
        if (Known.TryGetValue(program, out var known))
            return (program, known);
        var result = await LocalHost.RunAsync(program, ["--version"], cancellationToken).ConfigureAwait(false);
        if (result.Output.Split('\n').Select(line => Line().Match(line.TrimEnd('\r'))).FirstOrDefault(match => match.Success) is not { } match)
        {
            var said = (result.Output + result.Error).Trim();
            throw new LabException(
                "VagrantNotUnderstood",
                LabErrorKind.InvalidData,
                $"'{program} --version' ended with exit code {result.ExitCode} and says no version: {(said.Length > 300 ? said[..300] + "..." : said)}",
                program,
                "Run it by hand, and install Vagrant again if it fails there too.");
        }

        var version = Version.Parse(match.Groups["version"].Value);
        // One that is too old is looked at again: the user is about to replace it.
        if (version >= Oldest)
            Known[program] = version;
        return (program, version);
    }

    // "Vagrant 2.4.7", and of a build between releases "Vagrant 2.4.10.dev"
    [GeneratedRegex(@"\AVagrant (?<version>\d+\.\d+\.\d+)")]
    private static partial Regex Line();
}
