using CiliumLab.Engine.Host;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers.Vagrant;

/// <summary>Runs Vagrant in a lab's folder and keeps what it says in a log there.</summary>
/// <param name="host">The computer.</param>
/// <param name="lab">The lab's name.</param>
/// <param name="folder">The lab's folder, which has the Vagrantfile.</param>
internal sealed class VagrantProgram(LocalHost host, string lab, string folder)
{
    /// <summary>The log's name inside the lab's folder.</summary>
    public const string LogFile = "vagrant.log";

    // A machine that is being imported or provisioned takes a while to leave; killed, it would be half made.
    private static readonly TimeSpan CleanUpTime = TimeSpan.FromMinutes(1);

    private static Dictionary<string, string?> Variables => new()
    {
        ["LC_ALL"] = Locale(Environment.GetEnvironmentVariable),
        ["VAGRANT_CHECKPOINT_DISABLE"] = "1",
        // What a shell that works on another project of Vagrant's may have set.
        ["VAGRANT_CWD"] = null,
        ["VAGRANT_VAGRANTFILE"] = null,
        ["VAGRANT_DOTFILE_PATH"] = null,
        ["VAGRANT_LOG"] = null,
    };

    /// <summary>Runs a command of Vagrant's and returns what it printed, line by line.</summary>
    /// <param name="arguments">The command and its arguments.</param>
    /// <param name="step">Is told the step of each machine.</param>
    /// <param name="cancellationToken">Interrupts Vagrant.</param>
    /// <exception cref="LabException">See <see cref="VagrantErrors"/>.</exception>
    public async Task<IReadOnlyList<VagrantLine>> RunAsync(IReadOnlyList<string> arguments, LabStep? step, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(folder, VagrantFile.Name)))
            throw VagrantErrors.NoVagrantfile(lab, folder);
        var (program, version) = await VagrantVersion.FindAsync(host, cancellationToken).ConfigureAwait(false) ?? throw VagrantErrors.NotFound(host);
        if (version < VagrantVersion.Oldest)
            throw VagrantErrors.TooOld(host, program, version);

        var lines = new List<VagrantLine>();
        var progress = new VagrantProgress();
        var log = OpenLog();
        await using (log.ConfigureAwait(false))
        {
            await log.WriteLineAsync($"{DateTimeOffset.Now:u} vagrant {string.Join(' ', arguments)}").ConfigureAwait(false);
            var command = new LocalCommand(program, [.. arguments, "--machine-readable"])
            {
                Folder = folder,
                Environment = Variables,
                CleanUpTime = CleanUpTime,
                IsStopping = line => line.Contains("Waiting for cleanup before exiting", StringComparison.Ordinal),
            };
            var result = await LocalProgram.RunAsync(command, TakeAsync, cancellationToken).ConfigureAwait(false);
            await log.WriteAsync(result.Error).ConfigureAwait(false);
            if (result.ExitCode != 0)
                throw VagrantErrors.Failed(lab, arguments, result, lines, progress.Unfinished(), Path.Combine(folder, LogFile));
        }

        return lines;

        async Task TakeAsync(string text)
        {
            if (VagrantLine.Parse(text) is not { } line)
            {
                // A plugin's words, or Ruby's: nothing to act on, and what a report needs. ssh-config is also printed for people.
                if (arguments[0] != "ssh-config")
                    await log.WriteLineAsync(text).ConfigureAwait(false);
                return;
            }

            lines.Add(line);
            if (line.Said is var (_, said))
                await log.WriteLineAsync(said).ConfigureAwait(false);
            if (progress.Read(line) is { } at && step is not null)
                await step(at.Step, at.Node).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// LC_ALL for Vagrant. Without a UTF-8 locale (a service, cron, a bare container) Ruby on Linux takes names for ASCII, and Vagrant dies on the
    /// first folder whose name is not.
    /// </summary>
    /// <param name="variable">Looks an environment variable up.</param>
    /// <returns>The value; null for none.</returns>
    internal static string? Locale(Func<string, string?> variable)
    {
        var all = variable("LC_ALL");
        string?[] deciding = [all, variable("LC_CTYPE"), variable("LANG")];
        var codeset = deciding.FirstOrDefault(value => !string.IsNullOrEmpty(value))?.Replace("-", "", StringComparison.Ordinal) ?? "";
        return OperatingSystem.IsLinux() && !codeset.Contains("utf8", StringComparison.OrdinalIgnoreCase) ? "C.UTF-8" : all;
    }

    private StreamWriter OpenLog()
    {
        PrivateFile.MakeFolder(folder);
        return new StreamWriter(new FileStream(Path.Combine(folder, LogFile), FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    }
}
