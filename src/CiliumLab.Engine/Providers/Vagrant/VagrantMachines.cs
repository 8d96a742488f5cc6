using CiliumLab.Engine.Host;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers.Vagrant;

/// <summary>The machines of a lab, through Vagrant.</summary>
/// <param name="host">The computer that they run on.</param>
/// <param name="lab">The lab's name.</param>
/// <param name="folder">The lab's folder.</param>
internal sealed class VagrantMachines(LocalHost host, string lab, string folder)
{
    private readonly VagrantProgram _vagrant = new(host, lab, folder);

    /// <summary>What each machine does.</summary>
    public async Task<IReadOnlyList<VagrantMachine>> ReadAsync(CancellationToken cancellationToken)
    {
        var lines = await _vagrant.RunAsync(["status"], null, cancellationToken).ConfigureAwait(false);
        var machines = VagrantStatusText.Machines(lines).ToList();
        return machines.Count > 0 ? machines : throw NotUnderstood("status");
    }

    /// <summary>Brings machines up, side by side where Vagrant's provider can.</summary>
    /// <param name="names">The machines.</param>
    /// <param name="provision">Whether provisioning runs, also again; otherwise it does not.</param>
    /// <param name="step">Is told the step of each machine.</param>
    /// <param name="cancellationToken">Interrupts Vagrant; what was made stays.</param>
    public Task UpAsync(IReadOnlyList<string> names, bool provision, LabStep step, CancellationToken cancellationToken) =>
        RunAsync(["up", .. names, provision ? "--provision" : "--no-provision", "--no-destroy-on-error", "--no-install-provider"], step, cancellationToken);

    /// <summary>Runs a command of Vagrant's.</summary>
    public Task<IReadOnlyList<VagrantLine>> RunAsync(IReadOnlyList<string> arguments, LabStep step, CancellationToken cancellationToken) =>
        _vagrant.RunAsync(arguments, step, cancellationToken);

    /// <summary>The lab's description with where SSH leads to now.</summary>
    /// <param name="before">The description.</param>
    /// <param name="names">The machines that run.</param>
    /// <param name="cancellationToken">Interrupts Vagrant.</param>
    public async Task<LabDescription> ReachedAsync(LabDescription before, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var hosts = new Dictionary<string, VagrantSshHost>(StringComparer.Ordinal);
        var asked = names.ToList();
        var lines = await _vagrant.RunAsync(["ssh-config", .. asked], null, cancellationToken).ConfigureAwait(false);
        foreach (var line in lines.Where(line => line is { Type: "ssh-config", Data.Count: 1 }))
        {
            using var text = new StringReader(line.Data[0]);
            foreach (var found in VagrantSshConfigText.Parse(text, static _ => { }))
                hosts[found.Node] = found;
        }

        if (asked.Any(name => !hosts.ContainsKey(name)))
            throw NotUnderstood("ssh-config");
        return before with
        {
            Nodes =
            [
                .. before.Nodes.Select(node => hosts.TryGetValue(node.Node, out var host)
                    ? node with { Host = host.HostName, Port = host.Port, User = host.User ?? node.User, Key = host.KeyPath is [var key, ..] ? key : node.Key }
                    : node),
            ],
        };
    }

    private LabException NotUnderstood(string command) => VagrantErrors.NotUnderstood(lab, command, Path.Combine(folder, VagrantProgram.LogFile));
}
